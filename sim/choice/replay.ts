import { BRANCH, type DecisionRecord, STEP, VALUE } from '../trace/record.ts';
import { GOLDEN, scramble } from './mix.ts';
import type { Spread } from './shape.ts';
import type { Site } from './site.ts';
import type { Asker, Candidates, Strategy, Weights } from './strategy.ts';

/** After every recorded step of the same moment. */
const PRIORITY_UNKNOWN = 2 ** 31 - 1;

/** Entries of a record whose step ran or whose question was asked again, of all. */
export interface Fit {
  readonly used: number;
  readonly total: number;
}

/**
 * Replays a record, exactly when nothing has changed, and as far as it fits otherwise: a decision is
 * looked up by who makes it, not by when. What the record does not know takes the calmest outcome:
 * the earliest moment, the oldest step, outcome 0, the smallest value. So dropping entries from a
 * record calms just those decisions, which is all that a shrinker has to do.
 */
export class Replay implements Strategy {
  readonly name = 'replay';
  readonly scheduling: 'placed' | 'picked';
  private readonly record: DecisionRecord;
  private readonly index: DecisionIndex;
  /** By entry: 0 not met, 1 met and the calmest answer anyway, 2 needed. */
  private readonly used: Uint8Array;
  /** Made when first needed. */
  private steps: Map<number, number[]> | undefined;

  /** `scheduling` is `picked` for threads, which have no moments. */
  constructor(record: DecisionRecord, scheduling: 'placed' | 'picked' = 'placed') {
    this.record = record;
    this.scheduling = scheduling;
    this.index = new DecisionIndex(record);
    this.used = new Uint8Array(record.count);
  }

  /** How much of the record the run has met so far. */
  fit(): Fit {
    const used = this.used.reduce((sum, use) => sum + (use === 0 ? 0 : 1), 0);
    return { used, total: this.used.length };
  }

  /** Whether this decision of the replayed run had an entry without which it would be another. */
  needed(run: DecisionRecord, entry: number): boolean {
    const kind = run.kind(entry);
    const known = this.index.find(
      kind,
      run.site(entry),
      run.lo(entry),
      run.hi(entry),
      run.ordinal(entry),
    );
    return known >= 0 && this.used[known] === 2;
  }

  /** Whether the record says when this step runs. */
  knowsStep(lo: number, hi: number): boolean {
    return this.index.find(STEP, 0, lo, hi, 0) >= 0;
  }

  /** Whether it has what the step decided here. */
  knows(site: Site, { lo, hi, ordinal }: Asker): boolean {
    const { index } = site;
    return (
      this.index.find(BRANCH, index, lo, hi, ordinal) >= 0 ||
      this.index.find(VALUE, index, lo, hi, ordinal) >= 0
    );
  }

  momentNs(lo: number, hi: number, fromNs: number, toNs: number): number {
    return this.answer(STEP, 0, lo, hi, 0, fromNs, toNs);
  }

  priority(lo: number, hi: number): number {
    const entry = this.entryOf(lo, hi);
    // Steps with a single moment are met here only.
    if (entry < PRIORITY_UNKNOWN && this.used[entry] === 0) this.used[entry] = 1;
    return entry;
  }

  pick(candidates: Candidates): number {
    let best = candidates.calmest;
    let bestRank = this.rank(candidates, best);
    for (let row = 0; row < candidates.count; row++) {
      const rank = this.rank(candidates, row);
      if (rank < bestRank) {
        best = row;
        bestRank = rank;
      }
    }
    if (bestRank < PRIORITY_UNKNOWN && Number.isInteger(bestRank)) {
      this.used[bestRank] = candidates.count === 1 ? 1 : 2;
    }
    return best;
  }

  branch(site: Site, asker: Asker, weights: Weights): number {
    const { lo, hi, ordinal } = asker;
    return this.answer(BRANCH, site.index, lo, hi, ordinal, 0, weights.of.length - 1);
  }

