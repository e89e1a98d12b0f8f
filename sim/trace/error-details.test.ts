import assert from 'node:assert';
import { expect, test } from 'vitest';
import { errorDetails, errorWithin } from './error-details.ts';

function lines(error: unknown): string[] {
  const details = errorDetails(error)?.split('\n') ?? [];
  return details.filter((line) => !/^\s+at /.test(line));
}

test('the chain of causes is told, each with its own properties and its first frames', () => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', port: 80 });
  const error = new Error('cannot load', { cause: new TypeError('no peer', { cause: refused }) });
  expect(lines(Object.assign(error, { tries: 3 }))).toEqual([
    'tries: 3',
    'caused by TypeError: no peer',
    '  caused by Error: refused',
    "    code: 'ECONNREFUSED', port: 80",
  ]);
  expect(errorDetails(error)).toMatch(/\n {4}at .*error-details\.test\.ts:\d+:\d+/);
});

test('the errors that one gathers are told', () => {
  const error = new AggregateError([new Error('a'), 'text', null], 'all failed');
  expect(lines(error)).toEqual([
    'one of its errors: Error: a',
    'one of its errors: text',
    'one of its errors: null',
  ]);
});

test('what the message says, and what has a place of its own, is not told again', () => {
  const error = Object.assign(new Error("ENOENT: no such file, open 'x'"), {
    code: 'ENOENT',
    path: 'x',
    atMs: 5,
  });
  expect(errorDetails(error)).toBeUndefined();
});

test('an assertion has said all in its message', () => {
  const thrown = (() => {
    try {
      assert.strictEqual(1, 2);
      return undefined;
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(assert.AssertionError);
  expect(errorDetails(thrown)).toBeUndefined();
});

test('however much there is, it ends: long lists, deep chains, circles', () => {
  const circle = new Error('round');
  circle.cause = circle;
  expect(lines(circle)).toEqual(['caused by Error: round (see above)']);
  let deep = new Error('0');
  for (let i = 1; i < 100; i++) deep = new Error(`${i}`, { cause: deep });
  expect(lines(deep)).toHaveLength(4);
  const many = new AggregateError(Array.from({ length: 100 }, () => new Error('x')));
  expect(lines(many)).toHaveLength(9);
  expect(lines(many).at(-1)).toBe('… 92 more of its errors');
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, i]));
  expect(lines(Object.assign(new Error(), wide))[0]).toMatch(/p11: 11, …$/);
});

test('no getter is called', () => {
  const error = new Error('x');
  Object.defineProperty(error, 'cause', {
    get() {
      throw new Error('called');
    },
  });
  Object.defineProperty(error, 'code', {
    enumerable: true,
    get() {
      throw new Error('called');
    },
  });
  expect(errorDetails(error)).toBeUndefined();
  expect(
    errorWithin(
      'thrown:',
      Object.create({
        get message() {
          throw new Error('called');
        },
      }),
    ),
  ).toMatch(/^thrown: /);
});
