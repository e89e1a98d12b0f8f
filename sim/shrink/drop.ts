/** Decisions that are left out: in groups first, then one by one. */
import { type DecisionRecord, type SpanKind, STEP } from '../trace/record.ts';
import type { Reduction } from './reduction.ts';

/** `chunks`: many at a time first; `single`: one at a time. */
export type Grain = 'chunks' | 'single';

export async function dropAll(left: Reduction): Promise<void> {
  await descend(left, { from: 0, by: 1, without: () => () => true });
}

/**
 * Whole operations, faults or knobs: what they do, not when they begin. So what is left happens at
 * the moments it did, which a race often depends on; the moments go later, if they can.
 */
export async function dropSpans(left: Reduction, kind: SpanKind): Promise<void> {
  const doneIn = (record: DecisionRecord, entry: number): number | undefined => {
    const span = record.span(entry);
    return record.spans[span]!.kind === kind && record.kind(entry) !== STEP ? span : undefined;
  };
  await dropGroups(left, doneIn, 'chunks');
}

/** All entries of one group at a time, in chunks first many groups, then single ones. */
export async function dropGroups(
  left: Reduction,
  groupOf: (record: DecisionRecord, entry: number) => number | undefined,
  grain: Grain,
): Promise<void> {
  let groups = groupsOf(left.record, groupOf);
  const coarsest = grain === 'chunks' ? groups.length : Math.min(1, groups.length);
  for (let by = coarsest; by >= 1; by = Math.floor(by / 2)) {
    const chunkAt = (at: number): Set<number> => new Set(groups.slice(Math.max(0, at), at + by));
    await descend(left, {
      from: groups.length - by,
      by,
      without: (at) => {
        const dropped = chunkAt(at);
        return (entry) => {
          const group = groupOf(left.record, entry);
          return group !== undefined && dropped.has(group);
        };
      },
      taken: (at) => {
        const dropped = chunkAt(at);
        groups = groups.filter((group) => !dropped.has(group));
      },
    });
  }
}

function groupsOf(
  record: DecisionRecord,
  groupOf: (record: DecisionRecord, entry: number) => number | undefined,
): number[] {
  const groups = new Set<number>();
  for (let entry = 0; entry < record.count; entry++) {
    const group = groupOf(record, entry);
    if (group !== undefined) groups.add(group);
  }
  return [...groups];
}

/** Runs of entries in the order they were taken, from the end, ever shorter. */
export async function dropEntries(left: Reduction, grain: Grain): Promise<void> {
  let by = grain === 'chunks' ? Math.max(1, Math.floor(left.size / 2)) : 1;
  while (left.inBudget) {
    const before = left.size;
    const without = (at: number) => (entry: number) => entry >= at && entry < at + by;
    await descend(left, { from: left.size - by, by, without });
    if (by === 1 && left.size === before) return;
    by = Math.max(1, Math.floor(by / 2));
  }
}

interface Descent {
  readonly from: number;
  readonly by: number;
  /** Which entries of the present record go at a place. */
  readonly without: (at: number) => (entry: number) => boolean;
  readonly taken?: (at: number) => void;
}

/**
 * Tries to leave entries out, at one place after the other, downwards; where that makes it smaller, goes
 * on below.
 */
async function descend(left: Reduction, { from, by, without, taken }: Descent): Promise<void> {
  for (let at = from; at > -by && left.inBudget; ) {
    const places: number[] = [];
    const hit = await left.firstOf(
      (function* (): Generator<DecisionRecord> {
        for (let below = at; below > -by; below -= by) {
          const dropped = without(below);
          const record = left.record.filtered((entry) => !dropped(entry));
          if (record.count === left.size) continue;
          places.push(below);
          yield record;
        }
      })(),
    );
    if (hit < 0) return;
    taken?.(places[hit]!);
    at = Math.min(places[hit]!, left.size) - by;
  }
}