  value(site: Site, asker: Asker, min: number, max: number, _spread: Spread): number {
    const { lo, hi, ordinal } = asker;
    return this.answer(VALUE, site.index, lo, hi, ordinal, min, max);
  }

  /** The entry of a step, which is its rank too: in the order recorded. */
  private entryOf(lo: number, hi: number): number {
    const entry = this.index.find(STEP, 0, lo, hi, 0);
    return entry < 0 ? PRIORITY_UNKNOWN : entry;
  }

  /**
   * The entry of the candidate's step. One that the record does not know runs just before the next
   * of its actor's that it does know, since that one may have to wait for it.
   */
  private rank(candidates: Candidates, row: number): number {
    const known = this.entryOf(candidates.lo[row]!, candidates.hi[row]!);
    if (known < PRIORITY_UNKNOWN) return known;
    const left = this.stepsOf(candidates.actor[row]!);
    while (left.length > 0 && this.used[left.at(-1)!] !== 0) left.pop();
    const next = left.at(-1);
    return next === undefined || this.waits(candidates, next) ? PRIORITY_UNKNOWN : next - 0.5;
  }

  /** Whether the entry's step is itself a candidate. */
  private waits({ count, lo, hi }: Candidates, entry: number): boolean {
    for (let row = 0; row < count; row++) {
      if (lo[row] === this.record.lo(entry) && hi[row] === this.record.hi(entry)) return true;
    }
    return false;
  }

  /** Entries of an actor's steps, the first one last. */
  private stepsOf(actor: number): number[] {
    if (this.steps === undefined) {
      this.steps = new Map();
      for (let entry = this.record.count - 1; entry >= 0; entry--) {
        if (this.record.kind(entry) !== STEP) continue;
        const of = this.record.actor(entry);
        const list = this.steps.get(of);
        if (list === undefined) this.steps.set(of, [entry]);
        else list.push(entry);
      }
    }
    return this.steps.get(actor) ?? [];
  }

  private answer(
    kind: number,
    site: number,
    lo: number,
    hi: number,
    ordinal: number,
    min: number,
    max: number,
  ): number {
    const entry = this.index.find(kind, site, lo, hi, ordinal);
    if (entry < 0) return min;
    const answer = Math.min(max, Math.max(min, this.record.outcome(entry)));
    this.used[entry] = answer === min ? 1 : 2;
    return answer;
  }
}

/** Entry numbers of a record by (kind, site, identity, ordinal): open addressing, linear probing. */
class DecisionIndex {
  private readonly record: DecisionRecord;
  private readonly slots: Int32Array;

  constructor(record: DecisionRecord) {
    this.record = record;
    let size = 16;
    while (size < record.count * 2) size *= 2;
    this.slots = new Int32Array(size).fill(-1);
    for (let entry = 0; entry < record.count; entry++) this.add(entry);
  }

  /** The entry, or -1. */
  find(kind: number, site: number, lo: number, hi: number, ordinal: number): number {
    const { record, slots } = this;
    const mask = slots.length - 1;
    for (let slot = slotOf(kind, site, lo, hi, ordinal) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry < 0) return -1;
      if (
        record.lo(entry) === lo &&
        record.hi(entry) === hi &&
        record.kind(entry) === kind &&
        (kind === STEP || (record.site(entry) === site && record.ordinal(entry) === ordinal))
      ) {
        return entry;
      }
    }
  }

  private add(entry: number): void {
    const { record, slots } = this;
    const kind = record.kind(entry);
    const site = kind === STEP ? 0 : record.site(entry);
    const ordinal = kind === STEP ? 0 : record.ordinal(entry);
    const mask = slots.length - 1;
    let slot = slotOf(kind, site, record.lo(entry), record.hi(entry), ordinal) & mask;
    while (slots[slot]! >= 0) slot = (slot + 1) & mask;
    slots[slot] = entry;
  }
}

function slotOf(kind: number, site: number, lo: number, hi: number, ordinal: number): number {
  return scramble(lo ^ Math.imul(hi + kind, GOLDEN) ^ Math.imul(site + (ordinal << 8), 0x27d4eb2f));
}
