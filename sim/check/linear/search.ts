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
// - Of equal open operations only the one that returns first is tried: in any order that places
//   another one now, the two may change places.
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
import { Rings } from './rings.ts';

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
/** How many equal operations are looked at. */
const TWINS_MAX = 4;

export class Search {
  /** The operation to blame so far, or -1. */
  blamed: number = NONE;
  readonly #machine: Machine;
  readonly #meter: Meter;
  readonly #memo: Configurations;

  readonly #required: number;
  readonly #called: Float64Array;
  readonly #returned: Float64Array;
  /** Required operations not yet placed, by call and by return. Each has one ring. */
  readonly #byCall: Rings;
  readonly #byReturn: Rings;
  /** The same by return, a ring for each class; undefined when no two operations are equal. */
  readonly #byClass: Rings | undefined;
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
    const byReturn = ascending(required).sort((a, b) => returned[a]! - returned[b]! || a - b);
    this.#byCall = new Rings(ascending(required), 1, () => 0);
    this.#byReturn = new Rings(byReturn, 1, () => 0);
    if (machine.classes < count) {
      this.#byClass = new Rings(byReturn, machine.classes, (op) => machine.classOf[op]!);
    }
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
    this.#cursor = this.#byCall.next[required]!;
  }

  /** How much memory they take, in words. */
  get words(): number {
    return this.#memo.words;
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
   * When the meter runs out it can be called again, under a higher limit, and goes on from there.
   */
  run(onDeadEnd?: { at: number; call: (end: DeadEnd) => void }): SearchEnd {
    if (this.#depth === 0) this.#placeReadOnly();
    for (;;) {
      if (this.#requiredLeft === 0) return 'valid';
      const limit = this.#byReturn.next[this.#required]!;
      const placed = this.#placeOne(this.#returned[limit]!);
      if (placed === 'full') return 'configurations';
      if (placed === 'placed') continue;

      if (this.blamed === NONE || this.#isLater(limit, this.blamed)) this.blamed = limit;
      if (limit === onDeadEnd?.at) onDeadEnd.call({ order: this.order, state: this.#state });
      if (!this.#backtrack()) return 'invalid';
    }
  }

  /**
   * In the order of returns, which is total: were those that return together equal, one to blame
   * could be legal in a dead end of which another is the limit.
   */
  #isLater(op: number, other: number): boolean {
    const [a, b] = [this.#returned[op]!, this.#returned[other]!];
    return a === b ? op > other : a > b;
  }

  /** Places the next open operation, from the cursor on, that leads to a new configuration. */
  #placeOne(limit: number): 'placed' | 'none' | 'full' {
    const { classOf } = this.#machine;
    const required = this.#required;
    const called = this.#called;
    const { next } = this.#byCall;
    for (let op = this.#cursor; op < required && called[op]! <= limit; op = next[op]!) {
      this.#cursor = op;
      if (this.#hasTwinBefore(op, limit)) continue;
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
    const low = this.#byCall.next[this.#required]! >>> 5;
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
    const { next } = this.#byCall;
    const nextReturn = this.#byReturn.next;
    const state = this.#state;
    this.#cursor = next[required]!;
    let limit = this.#returned[nextReturn[required]!]!;
    for (let op = this.#cursor; op < required && called[op]! <= limit; op = next[op]!) {
      if (readOnly[classOf[op]!] === 0) continue;
      this.#meter.spend(1);
      if (this.#machine.step(state, classOf[op]!) === REFUSED) continue;
      this.#place(op, state, 1);
      limit = this.#returned[nextReturn[required]!]!;
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
    this.#byCall.takeOut(op);
    this.#byReturn.takeOut(op);
    this.#byClass?.takeOut(op);
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
        this.#byCall.putBack(op);
        this.#byReturn.putBack(op);
        this.#byClass?.putBack(op);
      }
      if (this.#forced[depth] === 1) continue;
      this.#cursor = op < this.#required ? this.#byCall.next[op]! : op + 1;
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

  /** Whether an equal operation is open that returns earlier. Looks at a few, not at all. */
  #hasTwinBefore(op: number, limit: number): boolean {
    if (this.#byClass === undefined) return false;
    const { previous } = this.#byClass;
    let twin = previous[op]!;
    for (let i = 0; i < TWINS_MAX && twin < this.#required; i++) {
      if (this.#called[twin]! <= limit) return true;
      twin = previous[twin]!;
    }
    return false;
  }

  #isNextOfItsKind(optional: number): boolean {
    const twin = this.#twin[optional]!;
    return !this.#isPlaced(optional) && (twin === NONE || this.#isPlaced(twin));
  }
}

function ascending(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
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
