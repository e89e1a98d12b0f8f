/** One attempt of a shrinker: fewer decisions, the run that they make, and whether it still fails so. */
import { Replay } from '../choice/replay.ts';
import { type FinishedRun, runOne, Stopped } from '../explore/runner.ts';
import type { Plan, RunSpec, Subject } from '../explore/subject.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';

/** What all attempts have in common. */
export interface Setting {
  readonly spec: Omit<RunSpec, 'record' | 'replay' | 'plan' | 'onEvent' | 'watcher'>;
  /** Of the failure that is to stay. */
  readonly signature: string;
}

export interface Candidate {
  readonly plan: Plan;
  readonly record: DecisionRecord;
  /** By number, as `record` names them. */
  readonly actors: readonly string[];
}

/**
 * - `same`: it fails in the same way, with these decisions: those that it needed, if they make such a
 *   failure too, otherwise the candidate's
 * - `other`: it fails in another way
 * - `no`: it does not fail
 * - `stopped`: time was over before it ended
 */
export type Tried =
  | {
      readonly is: 'same';
      readonly record: DecisionRecord;
      readonly actors: readonly string[];
      readonly result: RunResult;
      /** Of the candidate's own run. */
      readonly digest: string;
    }
  | { readonly is: 'other'; readonly run: FinishedRun }
  | { readonly is: 'no' | 'stopped' };

/** Other processes that make attempts. */
export interface Helpers {
  /** How many they make at once. */
  readonly count: number;
  /** `forMs`: real ms after which it is stopped. */
  attempt(setting: Setting, candidate: Candidate, forMs: number): Promise<Tried>;
}

/**
 * An entry that changes no moment may still say which of two steps at one moment goes first, so what
 * a run needed is run once more by itself.
 */
export async function attempt(
  subject: Subject,
  setting: Setting,
  { plan, record }: Candidate,
  stopped: () => boolean,
): Promise<Tried> {
  const { spec, signature } = setting;
  try {
    const replay = new Replay(record);
    const run = await runOne(subject, { ...spec, plan, replay }, { stopped });
    const { failure } = run.result;
    if (failure === undefined) return { is: 'no' };
    if (failure.signature !== signature) return { is: 'other', run };
    const decided = run.record!;
    const needed = decided.filtered((entry) => replay.needed(decided, entry));
    const bare = await runOne(subject, { ...spec, plan, replay: new Replay(needed) }, { stopped });
    const { digest } = run.result;
    return bare.result.failure?.signature === signature
      ? { is: 'same', record: needed, actors: run.actors, result: bare.result, digest }
      : {
          is: 'same',
          record: met(record, decided),
          actors: run.actors,
          result: run.result,
          digest,
        };
  } catch (error) {
    if (error instanceof Stopped) return { is: 'stopped' };
    throw error;
  }
}

/** Those entries that the run has asked for, as it took them: with outcomes that were possible there. */
function met(record: DecisionRecord, decided: DecisionRecord): DecisionRecord {
  const wanted = new Set<string>();
  for (let entry = 0; entry < record.count; entry++) wanted.add(record.nameOf(entry));
  return decided.filtered((entry) => wanted.has(decided.nameOf(entry)));
}
