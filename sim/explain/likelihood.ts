/**
 * How likely a run is to fail once its first n steps are given: runs with that beginning and fresh
 * draws from there on. Where the likelihood jumps, the failure was made.
 */
import { stepKey } from '../choice/overheard.ts';
import { Prefix } from '../choice/prefix.ts';
import { RandomWalk } from '../choice/random.ts';
import { keysOf } from '../choice/seed.ts';
import { type DecisionRecord, STEP } from '../trace/record.ts';
import { isCarrier } from './pair.ts';
import { OutOfBounds, type Rerun, type Reruns } from './reruns.ts';
import type { SeenStep } from './watch.ts';

export interface Chance {
  /** The last step that is given, by its number in the failing run; 0 for none. */
  readonly step: number;
  readonly failed: number;
  readonly runs: number;
}

export interface Likelihood {
  /** By the number of steps. */
  readonly chances: readonly Chance[];
  /** The step up to which the failure is open and after which it is likely; undefined without a jump. */
  readonly jump:
    | { readonly step: SeenStep; readonly before: Chance; readonly after: Chance }
    | undefined;
  /** A run that passed, with the longest beginning of the failing one. */
  readonly sibling: Rerun | undefined;
}

const PARTS = 8;
const RUNS_FIRST = 12;
const RUNS_MORE = 20;
/** A jump is at least this much. */
const JUMP_LEAST = 0.35;

/** A chance, with the number of places between steps up to its own. */
type Placed = Chance & { readonly steps: number };

interface Cut {
  readonly step: SeenStep;
  readonly entries: number;
}

export async function likelihoodOf(
  reruns: Reruns,
  failing: { readonly record: DecisionRecord; readonly steps: readonly SeenStep[] },
  runsMax: number,
): Promise<Likelihood> {
  const measuring = new Measuring(reruns, failing, reruns.count + runsMax);
  try {
    await measuring.overall();
    await measuring.closeIn();
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
  }
  return measuring.likelihood();
}

class Measuring {
  private readonly reruns: Reruns;
  private readonly record: DecisionRecord;
  private readonly cuts: readonly Cut[];
  private readonly untilCount: number;
  private readonly chances = new Map<number, Placed>();
  private sibling: { readonly steps: number; readonly run: Rerun } | undefined;

  constructor(
    reruns: Reruns,
    { record, steps }: { readonly record: DecisionRecord; readonly steps: readonly SeenStep[] },
    untilCount: number,
  ) {
    this.reruns = reruns;
    this.record = record;
    this.cuts = cutsOf(record, steps);
    this.untilCount = untilCount;
  }

  async overall(): Promise<void> {
    const all = this.cuts.length;
    const places = Array.from({ length: PARTS + 1 }, (_, part) => Math.round((part * all) / PARTS));
    for (const steps of new Set(places)) await this.measure(steps, RUNS_FIRST);
  }

  /** Halves the largest jump until it is between two steps. */
  async closeIn(): Promise<void> {
    for (;;) {
      const jump = this.largestJump();
      if (jump === undefined || jump.after.steps - jump.before.steps <= 1) return;
      if (this.reruns.count + RUNS_MORE > this.untilCount) return;
      await this.measure((jump.before.steps + jump.after.steps) >> 1, RUNS_MORE);
    }
  }

  likelihood(): Likelihood {
    const jump = this.largestJump();
    const bare = ({ step, failed, runs }: Chance): Chance => ({ step, failed, runs });
    return {
      chances: this.ordered().map(bare),
      jump: jump && {
        step: this.cuts[jump.after.steps - 1]!.step,
        before: bare(jump.before),
        after: bare(jump.after),
      },
      sibling: this.sibling?.run,
    };
  }

  private async measure(steps: number, runs: number): Promise<void> {
    let failed = 0;
    for (let number = 1; number <= runs; number++) {
      const run = await this.reruns.under(this.from(steps, number));
      if (run.outcome === 'same') failed++;
      if (run.outcome === 'passed' && steps >= (this.sibling?.steps ?? 0)) {
        this.sibling = { steps, run };
      }
      const step = this.cuts[steps - 1]?.step.number ?? 0;
      this.chances.set(steps, { steps, step, failed, runs: number });
    }
  }

  private from(steps: number, number: number): Prefix {
    const cut = this.cuts[steps - 1];
    const keys = keysOf(`${this.reruns.seed}/after ${steps}/${number}`);
    return new Prefix({
      record: this.record,
      entries: cut?.entries ?? 0,
      cutNs: cut?.step.atNs ?? 0,
      fresh: new RandomWalk(keys),
    });
  }

  private ordered(): Placed[] {
    return [...this.chances.values()].sort((a, b) => a.steps - b.steps);
  }

  private largestJump(): { before: Placed; after: Placed } | undefined {
    const chances = this.ordered();
    let largest: { before: Placed; after: Placed } | undefined;
    let most = JUMP_LEAST;
    for (const [i, after] of chances.entries()) {
      const before = chances[i - 1];
      if (before === undefined) continue;
      const rise = after.failed / after.runs - before.failed / before.runs;
      if (rise < most) continue;
      most = rise;
      largest = { before, after };
    }
    return largest;
  }
}

/** The places between two steps: how much of the record was decided by then. */
function cutsOf(record: DecisionRecord, steps: readonly SeenStep[]): Cut[] {
  const places = new Map<string, number>();
  for (let entry = 0; entry < record.count; entry++) {
    if (record.kind(entry) === STEP) {
      places.set(stepKey(record.lo(entry), record.hi(entry)), entry);
    }
  }
  const cuts: Cut[] = [];
  let last: SeenStep | undefined;
  for (const step of steps) {
    const entry = places.get(step.key);
    if (entry === undefined) {
      // Part of a turn, which tells nothing of itself.
      if (last !== undefined && isCarrier(last)) last = step;
    } else {
      if (last !== undefined) cuts.push({ step: last, entries: entry });
      last = step;
    }
  }
  if (last !== undefined) cuts.push({ step: last, entries: record.count });
  return cuts;
}
