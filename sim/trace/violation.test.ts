import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { uncaught } from './violation.ts';

test.each([
  ['{ code: 1, of: { a: [1, 2] } }', '{ code: 1, of: { a: [ 1, 2 ] } }'],
  ['Object.create(null)', '[Object: null prototype] {}'],
  ['{ message: { text: 1 } }', '{ message: { text: 1 } }'],
  ['{ get secret() { throw new Error("called"); } }', '{ secret: [Getter] }'],
  ['[undefined, 7n]', '[ undefined, 7n ]'],
  ['{ cause: new Error("below"), b: 2 }', '{ cause: Error: below, b: 2 }'],
  ['"text"', 'text'],
])('what is thrown and no Error is told by what it holds: %s', (thrown, says) => {
  expect(uncaught(runInNewContext(`(${thrown})`), 'exception')).toEqual({
    property: 'uncaught exception',
    message: `not an Error: ${says}`,
    stack: undefined,
  });
});
