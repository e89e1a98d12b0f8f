// Plain values as keys of a Map and as words in a sentence.
//
// Two values are the same when they print the same: records regardless of the order of their
// fields, bytes by content. Primitives are their own keys, which keeps millions of numbers cheap.

import type { Plain } from '../env/net.ts';

/** What {@link keyOf} returns: equal for equal values under Map and `===` (NaN equals NaN in a Map). */
export type Key = null | boolean | number | string;

/** Marks the keys of composite values, and of the strings that would look like one. */
const MARK = '\u0000';

export function keyOf(value: Plain): Key {
  if (typeof value === 'string') return value.startsWith(MARK) ? MARK + value : value;
  if (value === null || typeof value !== 'object') return value;
  return `${MARK}${print(value)}`;
}

export function samePlain(a: Plain, b: Plain): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && keyOf(a) === keyOf(b));
}

/** JSON with the fields of a record in order, and bytes as `x"0aff"`. */
export function print(value: Plain): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(print).join(',')}]`;
  if (value instanceof Uint8Array) return `x"${hex(value)}"`;
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${print(value[name]!)}`).join(',')}}`;
}

/** `Array.isArray` that also narrows a readonly list. */
export function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}

export function isRecord(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return (
    typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Uint8Array)
  );
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
