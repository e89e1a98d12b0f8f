import { expect, test } from 'vitest';
import { bounded, boundedLine, framesOf } from './told.ts';

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

test('frames are what stands below the message, whatever the message says', () => {
  const message = 'first\n    at nowhere:1:1\nlast';
  const stack = `Error: ${message}\n    at here:2:2`;
  expect(framesOf({ message, stack })).toEqual(['    at here:2:2']);
  expect(framesOf({ message: 'changed since', stack: 'Error: was\n    at here:2:2' })).toEqual([
    '    at here:2:2',
  ]);
  expect(framesOf({ message, stack: undefined })).toEqual([]);
});
