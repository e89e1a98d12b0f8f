/**
 * All pending steps of a world, and which of them is next.
 *
 *     slot (one pending step)         heap (placed strategies)
 *     bounds  earliest, latest,       (moment, priority, sequence) ── a binary heap, total order
 *             sequence, placed
 *     words   identity, site, actor,
 *             span, cause, sequence   list (picked strategies): the slots, oldest first
 *     target, argument
 *
 * Slots are reused; a withdrawn step keeps its slot until it would have run.
 */
import { assert } from '../env/assert.ts';

/** What happens when a step runs. */
export interface Target {
  fire(argument: unknown): void;
}

const WORDS = 8;
const LO = 0;
const HI = 1;
const SITE = 2;
const ACTOR = 3;
const SPAN = 4;
const CAUSE = 5;
const SPREAD = 6;
const STATE = 7;

const BOUNDS = 4;
const EARLIEST = 0;
const LATEST = 1;
const SEQUENCE = 2;
const PLACED = 3;

const FREE = 0;
const PENDING = 1;
const WITHDRAWN = 2;

const WITHDRAWN_TARGET: Target = { fire: () => {} };

export type Slot = number;

export class Agenda {
  private words = new Int32Array(64 * WORDS);
  private bounds = new Float64Array(64 * BOUNDS);
  private readonly targets: Target[] = [];
  private readonly args: unknown[] = [];
  private freeSlots: Slot[] = [];
  private slots = 0;
  private sequence = 0;
  /** Steps pending and not withdrawn. */
  pending = 0;

  private moments = new Float64Array(64);
  private priorities = new Int32Array(64);
  private heapSlots = new Int32Array(64);
  private heaped = 0;

  /** Slots of picked strategies, the oldest first; may hold withdrawn ones. */
  readonly listed: Slot[] = [];

  /** A new pending step; in neither heap nor list yet. */
  add(
    target: Target,
    argument: unknown,
    lo: number,
    hi: number,
    site: number,
    actor: number,
    span: number,
    cause: number,
    earliestNs: number,
    latestNs: number,
    spread: number,
  ): Slot {
    const slot = this.freeSlots.pop() ?? this.slots++;
    const at = slot * WORDS;
    if (at >= this.words.length) this.growSlots();
    const words = this.words;
    words[at + LO] = lo;
    words[at + HI] = hi;
    words[at + SITE] = site;
    words[at + ACTOR] = actor;
    words[at + SPAN] = span;
    words[at + CAUSE] = cause;
    words[at + SPREAD] = spread;
    words[at + STATE] = PENDING;
    const bounds = this.bounds;
    const to = slot * BOUNDS;
    bounds[to + EARLIEST] = earliestNs;
    bounds[to + LATEST] = latestNs;
    bounds[to + SEQUENCE] = this.sequence++;
    bounds[to + PLACED] = latestNs;
    this.targets[slot] = target;
    this.args[slot] = argument;
    this.pending++;
    return slot;
  }

  lo(slot: Slot): number {
    return this.words[slot * WORDS + LO]!;
  }
  hi(slot: Slot): number {
    return this.words[slot * WORDS + HI]!;
  }
  site(slot: Slot): number {
    return this.words[slot * WORDS + SITE]!;
  }
  actor(slot: Slot): number {
    return this.words[slot * WORDS + ACTOR]!;
  }
  span(slot: Slot): number {
    return this.words[slot * WORDS + SPAN]!;
  }
  cause(slot: Slot): number {
    return this.words[slot * WORDS + CAUSE]!;
  }
  spread(slot: Slot): number {
    return this.words[slot * WORDS + SPREAD]!;
  }
  earliestNs(slot: Slot): number {
    return this.bounds[slot * BOUNDS + EARLIEST]!;
  }
  latestNs(slot: Slot): number {
    return this.bounds[slot * BOUNDS + LATEST]!;
  }
  /** The moment it was placed at; for a step not placed, the latest it may run. */
  placedNs(slot: Slot): number {
    return this.bounds[slot * BOUNDS + PLACED]!;
  }
  target(slot: Slot): Target {
    return this.targets[slot]!;
  }
  argument(slot: Slot): unknown {
    return this.args[slot];
  }
  isPending(slot: Slot): boolean {
    return this.words[slot * WORDS + STATE] === PENDING;
  }

