/**
 * Plain data as bytes: JSON in UTF-8, with byte arrays as `{"$bytes":"<base64>"}` and object keys
 * that start with `$` doubled, `$$…`, so that nothing a program sends is mistaken for one.
 */
import type { Plain } from './net.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

export class PlainError extends Error {
  override readonly name = 'PlainError';
}

/** @throws TypeError on what is not plain data. */
export function encodePlain(value: Plain): Uint8Array {
  return utf8(plainToText(value));
}

/** What `encodePlain` has in bytes. */
function plainToText(value: Plain): string {
  return JSON.stringify(isJson(value) ? value : toJson(value));
}

function utf8(text: string): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(text);
  return new Uint8Array(buffer, byteOffset, length);
}

/** @throws PlainError when `bytes` are not what `encodePlain` makes. */
export function decodePlain(bytes: Uint8Array): Plain {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new PlainError(`not plain data: ${(cause as Error).message}`, { cause });
  }
  return textToPlain(text);
}

/** @throws PlainError when `text` is not what `plainToText` makes. */
function textToPlain(text: string): Plain {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new PlainError(`not plain data: ${(cause as Error).message}`, { cause });
  }
  return isJson(value) ? value : fromJson(value);
}

/**
 * A deep copy as it would arrive elsewhere: what `decodePlain(encodePlain(value))` is, in a fraction
 * of the time.
 *
 * @throws TypeError on what is not plain data.
 */
export function copyPlain(value: Plain): Plain {
  return copyBelow(value, 0);
}

function copyBelow(value: unknown, depth: number): Plain {
  if (depth > DEPTH_MAX) tooDeep();
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON has no -0.
      if (Number.isFinite(value)) return value + 0;
      throw notFinite(value);
    case 'object':
      break;
    default:
      throw noPlain(value);
  }
  if (value === null) return null;
  if (Object.getPrototypeOf(value) === Object.prototype) return copyObject(value, depth + 1);
  if (Array.isArray(value)) return copyArray(value, depth + 1);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  // Instances of classes and objects of other realms: as JSON sees them.
  return textToPlain(plainToText(value as Plain));
}

function copyArray(value: readonly unknown[], depth: number): Plain {
  const out: Plain[] = [];
  for (let i = 0; i < value.length; i++) out.push(copyBelow(value[i], depth));
  return out;
}

function copyObject(value: object, depth: number): Plain {
  const out: { [key: string]: Plain } = {};
  for (const key in value) {
    const entry = (value as { readonly [key: string]: unknown })[key];
    if (entry === undefined) continue;
    if (key === '__proto__') define(out, key, copyBelow(entry, depth));
    else out[key] = copyBelow(entry, depth);
  }
  return out;
}

/** Assigning it would change what `out` inherits from. */
function define(out: object, key: string, value: Plain): void {
  Object.defineProperty(out, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Never less than the bytes that `encodePlain` makes of plain data, and soon known. */
export function plainBytesMax(value: Plain): number {
  if (typeof value === 'string') return textBytesMax(value);
  if (value === null || typeof value !== 'object') return NUMBER_BYTES_MAX;
  if (value instanceof Uint8Array) return 2 * value.length + NUMBER_BYTES_MAX;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (const entry of value as readonly Plain[]) bytes += plainBytesMax(entry) + 1;
    return bytes;
  }
  for (const key in value) {
    bytes += textBytesMax(key) + plainBytesMax((value as { [key: string]: Plain })[key]!) + 3;
  }
  return bytes;
}

/** `-1.2345678901234567e-300` */
const NUMBER_BYTES_MAX = 24;

/** A unit of UTF-16 takes six bytes at most, as in `\u0000`. */
function textBytesMax(text: string): number {
  return 6 * text.length + 2;
}

/**
 * Where a value is not plain data, and what stands there, as `args.reads[2] is a function`; undefined
 * for plain data. `path` is what the value itself is called.
 */
export function unplain(value: unknown, path: string): string | undefined {
  return unplainBelow(value, path, []);
}

function unplainBelow(value: unknown, path: string, above: readonly object[]): string | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  }
  if (value === undefined || typeof value === 'symbol') return `${path} is ${String(value)}`;
  if (typeof value === 'function' || typeof value === 'bigint')
    return `${path} is a ${typeof value}`;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined;
  if (above.includes(value)) return `${path} is what it stands in`;
  const names = [...above, value];
  if (names.length > DEPTH_MAX) return `${path.slice(0, 40)}… is more than ${DEPTH_MAX} deep`;
  if (Array.isArray(value)) {
    return firstOf(value.entries(), ([i, entry]) => unplainBelow(entry, `${path}[${i}]`, names));
  }
  const prototype: object | null = Object.getPrototypeOf(value);
  // Plain objects of any realm: nothing stands above what they inherit from.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `${path} is a ${prototype.constructor?.name || 'class instance'}`;
  }
  const given = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return firstOf(given, ([key, entry]) => unplainBelow(entry, member(path, key), names));
}

function firstOf<Item>(
  items: Iterable<Item>,
  problemOf: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function member(path: string, key: string): string {
  return /^[a-z_$][\w$]*$/i.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Whether JSON carries it as it is, which most messages do: then nothing is copied. */
function isJson(value: unknown, depth = 0): boolean {
  if (depth > DEPTH_MAX) tooDeep();
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      if (Number.isFinite(value)) return true;
      throw notFinite(value);
    case 'object':
      break;
    default:
      throw noPlain(value);
  }
  if (value === null) return true;
  if (value instanceof Uint8Array) return false;
  if (Array.isArray(value)) return value.every((entry) => isJson(entry, depth + 1));
  for (const key in value) {
    const entry = (value as { [key: string]: unknown })[key];
    if (key.charCodeAt(0) === DOLLAR || (entry !== undefined && !isJson(entry, depth + 1)))
      return false;
  }
  return true;
}

function notFinite(value: number): TypeError {
  return new TypeError(`plain data has finite numbers only, not ${value}`);
}

function noPlain(value: unknown): TypeError {
  return new TypeError(`plain data has no ${typeof value}`);
}

const DOLLAR = 36;
export const DEPTH_MAX = 500;

/** Without the frames of the way down, which would be all that there is room for. */
export function tooDeep(): never {
  const error = new TypeError(`plain data is at most ${DEPTH_MAX} deep; is there a cycle?`);
  Error.captureStackTrace(error, plainToText);
  throw error;
}

function toJson(value: Plain, depth = 0): Json {
  if (depth > DEPTH_MAX) tooDeep();
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) {
    return (value as readonly Plain[]).map((entry) => toJson(entry, depth + 1));
  }
  const out: { [key: string]: Json } = {};
  for (const [key, entry] of Object.entries(
    value as { readonly [key: string]: Plain | undefined },
  )) {
    if (entry !== undefined) out[key.startsWith('$') ? `$${key}` : key] = toJson(entry, depth + 1);
  }
  return out;
}

function fromJson(value: Json): Plain {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value['$bytes'] === 'string')
    return new Uint8Array(Buffer.from(value['$bytes'], 'base64'));
  const out: { [key: string]: Plain } = {};
  for (const [key, entry] of Object.entries(value)) {
    out[key.startsWith('$$') ? key.slice(1) : key] = fromJson(entry);
  }
  return out;
}
