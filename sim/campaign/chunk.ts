/** The unit of work of a campaign: some seeds in a row, run in one process. */
import { comparisonOf } from '../explore/double-run.ts';
import { runEach, Stopped } from '../explore/runner.ts';
import type { RunSpec, StrategyName, Subject } from '../explore/subject.ts';
import { addRun, emptyTally, type Tally } from '../explore/tally.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import { now } from '../sched/real-clock.ts';

/** How every run of a campaign is made. Plain data. */
export interface RunSettings {
  readonly strategy: StrategyName;
  /** In place of the subject's own. */
  readonly faults?: FaultPreset | undefined;
  /** Goes on after failures. */
  readonly keepGoing: boolean;
  /** Real ms after which one step counts as a hang. */
  readonly hangMs: number;
}

export interface Chunk {
  readonly from: number;
  readonly to: number;
}

/** What came of a chunk: seeds beyond `to` were not run. */
export interface ChunkRun {
  readonly tally: Tally;
  readonly to: number;
}

/** Real ms after which the rest of a chunk is given back: its seeds were slower than those before. */
const LONG_MS = 2_000;

/** Runs the seeds in order; without `keepGoing` the first that does not pass is the last. */
export async function runChunk(
  subject: Subject,
  { from, to }: Chunk,
  settings: RunSettings,
): Promise<ChunkRun> {
  const { keepGoing, hangMs } = settings;
  const tally = emptyTally();
  const until = now() + LONG_MS;
  for await (const run of runEach(subject, specs(from, to, settings), { hangMs })) {
    addRun(tally, run);
    if (run.result.verdict !== 'passed' && !keepGoing) break;
    if (now() > until) return { tally, to: Number(run.result.seed) };
  }
  return { tally, to };
}

/** As many of the seeds as are over when `stopped` says so. */
export async function runBriefly(
  subject: Subject,
  { from, to }: Chunk,
  settings: RunSettings,
  stopped: () => boolean,
): Promise<ChunkRun> {
  const { keepGoing, hangMs } = settings;
  const tally = emptyTally();
  let last = from - 1;
  try {
    for await (const run of runEach(subject, specs(from, to, settings), { hangMs, stopped })) {
      addRun(tally, run);
      last = Number(run.result.seed);
      if (run.result.verdict !== 'passed' && !keepGoing) return { tally, to };
    }
  } catch (error) {
    // While a run was made a second time, to be compared.
    if (!(error instanceof Stopped)) throw error;
  }
  return { tally, to: last };
}

function* specs(from: number, to: number, settings: RunSettings): Generator<RunSpec> {
  const { strategy, faults } = settings;
  for (let seed = from; seed <= to; seed++) {
    yield { strategy, faults, seed: String(seed), compared: comparisonOf(seed) };
  }
}
