// A model over one part of a history, as a table of small integers.
//
// Calls that a model cannot tell apart form one class; states get numbers as they are met. A step
// is then one look-up `row[state][class]`, filled in by the model on first use. While the states
// are few and all reachable ones are known, a class whose row never leaves its state is read-only,
// which the search exploits (search.ts).
//
// The table follows Knossos' `memo`, without its limit of 1,024 states: rows are made lazily, and
// once they would take too much memory the model itself is asked each time.

import { assert } from '../../env/assert.ts';
import { type Key, print, samePlain } from '../plain.ts';
import type { Meter } from './meter.ts';
import type { Abstraction, Call, Model, Step } from './model.ts';
import { describe, identify } from './state.ts';

/** The call is not legal in this state. */
export const REFUSED = -1;

const UNKNOWN = -2;
const STATE_WORDS = 32;
const TABLE_CELLS_MAX = 1 << 24;
/** A read-only class is looked for in at most this many states. */
const CLOSURE_STATES_MAX = 64;

export class Machine {
  /** State 0 is the initial one. */
  readonly initial = 0;
  /** By class: 1 when its calls never change a state in which they are legal. */
  readonly readOnly: Uint8Array;
  /** The class of each call. */
  readonly classOf: Int32Array;
  readonly #model: Model;
  readonly #abstraction: Abstraction<unknown> | undefined;
  readonly #examples: Call[] = [];
  readonly #states: unknown[] = [];
  readonly #numbers = new Map<Key | symbol, number>();
  readonly #rows: Int32Array[] = [];
  readonly #meter: Meter;

  constructor(model: Model, calls: readonly Call[], meter: Meter) {
    this.#model = model;
    this.#meter = meter;
    this.#abstraction = model.abstraction?.(calls);
    this.classOf = this.#classify(calls);
    this.#number(model.initial);
    this.readOnly = Uint8Array.from(this.#examples, (call) => (model.readOnly?.(call) ? 1 : 0));
    if (model.readOnly === undefined) this.#findReadOnly();
  }

  /** How many classes of calls there are. */
  get classes(): number {
    return this.#examples.length;
  }

  /** The number of the state after a call of this class, or {@link REFUSED}. */
  step(state: number, cls: number): number {
    const row = this.#rows[state];
    if (row === undefined) return this.#compute(state, cls);
    const known = row[cls]!;
    if (known !== UNKNOWN) return known;
    const next = this.#compute(state, cls);
    row[cls] = next;
    return next;
  }

  /** The state in words, which may stand for several that are alike to this history. */
  describe(state: number): string {
    return describe(this.#model, this.#states[state]);
  }

  #compute(state: number, cls: number): number {
    const call = this.#examples[cls]!;
    const step = this.#model.step(this.#states[state], call, this.#meter.spend);
    const legal = legalStep(call, step);
    return legal === undefined ? REFUSED : this.#number(legal.state);
  }

  #number(raw: unknown): number {
    const state = this.#abstraction === undefined ? raw : this.#abstraction.represent(raw);
    const key = identify(this.#model, state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#states.length;
    this.#meter.hold(this.#abstraction?.words?.(state) ?? wordsOf(key));
    this.#numbers.set(key, number);
    this.#states.push(state);
    const classes = this.#examples.length;
    if ((number + 1) * classes <= TABLE_CELLS_MAX) {
      this.#meter.hold(classes);
      this.#rows.push(new Int32Array(classes).fill(UNKNOWN));
    }
    return number;
  }

  #classify(calls: readonly Call[]): Int32Array {
    const classOf = new Int32Array(calls.length);
    const known = new Map<string, number>();
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i]!;
      const signature = `${this.#model.perProcess ? print(call.process) : ''}${print(call.name)}${print(call.input)}${call.output === undefined ? '' : print(call.output)}`;
      let cls = known.get(signature);
      if (cls === undefined) {
        cls = this.#examples.length;
        known.set(signature, cls);
        this.#examples.push(call);
      }
      classOf[i] = cls;
    }
    return classOf;
  }

  /** Explores all reachable states if they are few; otherwise every class may change a state. */
  #findReadOnly(): void {
    const classes = this.#examples.length;
    for (let state = 0; state < this.#states.length; state++) {
      if (this.#states.length > CLOSURE_STATES_MAX) return;
      for (let cls = 0; cls < classes; cls++) this.step(state, cls);
    }
    for (let cls = 0; cls < classes; cls++) {
      const stays = this.#rows.every((row, state) => row[cls] === REFUSED || row[cls] === state);
      this.readOnly[cls] = stays ? 1 : 0;
    }
  }
}

/** About what a state takes, by its key: a composite one has its parts beside their printed form. */
function wordsOf(key: Key | symbol): number {
  return STATE_WORDS + (typeof key === 'string' ? key.length : 0);
}

/** The step, if the call may have been answered as it was. */
export function legalStep<State>(
  { output }: Call,
  step: Step<State>,
): Extract<Step<State>, { state: State }> | undefined {
  if ('refused' in step) return undefined;
  const asked = output !== undefined && step.output !== undefined;
  return asked && !samePlain(output, step.output) ? undefined : step;
}

/** Why a call that is not legal is not, as a clause. */
export function refusal(call: Call, step: Step<unknown>): string {
  assert(legalStep(call, step) === undefined, 'there is something to explain');
  return 'refused' in step ? step.refused : `it would have returned ${print(step.output!)}`;
}
