/** The unit of work of a campaign: some seeds in a row, run in one process. */
import { comparisonOf } from '../explore/double-run.ts';
import { runEach } from '../explore/runner.ts';
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

/**
 * Runs the seeds in order; without `keepGoing` the first that does not pass is the last. The rest is given back
 * after {@link LONG_MS}, or, where the caller says when to stop, in the middle of the run that is under way then.
 */
export async function runChunk(
  subject: Subject,
  { from, to }: Chunk,
  settings: RunSettings,
  stopped?: (so: Tally) => boolean,
): Promise<ChunkRun> {
  const { keepGoing, hangMs } = settings;
  const tally = emptyTally();
  const until = stopped === undefined ? now() + LONG_MS : Infinity;
  const options = { hangMs, ...(stopped && { stopped: () => stopped(tally) }) };
  let last = from - 1;
  for await (const run of runEach(subject, specs(from, to, settings), options)) {
    addRun(tally, run);
    if (run.result.verdict !== 'passed' && !keepGoing) return { tally, to };
    last = Number(run.result.seed);
    if (now() > until) break;
  }
  return { tally, to: last };
}

function* specs(from: number, to: number, settings: RunSettings): Generator<RunSpec> {
  const { strategy, faults } = settings;
  for (let seed = from; seed <= to; seed++) {
    yield { strategy, faults, seed: String(seed), compared: comparisonOf(seed) };
  }
}
