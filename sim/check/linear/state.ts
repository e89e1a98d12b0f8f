// States of models in words, and what tells them apart.
//
// Whatever is printed the same is one state to the search, so that nothing may print as less than
// it is: a Map as {}, NaN as null, an object with private fields as if it had none. What cannot be
// looked into needs the model's own `identity`.

import { HistoryError } from '../history.ts';
import { type Key, print as printPlain } from '../plain.ts';
import type { Model } from './model.ts';

/** Marks the keys of composite states, and of the strings that would look like one. */
const MARK = '\u0000';

/** @throws HistoryError `bad-model` */
export function identify(model: Model, state: unknown): Key | symbol {
  if (model.identity !== undefined) return model.identity(state);
  switch (typeof state) {
    case 'string':
      return state.startsWith(MARK) ? MARK + state : state;
    case 'number':
    case 'boolean':
    case 'symbol':
      return state;
    default:
      return state === null ? null : `${MARK}${print(state, refuse(model))}`;
  }
}

/** In words, as far as they go. */
export function describe(model: Model, state: unknown): string {
  if (model.describe !== undefined) return model.describe(state);
  return typeof state === 'symbol' ? state.description! : print(state, (what) => what);
}

/**
 * Plain data as `print` of plain.ts has it, and beyond it whatever tells all of itself. A Map and a
 * Set are in the order of their entries, for a model may go by that.
 */
function print(state: unknown, opaque: (what: string) => string): string {
  const inner = (part: unknown) => print(part, opaque);
  switch (typeof state) {
    case 'string':
    case 'boolean':
      return JSON.stringify(state);
    case 'number':
      return String(state);
    case 'undefined':
      return 'undefined';
    case 'bigint':
      return `${state}n`;
    case 'object':
      break;
    default:
      return opaque(`a ${typeof state}`);
  }
  if (state === null) return 'null';
  if (Array.isArray(state)) return `[${Array.from(state, inner).join(',')}]`;
  if (state instanceof Uint8Array) return printPlain(state);
  if (state instanceof Map) {
    return `Map{${Array.from(state, ([key, value]) => `${inner(key)}=>${inner(value)}`).join(',')}}`;
  }
  if (state instanceof Set) return `Set{${Array.from(state, inner).join(',')}}`;
  if (!isRecord(state)) return opaque(`an instance of ${nameOf(state)}`);
  const fields = Object.keys(state).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${inner(state[name])}`).join(',')}}`;
}

/** An object of no class, from whatever global world. */
function isRecord(state: object): state is Readonly<Record<string, unknown>> {
  const prototype = Object.getPrototypeOf(state);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(state: object): string {
  return (state.constructor as { name?: string } | undefined)?.name || 'a class';
}

function refuse({ name }: Model): (what: string) => never {
  return (what) => {
    const message = `the model ${name} needs identity(state): its state is ${what}, or holds one, and these cannot be told apart from outside`;
    throw new HistoryError('bad-model', message);
  };
}
