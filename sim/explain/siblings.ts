/** The runs between a failing and a passing one: as few other decisions as flip the verdict. */
import { BRANCH, STEP } from '../trace/record.ts';
import { differences, type Entry, entriesOf, keyOf, overlaid } from './entries.ts';
import type { Rerun, Reruns } from './reruns.ts';

/** Two runs that differ in one decision, of which the first fails and the second passes. */
export interface Neighbours {
  readonly failing: Rerun;
  readonly passing: Rerun;
  /** What the failing run is made from. */
  readonly base: readonly Entry[];
  /** All that the passing run decides otherwise than the story; the last one is `decision`. */
  readonly differing: readonly Entry[];
  /** The one that flips the verdict, as the passing run has it. */
  readonly decision: Entry;
  /** Its outcome in the failing run; undefined when that does not come to it. */
  readonly failingOutcome: number | undefined;
  /** The two outcomes lie next to each other: nothing in between is left to try. */
  readonly adjacent: boolean;
}

/**
 * The fewest of `passing`'s other answers that make `failing` pass: none of them can be left out.
 * Undefined when even all of them do not, or when `runsMax` runs were not enough to begin with.
 */
export async function fewest(
  reruns: Reruns,
  failing: readonly Entry[],
  passing: readonly Entry[],
  runsMax: number,
): Promise<readonly Entry[] | undefined> {
  const until = reruns.count + runsMax;
  const passes = async (answers: readonly Entry[]): Promise<boolean> =>
    (await reruns.of(overlaid(failing, answers))).outcome === 'passed';
  let left: readonly Entry[] = differences(failing, passing);
  if (left.length === 0 || !(await passes(left))) return undefined;
  for (let chunk = Math.ceil(left.length / 2); ; chunk = Math.ceil(chunk / 2)) {
    const before = left.length;
    for (let at = 0; at < left.length && left.length > 1; ) {
      if (reruns.count >= until) return left;
      const rest = [...left.slice(0, at), ...left.slice(at + chunk)];
      if (rest.length > 0 && (await passes(rest))) left = rest;
      else at += chunk;
    }
    if (chunk === 1 && left.length === before) return left;
  }
}

/** The two runs around the verdict's flip when these answers are given one after the other. */
export async function neighbours(
  reruns: Reruns,
  failing: readonly Entry[],
  answers: readonly Entry[],
): Promise<Neighbours | undefined> {
  let base = failing;
  let fails = await reruns.of(base);
  for (const [at, decision] of answers.entries()) {
    const entries = overlaid(base, [decision]);
    const run = await reruns.of(entries);
    if (run.outcome === 'same') {
      base = entries;
      fails = run;
    } else if (run.outcome === 'passed') {
      const differing = answers.slice(0, at + 1);
      return narrowed(reruns, { failing: fails, passing: run, base, differing, decision });
    } else {
      return undefined;
    }
  }
  return undefined;
}

/** Brings the two outcomes of the decision together, by halves. */
async function narrowed(
  reruns: Reruns,
  found: Omit<Neighbours, 'failingOutcome' | 'adjacent'>,
): Promise<Neighbours> {
  let { failing, passing, base, decision } = found;
  const key = keyOf(decision);
  const asked = entriesOf(failing.record).find((entry) => keyOf(entry) === key);
  let fails = asked?.outcome;
  if (fails === undefined || decision.kind === BRANCH) {
    return { ...found, failingOutcome: fails, adjacent: decision.kind === BRANCH };
  }
  while (Math.abs(decision.outcome - fails) > 1) {
    const middle = Math.floor((decision.outcome + fails) / 2);
    const tried = { ...decision, outcome: middle };
    const entries = overlaid(found.base, [tried]);
    const run = await reruns.of(entries);
    if (run.outcome === 'passed') {
      passing = run;
      decision = tried;
    } else if (run.outcome === 'same') {
      failing = run;
      base = entries;
      fails = middle;
    } else {
      break;
    }
  }
  const differing = [...found.differing.slice(0, -1), decision];
  const adjacent = Math.abs(decision.outcome - fails) <= 1;
  return { failing, passing, base, differing, decision, failingOutcome: fails, adjacent };
}

/** Whether halving can bring two outcomes of it together. */
export function isMagnitude({ kind }: Entry): boolean {
  return kind !== BRANCH;
}

export function isStep({ kind }: Entry): boolean {
  return kind === STEP;
}
