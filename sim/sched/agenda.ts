/**
 * All pending steps of a world.
 *
 *     slot, 64 bytes    0 lo   4 hi   8 site   12 actor   16 span   20 cause   24 spread   28 state
 *                      32 earliest   40 latest   48 sequence   56 placed            (float64)
 *
 * Placed steps wait in a queue; steps to be picked in a list, the oldest first. Slots are reused; a
 * withdrawn step keeps its slot until it would have run.
 */
import { assert } from '../env/assert.ts';
import { StepQueue } from './step-queue.ts';

/** What happens when a step runs. */
export interface Target {
  fire(argument: unknown): void;
}

export type Slot = number;

const WORDS = 16;
const LO = 0;
const HI = 1;
const SITE = 2;
const ACTOR = 3;
const SPAN = 4;
const CAUSE = 5;
const SPREAD = 6;
const STATE = 7;

const TIMES = 8;
const EARLIEST = 4;
const LATEST = 5;
const SEQUENCE = 6;
const PLACED = 7;

const FREE = 0;
const PENDING = 1;
const WITHDRAWN = 2;

const FIRST_SLOTS = 64;

const NOTHING: Target = { fire: () => {} };

export class Agenda {
  private words = new Int32Array(FIRST_SLOTS * WORDS);
  private times = new Float64Array(this.words.buffer);
  /** By slot: its target, then its argument. */
  private readonly refs: unknown[] = [];
  private readonly freeSlots: Slot[] = [];
  private slots = 0;
  private sequence = 0;
  private readonly queue = new StepQueue();
  /** Steps pending and not withdrawn. */
  pending = 0;
  /** Slots of steps to be picked, the oldest first; may hold withdrawn ones. */
  readonly listed: Slot[] = [];

  /**
   * A new pending step; in neither queue nor list yet. Its parts come one by one, as they are stored.
   */
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
    if (at === this.words.length) this.grow();
    const words = this.words;
    words[at + LO] = lo;
    words[at + HI] = hi;
    words[at + SITE] = site;
    words[at + ACTOR] = actor;
    words[at + SPAN] = span;
    words[at + CAUSE] = cause;
    words[at + SPREAD] = spread;
    words[at + STATE] = PENDING;
    const times = this.times;
    const from = slot * TIMES;
    times[from + EARLIEST] = earliestNs;
    times[from + LATEST] = latestNs;
    times[from + SEQUENCE] = this.sequence++;
    times[from + PLACED] = latestNs;
    this.refs[slot * 2] = target;
    this.refs[slot * 2 + 1] = argument;
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
    return this.times[slot * TIMES + EARLIEST]!;
  }
  latestNs(slot: Slot): number {
    return this.times[slot * TIMES + LATEST]!;
  }
  /** A step to be picked runs at `earliestNs` at the earliest, which lies within its window. */
  delay(slot: Slot, earliestNs: number): void {
    const at = slot * TIMES;
    assert(earliestNs <= this.times[at + LATEST]!, 'a step is delayed within its window');
    if (earliestNs > this.times[at + EARLIEST]!) this.times[at + EARLIEST] = earliestNs;
  }

  /** The moment it was placed at; for a step not placed, the latest it may run. */
  placedNs(slot: Slot): number {
    return this.times[slot * TIMES + PLACED]!;
  }
  target(slot: Slot): Target {
    return this.refs[slot * 2] as Target;
  }
  argument(slot: Slot): unknown {
    return this.refs[slot * 2 + 1];
  }
  isPending(slot: Slot): boolean {
    return this.words[slot * WORDS + STATE] === PENDING;
  }

  /** All pending steps, in no order that means anything. */
  *pendingSlots(): Generator<Slot> {
    for (let slot = 0; slot < this.slots; slot++) if (this.isPending(slot)) yield slot;
  }

  /** The step will not run. Its slot stays taken until it comes first or is swept. */
  withdraw(slot: Slot): void {
    if (!this.isPending(slot)) return;
    this.words[slot * WORDS + STATE] = WITHDRAWN;
    this.refs[slot * 2] = NOTHING;
    this.refs[slot * 2 + 1] = undefined;
    this.pending--;
  }

  /** Gives the slot back; its values may be read until the next `add`. */
  release(slot: Slot): void {
    assert(this.words[slot * WORDS + STATE] !== FREE, 'a slot is released once');
    if (this.isPending(slot)) this.pending--;
    this.words[slot * WORDS + STATE] = FREE;
    this.refs[slot * 2 + 1] = undefined;
    this.freeSlots.push(slot);
  }

  /** Puts the step into the queue. */
  place(slot: Slot, momentNs: number, priority: number): void {
    this.times[slot * TIMES + PLACED] = momentNs;
    this.queue.push(momentNs, priority, this.times[slot * TIMES + SEQUENCE]!, slot);
  }

  /** The moment of the next step in the queue, or Infinity. Drops withdrawn ones on the way. */
  nextMomentNs(): number {
    const { queue } = this;
    for (;;) {
      const momentNs = queue.firstMomentNs;
      if (momentNs === Infinity) return momentNs;
      const first = queue.firstSlot;
      if (this.isPending(first)) return momentNs;
      queue.shift();
      this.release(first);
    }
  }

  /** Takes the next step out of the queue. Call after `nextMomentNs` has found one. */
  next(): Slot {
    const first = this.queue.firstSlot;
    this.queue.shift();
    return first;
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.times = new Float64Array(words.buffer);
  }
}
