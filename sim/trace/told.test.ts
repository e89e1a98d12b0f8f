import { expect, test } from 'vitest';
import { bounded, boundedLine, framesOf, visible } from './told.ts';

test('a short text is told as it is', () => {
  expect(bounded('one\ntwo')).toBe('one\ntwo');
  expect(boundedLine('one\ntwo')).toBe('one');
});

test('of a long text its beginning is told, and how much is left', () => {
  expect(bounded('x'.repeat(5_000))).toBe(`${'x'.repeat(4_000)}\n… 1,000 more characters`);
  const lines = Array.from({ length: 62 }, (_, i) => `line ${i}`);
  expect(bounded(lines.join('\n')).split('\n').slice(59)).toEqual([
    'line 59',
    '… 16 more characters',
  ]);
  expect(boundedLine('x'.repeat(500))).toBe(`${'x'.repeat(400)} … 100 more characters`);
});

test('what a terminal would obey is told and not obeyed', () => {
  expect(visible('\u001b[31mred\u001b[39m\ttab\nbell\u0007 \u202eback')).toBe(
    'red\ttab\nbell\\u0007 \\u202eback',
  );
  expect(boundedLine('nul\u0000\nnext')).toBe('nul\\u0000');
});

test('frames are what stands below the message, whatever the message says', () => {
  const message = 'first\n    at nowhere:1:1\nlast';
  const stack = `Error: ${message}\n    at here:2:2`;
  expect(framesOf({ message, stack })).toEqual(['    at here:2:2']);
  expect(framesOf({ message: 'changed since', stack: 'Error: was\n    at here:2:2' })).toEqual([
    '    at here:2:2',
  ]);
  expect(framesOf({ message, stack: undefined })).toEqual([]);
});
