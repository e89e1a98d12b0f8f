// The search for one order of all operations that keeps the order of each session: depth first over
// how far each session has got, with a memo of configurations and read-only operations placed as
// soon as they are legal, as in the search for linearizations (linear/search.ts), but without time.
//
// An operation of unknown outcome may be placed at any point after its session's earlier operations,
// or left out; the session goes on without it.

import { Configurations, fingerprint } from '../linear/configurations.ts';
import { type Machine, REFUSED } from '../linear/machine.ts';
import type { Meter } from '../linear/meter.ts';

/** Operations are numbered as the machine's classes are. */
export interface Sessions {
  /** By session: its operations with an answer, in order. */
  readonly required: readonly (readonly number[])[];
  /** Operations that may be left out, and how many of its session's others come before each. */
  readonly optional: readonly Optional[];
}

interface Optional {
  readonly operation: number;
  readonly session: number;
  readonly after: number;
}

/** A choice: a session whose next operation is placed, or beyond the sessions an optional one. */
interface Placed {
  readonly choice: number;
  readonly stateBefore: number;
  /** Placed without an alternative. */
  readonly forced: boolean;
}

export class SessionSearch {
  readonly #sessions: Sessions;
  readonly #machine: Machine;
  readonly #meter: Meter;
  readonly #memo: Configurations;
  /** How far each session has got, and a bit for each optional operation. */
  readonly #words: Int32Array;
  readonly #stack: Placed[] = [];
  #hash = 0;
  #state: number;
  #left: number;
  #cursor = 0;

  constructor(sessions: Sessions, machine: Machine, meter: Meter, configurationsMax: number) {
    this.#sessions = sessions;
    this.#machine = machine;
    this.#meter = meter;
    this.#memo = new Configurations(configurationsMax);
    const optionalWords = (sessions.optional.length + 31) >>> 5;
    this.#words = new Int32Array(sessions.required.length + optionalWords);
    this.#state = machine.initial;
    this.#left = sessions.required.reduce((sum, operations) => sum + operations.length, 0);
  }

  /**
   * Goes on until it is decided. `onDeadEnd` sees how far each session has got, and the state,
   * whenever nothing more can be placed.
   */
  run(
    onDeadEnd: (positions: Int32Array, state: number) => void,
  ): 'valid' | 'invalid' | 'configurations' {
    const count = this.#sessions.required.length;
    this.#placeReadOnly();
    for (;;) {
      if (this.#left === 0) return 'valid';
      const placed = this.#placeOne();
      if (placed === 'full') return 'configurations';
      if (placed === 'placed') continue;
      onDeadEnd(this.#words.subarray(0, count), this.#state);
      if (!this.#backtrack()) return 'invalid';
    }
  }

  #placeOne(): 'placed' | 'none' | 'full' {
    const choices = this.#sessions.required.length + this.#sessions.optional.length;
    for (; this.#cursor < choices; this.#cursor++) {
      const operation = this.#operationOf(this.#cursor);
      if (operation === undefined) continue;
      this.#meter.spend(1);
      const state = this.#machine.step(this.#state, this.#machine.classOf[operation]!);
      const isOptional = this.#cursor >= this.#sessions.required.length;
      if (state === REFUSED || (isOptional && state === this.#state)) continue;
      const choice = this.#cursor;
      this.#place(choice, state, false);
      this.#placeReadOnly();
      const added = this.#remember();
      if (added === 'full') return 'full';
      if (added === 'new') return 'placed';
      this.#backtrack();
      this.#cursor = choice;
    }
    return 'none';
  }

  /** The operation that the choice would place now, or `undefined` if there is none. */
  #operationOf(choice: number): number | undefined {
    const { required, optional } = this.#sessions;
    if (choice < required.length) return required[choice]![this.#words[choice]!];
    const index = choice - required.length;
    const { operation, session, after } = optional[index]!;
    if (this.#words[session]! < after || this.#isUsed(index)) return undefined;
    return operation;
  }

  #isUsed(index: number): boolean {
    return (
      (this.#words[this.#sessions.required.length + (index >>> 5)]! & (1 << (index & 31))) !== 0
    );
  }

  #remember(): 'new' | 'known' | 'full' {
    const optionalFrom = this.#sessions.required.length;
    const set = { words: this.#words, optionalFrom, hash: this.#hash };
    return this.#memo.add(set, this.#state, 0, optionalFrom - 1);
  }

  #placeReadOnly(): void {
    const { required } = this.#sessions;
    const { readOnly, classOf } = this.#machine;
    for (let session = 0; session < required.length; session++) {
      for (;;) {
        const operation = required[session]![this.#words[session]!];
        if (operation === undefined || readOnly[classOf[operation]!] === 0) break;
        this.#meter.spend(1);
        if (this.#machine.step(this.#state, classOf[operation]!) === REFUSED) break;
        this.#place(session, this.#state, true);
      }
    }
    this.#cursor = 0;
  }

  #place(choice: number, state: number, forced: boolean): void {
    this.#stack.push({ choice, stateBefore: this.#state, forced });
    this.#state = state;
    this.#move(choice, 1);
  }

  /** Takes back the latest choice; the cursor moves past it. False if there is none. */
  #backtrack(): boolean {
    for (let placed = this.#stack.pop(); placed !== undefined; placed = this.#stack.pop()) {
      this.#state = placed.stateBefore;
      this.#move(placed.choice, -1);
      this.#cursor = placed.choice + 1;
      if (!placed.forced) return true;
    }
    return false;
  }

  #move(choice: number, by: 1 | -1): void {
    const sessions = this.#sessions.required.length;
    if (choice >= sessions) {
      const index = choice - sessions;
      this.#words[sessions + (index >>> 5)]! ^= 1 << (index & 31);
      this.#hash ^= fingerprint(choice);
      return;
    }
    const position = this.#words[choice]!;
    this.#words[choice] = position + by;
    this.#hash ^= fingerprintOf(choice, position) ^ fingerprintOf(choice, position + by);
    this.#left -= by;
  }
}

function fingerprintOf(session: number, position: number): number {
  return fingerprint(Math.imul(session + 1, 0x01000193) ^ (position << 8));
}
