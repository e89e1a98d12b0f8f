import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonTextError, readJsonText } from './json-text.ts';

function wrong(text: string): string {
  try {
    readJsonText(text);
    return 'read';
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    const { line, column } = error.place;
    return `${line}:${column} ${error.message}`;
  }
}

test('it reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      if (text.includes('"__proto__"')) return;
      expect(readJsonText(text).value).toEqual(JSON.parse(text));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('every part of a value has its place', () => {
  const { placeOf } = readJsonText('{\n  "a": [1,\n    {"b c": "\\u00e4"}],\n  "d": null\n}');
  expect(placeOf(['a'])).toEqual({ line: 2, column: 8 });
  expect(placeOf(['a'], 'key')).toEqual({ line: 2, column: 3 });
  expect(placeOf(['a', 1, 'b c'])).toEqual({ line: 3, column: 13 });
  expect(placeOf(['a', 1, 'missing'])).toEqual({ line: 3, column: 5 });
  expect(placeOf([])).toEqual({ line: 1, column: 1 });
});

test.each([
  ['', '1:1 a value should stand here, but the text ends'],
  ['{"a": 1,}', '1:9 a key in quotes should stand here, but "}" does'],
  ['{\n  "a": 1\n  "b": 2\n}', `3:3 ',' or '}' should follow, but "\\"" does`],
  ['[1 2]', `1:4 ',' or ']' should follow, but "2" does`],
  ['{"a" 1}', `1:6 ':' should follow, but "1" does`],
  ['nul', '1:1 a value should stand here, but "n" does'],
  ['01', '1:2 nothing more should follow, but "1" does'],
  ['1e999', '1:1 1e999 is too large'],
  ['"a', '1:1 a string is never closed, or breaks over lines'],
  ['"a\nb"', '1:1 a string is never closed, or breaks over lines'],
  ['"\\\n"', '1:1 a string is never closed, or breaks over lines'],
  ['"\\x"', '1:1 "\\x" has an escape that JSON does not know'],
  ['{"a": 1, "a": 2}', '1:10 the key "a" stands here twice'],
  ['{"__proto__": 1}', "1:2 a key may not be '__proto__'"],
  ['['.repeat(101), '1:101 values lie more than 100 deep'],
])('%j is refused where it is wrong', (text, message) => {
  expect(wrong(text)).toBe(message);
});
