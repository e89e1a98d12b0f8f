// The search for a linearization of one part: Wing and Gong's depth-first search with Lowe's memo
// of configurations, on flat arrays.
//
//   ├───w1───┤                                 required operations, in order of call
//      ├─────────r1────────┤
//          ├───w2───┤                          open: called no later than the earliest return
//               ├──────w3──────┤               of an operation not yet placed (here w1's)
//            │ limit
//
// A configuration is (set of placed operations, state). Placing an operation unlinks it from two
// lists, one by call and one by return; backtracking links it in again.
//
// - Read-only operations are placed as soon as they are legal, without an alternative: a witness
//   order stays one when such an operation moves to the front.
// - Optional operations (unknown outcome) may be placed or left out, and have no return. Of equal
//   ones only the earliest not yet placed is tried.
// - The operation to blame is the latest limit that any configuration came up against: everything
//   that returned before it can be placed, and then it cannot.
//
// Sources: Wing and Gong 1993; Lowe, "Testing for linearizability", 2017; Knossos for the operation
// to blame.

import { Configurations, fingerprint, type PlacedSet } from './configurations.ts';
import { type Machine, REFUSED } from './machine.ts';
import type { Meter } from './meter.ts';

/** The operations of one part: the required ones first, each group in order of call. */
export interface Part {
  readonly required: number;
  readonly called: Float64Array;
  readonly returned: Float64Array;
}

/** A configuration from which nothing further can be placed. */
export interface DeadEnd {
  /** Operations in the order in which they were placed. */
  readonly order: readonly number[];
  readonly state: number;
}

export type SearchEnd = 'valid' | 'invalid' | 'configurations';

const NONE = -1;

export class Search {
  /** The operation to blame so far, or -1. */
  blamed: number = NONE;
  readonly #machine: Machine;
  readonly #meter: Meter;
  readonly #memo: Configurations;

  readonly #required: number;
  readonly #called: Float64Array;
  readonly #returned: Float64Array;
  /** The lists' heads and ends are the entry numbered `required`, which is no operation of theirs. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #nextReturn: Int32Array;
  readonly #previousReturn: Int32Array;
  /** For an optional operation: the latest earlier one that is equal to it. */
  readonly #twin: Int32Array;

  readonly #placed: PlacedSet;
  #state: number;
  #requiredLeft: number;
  /** The latest required operation placed. */
  #last = NONE;
  /** What to try next: a required operation, or from `required` on an optional one. */
  #cursor: number;

  readonly #order: Int32Array;
  readonly #forced: Uint8Array;
  readonly #stateBefore: Int32Array;
  readonly #lastBefore: Int32Array;
  #depth = 0;

