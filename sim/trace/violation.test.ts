import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { signatureOf, uncaught } from './violation.ts';

test.each([
  ['{ code: 1, of: { a: [1, 2] } }', '{ code: 1, of: { a: [ 1, 2 ] } }'],
  ['Object.create(null)', '[Object: null prototype] {}'],
  ['{ message: { text: 1 } }', '{ message: { text: 1 } }'],
  ['{ get secret() { throw new Error("called"); } }', '{ secret: [Getter] }'],
  ['[undefined, 7n]', '[ undefined, 7n ]'],
  ['{ cause: new Error("below"), b: 2 }', '{ cause: Error: below, b: 2 }'],
  ['"text"', 'text'],
  ['{ get message() { throw new Error("called"); } }', '{ message: [Getter] }'],
  [
    'Object.assign(new Error(), { message: { toString() { throw new Error("called"); } } })',
    'an object that throws when it is read',
  ],
])('what is thrown and no Error is told by what it holds: %s', (thrown, says) => {
  expect(uncaught(runInNewContext(`(${thrown})`), 'exception')).toEqual({
    property: 'uncaught exception',
    message: `not an Error: ${says}`,
    stack: undefined,
  });
});

test('two lists of numbers are one bug, however long', () => {
  const signature = (message: string): string =>
    signatureOf({ property: 'uncaught Error', message, roles: [] });
  expect(signature('got 1,1,2,3,2')).toBe('uncaught Error: got #');
  expect(signature('got 1, -2.5, 3')).toBe('uncaught Error: got #');
  expect(signature('[1,2] and [3]')).toBe('uncaught Error: [#] and [#]');
  expect(signature('1 of 2, or 3')).toBe('uncaught Error: # of #, or #');
});
