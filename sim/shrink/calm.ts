/** Magnitudes and moments nearer to the calmest. */
import { BRANCH, type DecisionRecord } from '../trace/record.ts';
import type { Reduction } from './reduction.ts';

interface Lowered {
  readonly entry: number;
  readonly name: string;
  readonly outcome: number;
}

export class Calming {
  private readonly left: Reduction;
  /** By decision: the largest outcome that was tried and was too low. */
  private readonly tooLow = new Map<string, number>();

  constructor(left: Reduction) {
    this.left = left;
  }

  /** Halves each distance to what is known to be too low, until none can be halved. */
  async calm(): Promise<void> {
    const { left } = this;
    for (let open = this.lowered(); open.length > 0 && left.inBudget; open = this.lowered()) {
      const { record } = left;
      const hit = await left.firstOf(eachIn(record, open));
      for (const { name, outcome } of hit < 0 ? open : open.slice(0, hit)) {
        this.tooLow.set(name, outcome);
      }
      if (hit >= 0) this.noteFloor(open[hit]!, record);
    }
  }

  /** What came out no lower than it was cannot be lower there. */
  private noteFloor({ name, entry }: Lowered, before: DecisionRecord): void {
    const { record } = this.left;
    for (let now = 0; now < record.count; now++) {
      const outcome = record.outcome(now);
      if (record.nameOf(now) === name && outcome >= before.outcome(entry)) {
        this.tooLow.set(name, outcome);
      }
    }
  }

  /** Outcomes halfway to what is known to be too low; the last decision first. */
  private lowered(): Lowered[] {
    const { record } = this.left;
    const lowered: Lowered[] = [];
    for (let entry = record.count - 1; entry >= 0; entry--) {
      const name = record.nameOf(entry);
      const outcome = record.outcome(entry);
      const known = this.tooLow.get(name) ?? 0;
      // With less around it, it may have come below what was too low before.
      const least = known > outcome ? 0 : known;
      if (record.kind(entry) === BRANCH || outcome - least <= finest(outcome)) continue;
      lowered.push({ entry, name, outcome: Math.floor((outcome + least) / 2) });
    }
    return lowered;
  }
}

/** The record with one of its outcomes lowered, one after another: long ones are not all kept at once. */
function* eachIn(record: DecisionRecord, open: readonly Lowered[]): Generator<DecisionRecord> {
  for (const { entry: lowered, outcome } of open) {
    yield record.mapped((entry) => (entry === lowered ? outcome : record.outcome(entry)));
  }
}

/** A difference that is not worth another run. */
function finest(outcome: number): number {
  return Math.max(1, outcome / 64);
}
