import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Plain } from './net.ts';
import { copyPlain, decodePlain, encodePlain, PlainError } from './plain.ts';

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
