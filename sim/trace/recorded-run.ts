import type { FullRecord } from './full-record.ts';
import type { DecisionRecord } from './record.ts';
import type { RunResult } from './run.ts';
import type { RecordedPlan, RecordedSubject } from './story.gen.ts';

/**
 * Decisions with the names that their numbers stand for: a process numbers sites as it meets them,
 * so files hold names. Both tables go by the numbers that `record` uses and name all of them.
 */
export interface NamedDecisions {
  readonly record: DecisionRecord;
  readonly sites: readonly string[];
  /** A node, a link as `from>to`, a thread. */
  readonly actors: readonly string[];
}

/** All that is needed to replay a run, and to report it. */
export interface RecordedRun {
  /** Version of the package that made it. */
  readonly groundhog: string;
  readonly subject: RecordedSubject;
  /** The preset of faults. */
  readonly faults: string;
  readonly plan: RecordedPlan;
  /** With the seed, the strategy and the digest. */
  readonly result: RunResult;
  /** The digest after each chunk of steps, low lane first; empty when it was not kept. */
  readonly chunks: Int32Array;
  readonly decisions: NamedDecisions;
  /** Of a run that was recorded in full. */
  readonly full?: FullRecord;
}

/** A run or a story with names in place of numbers: what two that were numbered otherwise share. */
export function comparable({
  decisions,
  full,
  ...rest
}: {
  readonly decisions: NamedDecisions;
  readonly full?: FullRecord;
}): object {
  const { record, sites, actors } = decisions;
  const entries = Array.from({ length: record.count }, (_, entry) => [
    record.kind(entry),
    sites[record.site(entry)],
    record.lo(entry),
    record.hi(entry),
    record.ordinal(entry),
    record.span(entry),
    actors[record.actor(entry)],
    record.outcome(entry),
  ]);
  const steps = full && { full: { steps: [...full.steps], events: full.events } };
  return { ...rest, spans: record.spans, entries, ...steps };
}
