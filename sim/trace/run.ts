import type { Violation } from './violation.ts';

/**
 * - `passed`
 * - `violated`: a property, a checker, an uncaught error, a deadlock
 * - `diverged`: two runs of one seed differed
 * - `inconclusive`: a budget ran out, or the code never yielded
 * - `vacuous`: nothing was decided or nothing completed, so nothing was tested (over seeds only)
 */
export type RunVerdict = 'passed' | 'violated' | 'diverged' | 'inconclusive' | 'vacuous';

/** A violation with what tells it from other bugs. */
export interface Failure extends Violation {
  readonly signature: string;
}

/** What is kept of one run. Plain data. */
export interface RunResult {
  readonly seed: string;
  readonly strategy: string;
  readonly verdict: RunVerdict;
  readonly failure: Failure | undefined;
  /** Why it is inconclusive. */
  readonly reason: string | undefined;
  /** 16 hexadecimal digits over everything observable. */
  readonly digest: string;
  readonly steps: number;
  readonly virtualMs: number;
  /** Decisions that had more than one outcome. */
  readonly decisions: number;
  /** Operations of the history that came back. */
  readonly operations: number;
  /** The check looked at the history. */
  readonly readsHistory: boolean;
  /** `sometimes` and `reachable` met in this run, with whether they held. */
  readonly sometimes: readonly (readonly [name: string, held: boolean])[];
}

/** The result of a run of which nothing was seen. */
export function unseenResult(
  run: Pick<RunResult, 'seed' | 'strategy' | 'verdict' | 'reason'>,
): RunResult {
  return {
    ...run,
    failure: undefined,
    digest: '0'.repeat(16),
    steps: 0,
    virtualMs: 0,
    decisions: 0,
    operations: 0,
    readsHistory: false,
    sometimes: [],
  };
}
