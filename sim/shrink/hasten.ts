/** Decisions moved to where they come earlier. */
import type { DecisionRecord } from '../trace/record.ts';
import { earlier } from './earlier.ts';
import { candidateName, type Reduction } from './reduction.ts';

/** Of longer records, single decisions are not moved. */
const HASTENED_MAX = 24;

export class Hastening {
  private readonly left: Reduction;
  /** What was left when decisions were moved, by name: coming back to it is no change. */
  private readonly been = new Set<string>();

  constructor(left: Reduction) {
    this.left = left;
  }

  /**
   * Moves single decisions to earlier places, as long as it fails so: the workload that came before
   * can then go.
   */
  async hasten(): Promise<void> {
    const { left, been } = this;
    if (left.size > HASTENED_MAX) return;
    let whole: DecisionRecord | undefined;
    for (let entry = 0; entry < left.size && left.inBudget; ) {
      whole ??= await left.whole();
      if (whole === undefined) return;
      const { plan, record, changes } = left;
      been.add(candidateName(plan, record));
      const hit = await left.firstOf(earlier(record, entry, whole));
      if (hit >= 0) whole = undefined;
      // A moment out of its window comes out as it was.
      const isNew = !been.has(candidateName(left.plan, left.record));
      if (!isNew) left.changes = changes;
      if (hit <= 0 || !isNew) entry++;
    }
  }
}
