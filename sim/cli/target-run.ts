/** What one target of `groundhog run` came to, for all who tell it. */
import type { Explored } from '../campaign/explore.ts';
import type { Target } from '../campaign/targets.ts';
import type { Kept } from '../tell/kept.ts';
import { replayOf } from '../tell/replay-command.ts';
import type { RunResult, RunVerdict } from '../trace/run.ts';
import type { Came } from './campaign.ts';
import { campaignCovered, seedsCovered } from './covered.ts';
import type { Evidence } from './evidence.ts';
import type { HowOptions } from './how.ts';

/** What one target came to. */
export interface TargetRun {
  readonly target: Target;
  readonly seeds: string;
  readonly explored: Explored;
  readonly verdict: RunVerdict;
  /** Why it is vacuous, or what else is to be said of it. */
  readonly reason: string | undefined;
  /** Of a campaign. */
  readonly came?: Came;
}

/** What is kept of a target's failures. */
export interface Left {
  readonly evidence: Evidence | undefined;
  /** Of those after the first. */
  readonly more: ReadonlyMap<RunResult, Kept>;
}

/** What to type to see a failure again. */
export function replayOfFailure(
  { target, explored, came }: TargetRun,
  failure: number,
  how: HowOptions,
): string {
  if (came !== undefined) return came.replays[failure]!;
  return replayOf(target.ref, explored.tally.failures[failure]!, how);
}

/** Sentences; none of seeds that failed, which end a run early. */
export function coveredBy(
  { explored: { tally }, came }: TargetRun,
  { strategy }: HowOptions,
): readonly string[] {
  if (came !== undefined) return campaignCovered(tally, came);
  const says = tally.failures.length === 0 && tally.runs > 1;
  return says ? [seedsCovered(tally, strategy)] : [];
}
