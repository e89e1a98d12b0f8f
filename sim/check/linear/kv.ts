import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { isRecord, print, samePlain } from '../plain.ts';
import type { Abstraction, Call, Decision, Model, Step } from './model.ts';
import { refuteByOrigin } from './origin.ts';
import { faultOfAnswer } from './register.ts';
import { decideByZones } from './zones.ts';

export interface KvOptions {
  /** What a key that was never written reads as; null by default. */
  readonly initial?: Plain;
}

/** Stands for every text that no get of the history can have seen, however much is appended. */
const UNREAD: unique symbol = Symbol('a text that nobody read');

type Value = Plain | typeof UNREAD;

/**
 * A map from keys to values, each key an object of its own.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `get` | `{ key }` | the value |
 * | `put` | `{ key, value }` | |
 * | `append` | `{ key, value }`, where `value` is a text put at the end of the key's text | |
 * | `cas` | `{ key, from, to }` | true when it held `from` and now holds `to`, false when not |
 * | `delete` | `{ key }` | |
 */
export function kv(options: KvOptions = {}): Model<Value> {
  const { initial = null } = options;
  return {
    name: 'kv',
    initial,
    operations: ['get', 'put', 'append', 'cas', 'delete'],
    step: (value, call) => stepKv(value, call, initial),
    readOnly: ({ name, output }) => name === 'get' || (name === 'cas' && output === false),
    object: ({ input }) => (input as { key: Plain }).key,
    fault,
    abstraction: forgetUnread,
    shortcut: (history, part) =>
      decideByZones(history, part, {
        read: 'get',
        write: 'put',
        written: ({ input }) => valueIn(input),
        initial,
      }) ?? refute(history, part, initial),
  };
}

/** Texts that grow are not looked for. */
function refute(history: History, part: Int32Array, initial: Plain): Decision | undefined {
  if (part.some((index) => history[index]!.name === 'append')) return undefined;
  return refuteByOrigin(history, part, { given, taken, initial, takes: 'copies' });
}

function given({ name, input, output }: Operation): Plain | undefined {
  if (name === 'put') return valueIn(input);
  return name === 'cas' && output !== false ? (input as { to: Plain }).to : undefined;
}

function taken({ name, input, output }: Operation): Plain | undefined {
  if (name === 'get') return output;
  return name === 'cas' && output === true ? (input as { from: Plain }).from : undefined;
}

function stepKv(value: Value, { name, input, output }: Call, initial: Plain): Step<Value> {
  switch (name) {
    case 'put':
      return { state: valueIn(input) };
    case 'delete':
      return { state: initial };
    case 'append':
      return stepAppend(value, valueIn(input) as string);
    case 'cas': {
      const { from, to } = input as { from: Plain; to: Plain };
      if (value !== UNREAD && samePlain(value, from)) return { state: to, output: true };
      if (output === true) return { refused: `it holds ${words(value)}, not ${print(from)}` };
      return { state: value, output: false };
    }
    default:
      if (value !== UNREAD) return { state: value, output: value };
      return output === undefined ? { state: value } : { refused: `it holds ${words(value)}` };
  }
}

function stepAppend(value: Value, text: string): Step<Value> {
  if (value === UNREAD) return { state: UNREAD };
  if (value === null) return { state: text };
  if (typeof value === 'string') return { state: value + text };
  return { refused: `it holds ${print(value)}, which is no text to append to` };
}

function words(value: Value): string {
  return value === UNREAD ? UNREAD.description! : print(value);
}

/**
 * A text matters only while some get has returned a text that begins with it. The others are one
 * state, which keeps appends that nobody saw from multiplying the states by all their orders.
 */
function forgetUnread(calls: readonly Call[]): Abstraction<Value> {
  const texts = calls
    .map(textSeen)
    .filter((text) => text !== undefined)
    .sort();
  return {
    represent(value) {
      if (typeof value !== 'string') return value;
      const next = texts[lowerBound(texts, value)];
      return next?.startsWith(value) ? value : UNREAD;
    },
  };
}

/** A text that the register must have held for this call to be as it was. */
function textSeen({ name, input, output }: Call): string | undefined {
  const seen = name === 'cas' ? (input as { from: Plain }).from : name === 'get' ? output : null;
  return typeof seen === 'string' ? seen : undefined;
}

/** The index of the first text that is not less than `value`. */
function lowerBound(texts: readonly string[], value: string): number {
  let low = 0;
  let high = texts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (texts[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  get: ['key'],
  put: ['key', 'value'],
  append: ['key', 'value'],
  cas: ['key', 'from', 'to'],
  delete: ['key'],
};

function fault({ name, input, output }: Call): string | undefined {
  const fields = FIELDS[name]!;
  if (!isRecord(input) || fields.some((field) => input[field] === undefined)) {
    return `${name} takes { ${fields.join(', ')} }, not ${print(input)}`;
  }
  if (name === 'append' && typeof input['value'] !== 'string') {
    return `append takes a text, not ${print(input['value']!)}`;
  }
  return name === 'cas' ? faultOfAnswer(output) : undefined;
}

function valueIn(input: Plain): Plain {
  return (input as { value: Plain }).value;
}
