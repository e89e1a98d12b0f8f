import type { Plain } from '../../env/net.ts';
import { isRecord, print } from '../plain.ts';
import type { Abstraction, Call, Model, Step } from './model.ts';
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
 */
export function kv(options: KvOptions = {}): Model<Value> {
  const { initial = null } = options;
  return {
    name: 'kv',
    initial,
    operations: ['get', 'put', 'append'],
    step: stepKv,
    readOnly: ({ name }) => name === 'get',
    object: ({ input }) => (input as { key: Plain }).key,
    fault,
    abstraction: forgetUnread,
    shortcut: (part) =>
      decideByZones(part, {
        read: 'get',
        write: 'put',
        written: ({ input }) => valueIn(input),
        initial,
      }),
  };
}

function stepKv(value: Value, { name, input }: Call): Step<Value> {
  if (name === 'put') return { state: valueIn(input) };
  if (name === 'get') {
    return value === UNREAD
      ? { refused: 'it holds a text that nobody read' }
      : { state: value, output: value };
  }
  if (value === UNREAD) return { state: UNREAD };
  if (value !== null && typeof value !== 'string') {
    return { refused: `it holds ${print(value)}, which is no text to append to` };
  }
  return { state: (value ?? '') + (valueIn(input) as string) };
}

/**
 * A text matters only while some get has returned a text that begins with it. The others are one
 * state, which keeps appends that nobody saw from multiplying the states by all their orders.
 */
function forgetUnread(calls: readonly Call[]): Abstraction<Value> {
  const texts = calls
    .filter(({ name, output }) => name === 'get' && typeof output === 'string')
    .map(({ output }) => output as string)
    .sort();
  return {
    represent(value) {
      if (typeof value !== 'string') return value;
      const next = texts[lowerBound(texts, value)];
      return next?.startsWith(value) ? value : UNREAD;
    },
  };
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

function fault({ name, input }: Call): string | undefined {
  if (!isRecord(input) || input['key'] === undefined) {
    return `${name} takes { key${name === 'get' ? '' : ', value'} }, not ${print(input)}`;
  }
  if (name !== 'get' && input['value'] === undefined) {
    return `${name} takes { key, value }, not ${print(input)}`;
  }
  if (name === 'append' && typeof input['value'] !== 'string') {
    return `append takes a text, not ${print(input['value']!)}`;
  }
  return undefined;
}

function valueIn(input: Plain): Plain {
  return (input as { value: Plain }).value;
}
