import { expect, test } from 'vitest';
import { textIn } from './text.ts';

test('bytes that are no UTF-8 stay different, and all others are as they were', () => {
  expect(textIn(Buffer.from('ä → 😀'))).toBe('ä → 😀');
  const mixed = (...bytes: number[]) =>
    textIn(Buffer.concat([Buffer.from('ä'), Buffer.from(bytes), Buffer.from('😀')]));
  expect(mixed(0xff, 0xfe)).toBe('ä\udcff\udcfe😀');
  expect(mixed(0xfe, 0xff)).toBe('ä\udcfe\udcff😀');
  // The beginnings of characters that do not go on, and one byte too long for what it says.
  expect(mixed(0xc3)).toBe('ä\udcc3😀');
  expect(mixed(0xf0, 0x9f, 0x98)).toBe('ä\udcf0\udc9f\udc98😀');
  expect(mixed(0xc0, 0x80)).toBe('ä\udcc0\udc80😀');
  // A surrogate by itself, as UTF-8 must not have it.
  expect(mixed(0xed, 0xb3, 0xbf)).toBe('ä\udced\udcb3\udcbf😀');
});

test.each([
  ['gunzip', [0x1f, 0x8b, 8, 0]],
  ['UTF-16', [0xff, 0xfe, 0x7b, 0]],
])('what is no text at all is named: %s', (name, bytes) => {
  expect(() => textIn(Uint8Array.from(bytes))).toThrowError(name);
});
