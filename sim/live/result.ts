import type { RunVerdict } from '../trace/run.ts';
import type { Violation } from '../trace/violation.ts';

/** What was wrong. `atNs` is nanoseconds since the run began. */
export type LiveFailure = Omit<Violation, 'step'> & { readonly signature: string };

/** What came of one node. */
export interface LiveNodeResult {
  readonly name: string;
  readonly role: string;
  readonly starts: number;
  readonly kills: number;
  /**
   * - `finished`: its program returned, or exited with code 0
   * - `stopped`: it ended when asked to, at the end of the run
   * - `forced`: it was asked, and had to be killed
   * - `dropped`: the run was over, and it was killed at once
   */
  readonly end: 'finished' | 'stopped' | 'forced' | 'dropped';
}

/** Operations of the history. */
export interface OperationCounts {
  readonly completed: number;
  /** They certainly had no effect. */
  readonly failed: number;
  /** Nobody knows whether they had, among them those that a kill cut short. */
  readonly unknown: number;
}

/** What is kept of one live run. Plain data. */
export interface LiveResult {
  readonly scenario: string;
  /** Of kills and of what programs drew. */
  readonly seed: string;
  /** Never `diverged`: nothing is repeated. */
  readonly verdict: RunVerdict;
  readonly failure: LiveFailure | undefined;
  /** Why it is inconclusive or vacuous. */
  readonly reason: string | undefined;
  readonly operations: OperationCounts;
  /** The check looked at the history. */
  readonly readsHistory: boolean;
  /** `sometimes` and `reachable` that were passed, with whether they held. */
  readonly sometimes: readonly (readonly [name: string, held: boolean])[];
  readonly kills: number;
  readonly restarts: number;
  /** From the first process's start to the last one's end. */
  readonly wallMs: number;
  /** It was told to stop before its time. */
  readonly interrupted: boolean;
  readonly nodes: readonly LiveNodeResult[];
  /** Where disks, journals and output are; undefined when they were removed. */
  readonly directory: string | undefined;
}