  constructor(part: Part, machine: Machine, meter: Meter, configurationsMax: number) {
    const { required, called, returned } = part;
    const count = called.length;
    const requiredWords = (required + 31) >>> 5;
    this.#machine = machine;
    this.#meter = meter;
    this.#memo = new Configurations(configurationsMax);
    this.#required = required;
    this.#called = called;
    this.#returned = returned;
    this.#next = new Int32Array(required + 1);
    this.#previous = new Int32Array(required + 1);
    this.#nextReturn = new Int32Array(required + 1);
    this.#previousReturn = new Int32Array(required + 1);
    link(this.#next, this.#previous, ascending(required));
    link(this.#nextReturn, this.#previousReturn, byReturn(required, returned));
    this.#twin = earlierTwins(required, machine.classOf);
    this.#placed = {
      words: new Int32Array(requiredWords + ((count - required + 31) >>> 5)),
      optionalFrom: requiredWords,
      hash: 0,
    };
    this.#state = machine.initial;
    this.#requiredLeft = required;
    this.#order = new Int32Array(count);
    this.#forced = new Uint8Array(count);
    this.#stateBefore = new Int32Array(count);
    this.#lastBefore = new Int32Array(count);
    this.#cursor = this.#next[required]!;
  }

  get configurations(): number {
    return this.#memo.count;
  }

  /** The operations placed, in order; of a valid part a linearization. */
  get order(): readonly number[] {
    return Array.from(this.#order.subarray(0, this.#depth));
  }

  /**
   * Goes on until the part is decided or memory is full. `onDeadEnd` sees every configuration that
   * cannot be extended past the limit of operation `at`.
   *
   * @throws StepsSpent when the meter runs out; calling again with a higher limit goes on from there.
   */
  run(onDeadEnd?: { at: number; call: (end: DeadEnd) => void }): SearchEnd {
    if (this.#depth === 0) this.#placeReadOnly();
    for (;;) {
      if (this.#requiredLeft === 0) return 'valid';
      const limit = this.#nextReturn[this.#required]!;
      const placed = this.#placeOne(this.#returned[limit]!);
      if (placed === 'full') return 'configurations';
      if (placed === 'placed') continue;

      if (this.blamed === NONE || this.#returned[limit]! > this.#returned[this.blamed]!) {
        this.blamed = limit;
      }
      if (limit === onDeadEnd?.at) onDeadEnd.call({ order: this.order, state: this.#state });
      if (!this.#backtrack()) return 'invalid';
    }
  }

  /** Places the next open operation, from the cursor on, that leads to a new configuration. */
  #placeOne(limit: number): 'placed' | 'none' | 'full' {
    const { classOf } = this.#machine;
    const required = this.#required;
    const called = this.#called;
    const next = this.#next;
    for (let op = this.#cursor; op < required && called[op]! <= limit; op = next[op]!) {
      this.#cursor = op;
      this.#meter.spend(1);
      const state = this.#machine.step(this.#state, classOf[op]!);
      if (state === REFUSED) continue;
      const added = this.#enter(op, state);
      if (added !== 'known') return added === 'new' ? 'placed' : 'full';
    }
    const firstOptional = Math.max(this.#cursor, required);
    for (let op = firstOptional; op < called.length && called[op]! <= limit; op++) {
      this.#cursor = op;
      if (!this.#isNextOfItsKind(op)) continue;
      this.#meter.spend(1);
      const state = this.#machine.step(this.#state, classOf[op]!);
      if (state === REFUSED || state === this.#state) continue;
      const added = this.#enter(op, state);
      if (added !== 'known') return added === 'new' ? 'placed' : 'full';
    }
    return 'none';
  }

  /** Places an operation and all that follows from it, or nothing if that has been tried. */
  #enter(op: number, state: number): 'new' | 'known' | 'full' {
    this.#place(op, state, 0);
    this.#placeReadOnly();
    const low = this.#next[this.#required]! >>> 5;
    const added = this.#memo.add(this.#placed, this.#state, low, this.#last >> 5);
    if (added === 'known') {
      this.#backtrack();
      this.#cursor = op;
    }
    return added;
  }

  /** Places every open read-only operation that is legal now. Ends with the cursor at the front. */
  #placeReadOnly(): void {
    const { readOnly, classOf } = this.#machine;
    const required = this.#required;
    const called = this.#called;
    const next = this.#next;
    const state = this.#state;
    this.#cursor = next[required]!;
    let limit = this.#returned[this.#nextReturn[required]!]!;
    for (let op = this.#cursor; op < required && called[op]! <= limit; op = next[op]!) {
      if (readOnly[classOf[op]!] === 0) continue;
      this.#meter.spend(1);
      if (this.#machine.step(state, classOf[op]!) === REFUSED) continue;
      this.#place(op, state, 1);
      limit = this.#returned[this.#nextReturn[required]!]!;
    }
    this.#cursor = next[required]!;
  }

  #place(op: number, state: number, forced: 0 | 1): void {
    const depth = this.#depth++;
    this.#order[depth] = op;
    this.#forced[depth] = forced;
    this.#stateBefore[depth] = this.#state;
    this.#lastBefore[depth] = this.#last;
    this.#state = state;
    this.#flip(op);
    if (op >= this.#required) return;
    if (op > this.#last) this.#last = op;
    this.#requiredLeft--;
    unlink(this.#next, this.#previous, op);
    unlink(this.#nextReturn, this.#previousReturn, op);
  }

  /** Takes back the latest choice; the cursor moves past it. False if there is none. */
  #backtrack(): boolean {
    while (this.#depth > 0) {
      const depth = --this.#depth;
      const op = this.#order[depth]!;
      this.#state = this.#stateBefore[depth]!;
      this.#last = this.#lastBefore[depth]!;
      this.#flip(op);
      if (op < this.#required) {
        this.#requiredLeft++;
        relink(this.#next, this.#previous, op);
        relink(this.#nextReturn, this.#previousReturn, op);
      }
      if (this.#forced[depth] === 1) continue;
      this.#cursor = op < this.#required ? this.#next[op]! : op + 1;
      return true;
    }
    return false;
  }

  #flip(op: number): void {
    const set = this.#placed;
    const bit = op < this.#required ? op : set.optionalFrom * 32 + op - this.#required;
    set.words[bit >>> 5]! ^= 1 << (bit & 31);
    set.hash ^= fingerprint(op);
  }

  #isPlaced(optional: number): boolean {
    const bit = this.#placed.optionalFrom * 32 + optional - this.#required;
    return (this.#placed.words[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  #isNextOfItsKind(optional: number): boolean {
    const twin = this.#twin[optional]!;
    return !this.#isPlaced(optional) && (twin === NONE || this.#isPlaced(twin));
  }
}

function ascending(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

function byReturn(required: number, returned: Float64Array): Int32Array {
  return ascending(required).sort((a, b) => returned[a]! - returned[b]! || a - b);
}

/** Links the entries into a ring in this order; the entry after the last number is head and end. */
function link(next: Int32Array, previous: Int32Array, order: Int32Array): void {
  let last = order.length;
  for (const entry of order) {
    next[last] = entry;
    previous[entry] = last;
    last = entry;
  }
  next[last] = order.length;
  previous[order.length] = last;
}

function unlink(next: Int32Array, previous: Int32Array, entry: number): void {
  next[previous[entry]!] = next[entry]!;
  previous[next[entry]!] = previous[entry]!;
}

/** Undoes the latest {@link unlink} that has not been undone. */
function relink(next: Int32Array, previous: Int32Array, entry: number): void {
  next[previous[entry]!] = entry;
  previous[next[entry]!] = entry;
}

function earlierTwins(required: number, classOf: Int32Array): Int32Array {
  const twin = new Int32Array(classOf.length).fill(NONE);
  const latest = new Map<number, number>();
  for (let op = required; op < classOf.length; op++) {
    twin[op] = latest.get(classOf[op]!) ?? NONE;
    latest.set(classOf[op]!, op);
  }
  return twin;
}
