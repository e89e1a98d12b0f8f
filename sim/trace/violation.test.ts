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

function signature(message: string): string {
  return signatureOf({ property: 'uncaught Error', message, roles: [] });
}

test('two lists of numbers are one bug, however long', () => {
  expect(signature('got 1,1,2,3,2')).toBe('uncaught Error: got #');
  expect(signature('got 1, -2.5, 3')).toBe('uncaught Error: got #');
  expect(signature('[1,2] and [3]')).toBe('uncaught Error: [#] and [#]');
  expect(signature('1 of 2, or 3')).toBe('uncaught Error: # of #, or #');
});

test.each([
  ['lost client-1/0', 'lost client-2/3, client-1/4', 'lost client#/#'],
  ['sum 5 log bob,ann', 'sum 7 log ann,bob', 'sum # log #'],
  ["left [ 'ann', 'bob' ]", "left [ 'bob', 'ann', 'eve' ]", 'left [ # ]'],
  ["no lock 'a3f9'", "no lock '7bc1'", 'no lock #'],
])('ids and lists of them make no difference: %s, %s', (one, other, folded) => {
  expect(signature(one)).toBe(`uncaught Error: ${folded}`);
  expect(signature(other)).toBe(signature(one));
});

test.each([
  ["Cannot read properties of undefined (reading 'sum')", "(reading 'log')"],
  ['not found, retrying', 'not found, giving up'],
  ['client 1 is late', 'server 1 is late'],
])('words tell bugs apart: %s, %s', (one, other) => {
  expect(signature(one)).toContain(one.replace(/\d/, '#'));
  expect(signature(one)).not.toBe(signature(other));
});

test('what a program states by name is one bug, whatever its details are', () => {
  const stated = (property: string, message: string): string =>
    signatureOf({ property, message, roles: ['client'] });
  expect(stated('always: none lost', 'lost ann')).toBe('always: none lost [client]');
  expect(stated('always: none lost', 'bob and eve are lost')).toBe('always: none lost [client]');
  expect(stated('unreachable: twice', 'by ann')).toBe('unreachable: twice [client]');
});