  /** All pending steps, in no order that means anything. */
  *pendingSlots(): Generator<Slot> {
    for (let slot = 0; slot < this.slots; slot++) if (this.isPending(slot)) yield slot;
  }

  /** The step will not run. Its slot stays taken until it comes to the top or is swept. */
  withdraw(slot: Slot): void {
    if (!this.isPending(slot)) return;
    this.words[slot * WORDS + STATE] = WITHDRAWN;
    this.targets[slot] = WITHDRAWN_TARGET;
    this.args[slot] = undefined;
    this.pending--;
  }

  /** Gives the slot back; its values may be read until the next `add`. */
  release(slot: Slot): void {
    assert(this.words[slot * WORDS + STATE] !== FREE, 'a slot is released once');
    if (this.isPending(slot)) this.pending--;
    this.words[slot * WORDS + STATE] = FREE;
    this.args[slot] = undefined;
    this.freeSlots.push(slot);
  }

  push(slot: Slot, momentNs: number, priority: number): void {
    this.bounds[slot * BOUNDS + PLACED] = momentNs;
    let at = this.heaped++;
    if (at === this.moments.length) this.growHeap();
    const { moments, priorities, heapSlots } = this;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(momentNs, priority, slot, parent)) break;
      moments[at] = moments[parent]!;
      priorities[at] = priorities[parent]!;
      heapSlots[at] = heapSlots[parent]!;
      at = parent;
    }
    moments[at] = momentNs;
    priorities[at] = priority;
    heapSlots[at] = slot;
  }

  /** The next step's moment, or Infinity. Drops withdrawn steps on the way. */
  nextMomentNs(): number {
    while (this.heaped > 0) {
      const top = this.heapSlots[0]!;
      if (this.isPending(top)) return this.moments[0]!;
      this.pop();
      this.release(top);
    }
    return Infinity;
  }

  /** Takes the next step off the heap. Call after `nextMomentNs` has found one. */
  pop(): Slot {
    const { moments, priorities, heapSlots } = this;
    const top = heapSlots[0]!;
    const last = --this.heaped;
    const moment = moments[last]!;
    const priority = priorities[last]!;
    const slot = heapSlots[last]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (
        child + 1 < last &&
        this.before(moments[child + 1]!, priorities[child + 1]!, heapSlots[child + 1]!, child)
      ) {
        child++;
      }
      if (this.before(moment, priority, slot, child)) break;
      moments[at] = moments[child]!;
      priorities[at] = priorities[child]!;
      heapSlots[at] = heapSlots[child]!;
      at = child;
    }
    moments[at] = moment;
    priorities[at] = priority;
    heapSlots[at] = slot;
    return top;
  }

  private before(momentNs: number, priority: number, slot: Slot, at: number): boolean {
    const moment = this.moments[at]!;
    if (momentNs !== moment) return momentNs < moment;
    const other = this.priorities[at]!;
    if (priority !== other) return priority < other;
    const { bounds } = this;
    const rival = this.heapSlots[at]! * BOUNDS;
    return bounds[slot * BOUNDS + SEQUENCE]! < bounds[rival + SEQUENCE]!;
  }

  private growSlots(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    const bounds = new Float64Array(this.bounds.length * 2);
    bounds.set(this.bounds);
    this.bounds = bounds;
  }

  private growHeap(): void {
    const size = this.moments.length * 2;
    const moments = new Float64Array(size);
    const priorities = new Int32Array(size);
    const heapSlots = new Int32Array(size);
    moments.set(this.moments);
    priorities.set(this.priorities);
    heapSlots.set(this.heapSlots);
    this.moments = moments;
    this.priorities = priorities;
    this.heapSlots = heapSlots;
  }
}
