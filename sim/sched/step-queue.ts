/**
 * Placed steps by (moment, priority, sequence), a total order.
 *
 *     run    … ≤ entry ≤ entry ≤ last      a sorted ring: what comes in order is appended
 *     heap                                 a binary heap: all else
 *
 * With fixed latencies nearly everything comes in order, and with 10,000 steps pending a heap costs
 * a row of unpredictable branches each way. An entry a few places too late is moved into place.
 *
 *     entry, 24 bytes    0 moment   8 sequence (float64)   16 priority   20 slot (int32)
 */
const FLOATS = 3;
const INTS = 6;
const MOMENT = 0;
const SEQUENCE = 1;
const PRIORITY = 4;
const SLOT = 5;

const FIRST_ENTRIES = 64;
/** Places that an entry is moved back in the run before it goes to the heap. */
const MOVES_MAX = 16;

export class StepQueue {
  private heap = new Entries(FIRST_ENTRIES);
  private heaped = 0;
  private run = new Entries(FIRST_ENTRIES);
  private runFrom = 0;
  private runLength = 0;
  /** Holds the entry under way. */
  private readonly spare = new Entries(1);

  push(momentNs: number, priority: number, sequence: number, slot: number): void {
    this.spare.set(0, momentNs, priority, sequence, slot);
    if (!this.pushToRun()) this.pushToHeap();
  }

  /** The first entry's moment, or Infinity. */
  get firstMomentNs(): number {
    if (this.runLength === 0) return this.heaped === 0 ? Infinity : this.heap.momentNs(0);
    return this.heapIsFirst() ? this.heap.momentNs(0) : this.run.momentNs(this.runFrom);
  }

  /** The first entry's slot; the queue must not be empty. */
  get firstSlot(): number {
    return this.heapIsFirst() ? this.heap.slot(0) : this.run.slot(this.runFrom);
  }

  /** Takes the first entry out. */
  shift(): void {
    if (this.heapIsFirst()) {
      this.shiftHeap();
    } else {
      this.runFrom = (this.runFrom + 1) & (this.run.size - 1);
      this.runLength--;
    }
  }

  private heapIsFirst(): boolean {
    if (this.heaped === 0) return false;
    return this.runLength === 0 || this.heap.isBefore(0, this.run, this.runFrom);
  }

  private pushToRun(): boolean {
    const { spare } = this;
    if (this.runLength === this.run.size) this.growRun();
    const { run } = this;
    const mask = run.size - 1;
    const from = this.runFrom;
    let place = this.runLength;
    const least = place - MOVES_MAX;
    if (least > 0 && spare.isBefore(0, run, (from + least - 1) & mask)) return false;
    while (place > 0 && spare.isBefore(0, run, (from + place - 1) & mask)) place--;
    for (let at = this.runLength; at > place; at--) {
      run.copy((from + at) & mask, run, (from + at - 1) & mask);
    }
    run.copy((from + place) & mask, spare, 0);
    this.runLength++;
    return true;
  }

  private pushToHeap(): void {
    const { spare } = this;
    if (this.heaped === this.heap.size) this.heap = this.heap.grown(0);
    const { heap } = this;
    let at = this.heaped++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!spare.isBefore(0, heap, parent)) break;
      heap.copy(at, heap, parent);
      at = parent;
    }
    heap.copy(at, spare, 0);
  }

  private shiftHeap(): void {
    const { heap } = this;
    const last = --this.heaped;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && heap.isBefore(child + 1, heap, child)) child++;
      if (heap.isBefore(last, heap, child)) break;
      heap.copy(at, heap, child);
      at = child;
    }
    heap.copy(at, heap, last);
  }

  private growRun(): void {
    this.run = this.run.grown(this.runFrom);
    this.runFrom = 0;
  }
}

/** Entries in one buffer; `size` is a power of two. */
class Entries {
  readonly size: number;
  private readonly ints: Int32Array;
  private readonly floats: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.ints = new Int32Array(size * INTS);
    this.floats = new Float64Array(this.ints.buffer);
  }

  momentNs(at: number): number {
    return this.floats[at * FLOATS + MOMENT]!;
  }

  slot(at: number): number {
    return this.ints[at * INTS + SLOT]!;
  }

  set(at: number, momentNs: number, priority: number, sequence: number, slot: number): void {
    this.floats[at * FLOATS + MOMENT] = momentNs;
    this.floats[at * FLOATS + SEQUENCE] = sequence;
    this.ints[at * INTS + PRIORITY] = priority;
    this.ints[at * INTS + SLOT] = slot;
  }

  copy(to: number, from: Entries, at: number): void {
    const { ints, floats } = this;
    floats[to * FLOATS + MOMENT] = from.floats[at * FLOATS + MOMENT]!;
    floats[to * FLOATS + SEQUENCE] = from.floats[at * FLOATS + SEQUENCE]!;
    ints[to * INTS + PRIORITY] = from.ints[at * INTS + PRIORITY]!;
    ints[to * INTS + SLOT] = from.ints[at * INTS + SLOT]!;
  }

  isBefore(at: number, others: Entries, other: number): boolean {
    const moment = this.floats[at * FLOATS + MOMENT]!;
    const otherMoment = others.floats[other * FLOATS + MOMENT]!;
    if (moment !== otherMoment) return moment < otherMoment;
    const priority = this.ints[at * INTS + PRIORITY]!;
    const otherPriority = others.ints[other * INTS + PRIORITY]!;
    if (priority !== otherPriority) return priority < otherPriority;
    return this.floats[at * FLOATS + SEQUENCE]! < others.floats[other * FLOATS + SEQUENCE]!;
  }

  /** Twice the size, with the entries in ring order from `first` on. */
  grown(first: number): Entries {
    const grown = new Entries(this.size * 2);
    for (let i = 0; i < this.size; i++) grown.copy(i, this, (first + i) & (this.size - 1));
    return grown;
  }
}
