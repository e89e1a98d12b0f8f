import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Plain } from './net.ts';
import { copyPlain, decodePlain, encodePlain, PlainError, plainBytesMax } from './plain.ts';

const plain = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('$bytes'), fc.constant('$$')), tie('value'), {
      noNullPrototype: true,
    }),
  ),
})).value;

test('what is decoded is what was encoded, bytes and all keys', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(copyPlain(value)).toEqual(value);
    }),
  );
});

test('a cycle is refused, in objects, arrays, and beside bytes', () => {
  const cyclic: { [key: string]: unknown } = { bytes: new Uint8Array(1) };
  cyclic['self'] = [cyclic];
  expect(() => encodePlain(cyclic as Plain)).toThrow('is there a cycle?');
  delete cyclic['bytes'];
  expect(() => encodePlain(cyclic as Plain)).toThrow('is there a cycle?');
});

test.each([Number.NaN, Infinity, () => 1, Symbol('s'), 1n])('%s is no plain data', (value) => {
  expect(() => encodePlain({ value } as unknown as Plain)).toThrow(TypeError);
});

test('other bytes are no plain data', () => {
  expect(() => decodePlain(new Uint8Array([0xff]))).toThrow(PlainError);
  expect(() => decodePlain(new Uint8Array([0x7b]))).toThrow(PlainError);
});

test('a copy is what the bytes bring, and never takes more of them than was foreseen', () => {
  fc.assert(
    fc.property(plain, (value) => {
      const bytes = encodePlain(value);
      const copy = copyPlain(value);
      expect(copy).toEqual(decodePlain(bytes));
      expect(encodePlain(copy)).toEqual(bytes);
      expect(plainBytesMax(value)).toBeGreaterThanOrEqual(bytes.length);
    }),
  );
});

test.each([
  ['minus zero', -0],
  ['an object that JSON has a form for', { at: new Date(0) }],
  [
    'an instance of a class',
    {
      point: new (class Point {
        x = 1;
      })(),
    },
  ],
  ['a key that objects inherit by', JSON.parse('{"__proto__":{"polluted":1}}')],
  ['members left out', { a: undefined, b: 1 }],
  ['control characters', '\u0000\ud800'],
  ['large numbers', [1.7976931348623157e308, -1.2345678901234568e-300]],
])('%s: a copy is what the bytes bring', (_, value) => {
  const bytes = encodePlain(value as Plain);
  const copy = copyPlain(value as Plain);
  expect(copy).toStrictEqual(decodePlain(bytes));
  expect(plainBytesMax(copy)).toBeGreaterThanOrEqual(bytes.length);
});

test.each([Number.NaN, Infinity, () => 1, Symbol('s'), 1n, [undefined]])(
  '%s is not copied',
  (value) => {
    expect(() => copyPlain({ value } as unknown as Plain)).toThrow(TypeError);
  },
);
