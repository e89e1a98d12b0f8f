/** `run --record full`: failing runs are made once more, and kept with their steps and events. */
import type { Target } from '../campaign/targets.ts';
import { Replay } from '../choice/replay.ts';
import { runInFull } from '../explore/full-recorder.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { type Kept, keepRun } from '../tell/kept.ts';
import type { RunResult } from '../trace/run.ts';
import { type HowOptions, hangMsOf } from './how.ts';

/** What is kept of failing runs. */
export type Recording = 'decisions' | 'full';

/** Of seeds that were violated: each one's file, in their order. */
export async function keepSeedsInFull(
  target: Target,
  failures: readonly RunResult[],
  how: HowOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<RunResult, Kept>> {
  const kept = new Map<RunResult, Kept>();
  const { strategy, faults } = how;
  const options = { hangMs: hangMsOf(how) };
  for (const result of failures) {
    if (signal.aborted) break;
    if (result.verdict !== 'violated') continue;
    const spec = { seed: result.seed, strategy, faults };
    const run = await runInFull(target.subject, spec, options);
    kept.set(result, keptAsBefore(target, how, { before: result, run }));
  }
  return kept;
}

/** The run of a campaign, of which the record is what makes it again. */
export async function keepRecordInFull(
  target: Target,
  how: HowOptions,
  { spec, result, record }: FinishedRun,
): Promise<Kept> {
  const { seed, strategy, faults, plan } = spec;
  const again = { seed, strategy, faults, plan, replay: new Replay(record!) };
  const run = await runInFull(target.subject, again, { hangMs: hangMsOf(how) });
  return keptAsBefore(target, how, { before: result, run });
}

function keptAsBefore(
  target: Target,
  how: HowOptions,
  { before, run }: { readonly before: RunResult; readonly run: FinishedRun },
): Kept {
  if (run.result.digest === before.digest) return keepRun(target, how, run);
  return { is: 'lost', why: `seed ${before.seed} was not the same when it was made again` };
}

/** Lines about those of more than one failing run that have files. */
export function keptInFull(kept: readonly Kept[]): readonly string[] {
  const files = kept.filter(({ is }) => is === 'kept').length;
  const lines = files === 0 ? [] : [`  and ${files} more beside it`];
  const lost = kept.flatMap((one) => (one.is === 'lost' ? [one.why] : []));
  return [...lines, ...new Set(lost.map((why) => `  not recorded: ${why}`))];
}
