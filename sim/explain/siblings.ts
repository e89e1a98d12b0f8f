/** The runs between a failing and a passing one: as few other decisions as flip the verdict. */
import { keyOf } from '../choice/overheard.ts';
import { BRANCH } from '../trace/record.ts';
import { differences, type Entry, entriesOf, overlaid } from './entries.ts';
import type { Reruns } from './reruns.ts';

/** Decisions that fail, and one that makes them pass. */
export interface Neighbours {
  /** All decisions of the failing run. */
  readonly base: readonly Entry[];
  /** The one that flips the verdict, as the passing run has it. */
  readonly decision: Entry;
  /** All that the passing run decides otherwise than the story; `decision` is the last. */
  readonly differing: readonly Entry[];
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
  for (const [at, decision] of answers.entries()) {
    const entries = overlaid(base, [decision]);
    const { outcome } = await reruns.of(entries);
    if (outcome === 'passed') {
      const nearest = await narrowed(reruns, base, decision);
      return { ...nearest, differing: [...answers.slice(0, at), nearest.decision] };
    }
    if (outcome !== 'same') return undefined;
    base = entries;
  }
  return undefined;
}

/** Brings the two outcomes of the decision together, by halves. */
async function narrowed(
  reruns: Reruns,
  failing: readonly Entry[],
  passing: Entry,
): Promise<Pick<Neighbours, 'base' | 'decision'>> {
  let base = failing;
  let decision = passing;
  const key = keyOf(passing);
  const { record } = await reruns.of(base);
  let fails = entriesOf(record).find((entry) => keyOf(entry) === key)?.outcome;
  if (fails === undefined || passing.kind === BRANCH) return { base, decision };
  while (Math.abs(decision.outcome - fails) > 1) {
    const middle = Math.floor((decision.outcome + fails) / 2);
    const tried = { ...decision, outcome: middle };
    const entries = overlaid(failing, [tried]);
    const { outcome } = await reruns.of(entries);
    if (outcome === 'passed') {
      decision = tried;
    } else if (outcome === 'same') {
      base = entries;
      fails = middle;
    } else {
      break;
    }
  }
  return { base, decision };
}
