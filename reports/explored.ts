import type { RunResult, RunVerdict } from '../sim/trace/run.ts';
import { bounded } from '../sim/trace/told.ts';
import type { Told } from './told.ts';

/** What the seeds of one scenario or file came to. Plain data. */
export interface Explored {
  /** The scenario's name, or the file as it was given. */
  readonly name: string;
  /** Where it is defined: absolute. */
  readonly file: string;
  /** As they were asked for: `1..500`, or one seed. */
  readonly seeds: string;
  readonly runs: number;
  readonly verdict: RunVerdict;
  /** Why it is vacuous, or what else is to be said of it. */
  readonly reason: string | undefined;
  /** Names of `sometimes` and `reachable` that never held. */
  readonly neverSeen: readonly string[];
  /** In sentences: how much the runs covered, and how likely another shows something new. */
  readonly covered?: readonly string[];
  /** Names of `sometimes` and `reachable`, with the number of runs in which they held. */
  readonly sometimes?: readonly (readonly [name: string, runs: number])[];
  /** Runs that did not pass, by seed. */
  readonly failures: readonly FailedRun[];
  readonly steps: number;
  readonly virtualMs: number;
  /** Real time. */
  readonly wallMs: number;
  readonly digest: string;
}

export interface FailedRun {
  readonly result: RunResult;
  /** What to type to see it again. */
  readonly replay: string;
  /** What happened in it, where that was asked for. */
  readonly told?: Told;
}

/** Failures of one signature: one bug. Those without a signature are one for each reason. */
export interface Bug {
  readonly title: string;
  readonly message: string;
  /** By seed. */
  readonly runs: readonly [FailedRun, ...FailedRun[]];
}

/** In the order of their lowest seeds. */
export function bugsOf({ failures }: Pick<Explored, 'failures'>): Bug[] {
  const bySignature = new Map<string, [FailedRun, ...FailedRun[]]>();
  for (const failed of failures) {
    const { failure, verdict, reason } = failed.result;
    const signature = failure?.signature ?? `${verdict}: ${reason ?? ''}`;
    const same = bySignature.get(signature);
    if (same === undefined) bySignature.set(signature, [failed]);
    else same.push(failed);
  }
  return [...bySignature.values()].map((runs) => {
    const { failure, verdict, reason } = runs[0].result;
    return {
      title: failure?.property ?? verdict,
      message: bounded(failure?.message ?? reason ?? 'no reason is known'),
      runs,
    };
  });
}
