import { describe, expect, test } from 'vitest';
import type { Plain } from '../../env/net.ts';
import type { Operation } from '../history.ts';
import { readJepsenEdn } from '../read/jepsen.ts';
import { isolation } from './isolation.ts';

function txn(process: string, micros: Plain[]): Operation {
  const input = micros;
  return { process, name: 'txn', input, outcome: 'ok', output: micros, called: 0, returned: 1 };
}

/** Whether a scan that found `found` can have been when 1 to 12 and `a1`, `b1` were written before. */
function verdictOf(predicate: Plain, found: Plain): string {
  const written: Plain[] = [1, 9, 10, 12, 'a1', 'b1'].map((key) => ['w', key, `of ${key}`]);
  const [writer, reader] = [txn('w', written), txn('r', [['rp', predicate, found]])];
  const later = { ...reader, called: 2, returned: 3 };
  return isolation([writer, later], 'strict-ser').verdict;
}

describe('a predicate is true of', () => {
  test.each<[string, Plain, Plain[]]>([
    ['every key', null, [1, 9, 10, 12, 'a1', 'b1']],
    ['listed keys', [9, 'b1', 'never'], [9, 'b1']],
    ['numbers in a range, without its end', { from: 9, to: 12 }, [9, 10]],
    ['numbers from one on', { from: 10 }, [10, 12]],
    ['texts up to one', { to: 'b' }, ['a1']],
    ['texts that begin so', { prefix: 'b' }, ['b1']],
  ])('%s', (_, predicate, keys) => {
    const found = keys.map((key) => [key, `of ${key}`]);
    expect(verdictOf(predicate, found)).toBe('valid');
    expect(verdictOf(predicate, found.slice(1))).toBe('invalid');
  });
});

test('what was found may be a record, whose names stand for keys of numbers too', () => {
  expect(verdictOf({ from: 9, to: 11 }, { 9: 'of 9', 10: 'of 10' })).toBe('valid');
  expect(verdictOf({ from: 9, to: 11 }, { 9: 'of 10', 10: 'of 10' })).toBe('invalid');
});

test.each<[string, Plain, Plain, string]>([
  [
    'a predicate that is none',
    { where: 'odd' },
    [],
    'a predicate is null, a list of keys, { prefix',
  ],
  ['a range without an end', {}, [], 'a predicate is null'],
  ['a key outside of it', { from: 10 }, [[9, 'of 9']], '9 does not satisfy it'],
  ['something else found', null, [9], 'it finds [[key, value], …]'],
])('%s is refused with the transaction', (_, predicate, found, message) => {
  expect(() => verdictOf(predicate, found)).toThrowError(
    expect.objectContaining({
      code: 'bad-input',
      message: expect.stringContaining(message),
      place: { operation: 1 },
    }),
  );
});

test('a scan that nobody saw the answer of says nothing', () => {
  const scan = {
    ...txn('r', [['rp', null, null]]),
    outcome: 'unknown',
    output: undefined,
  } as const;
  expect(isolation([txn('w', [['w', 1, 2]]), scan], 'strict-ser').verdict).toBe('valid');
});

test('of what one scan saw nothing came earlier', () => {
  const [one, two] = [
    txn('a', [['w', 'x', 1]]),
    txn('b', [
      ['r', 'x', 1],
      ['w', 'x', 2],
      ['w', 'y', 1],
    ]),
  ];
  const torn: Plain = [
    ['x', 1],
    ['y', 1],
  ];
  const scan = txn('c', [['rp', null, torn]]);
  expect(isolation([one, two, scan], 'rc').verdict).toBe('valid');
  expect(isolation([one, two, scan], 'ra').verdict).toBe('invalid');
});

test('reads by predicate are read from EDN', () => {
  const { history } = readJepsenEdn(`
    {:process 0, :type :invoke, :f :txn, :value [[:rp {:from 1} nil] [:append 2 7]]}
    {:process 0, :type :ok, :f :txn, :value [[:rp {:from 1} [[1 [5]]]] [:append 2 7]]}`);
  expect(history[0]!.input).toEqual([
    ['rp', { from: 1 }, null],
    ['append', 2, 7],
  ]);
  expect(history[0]!.output).toEqual([
    ['rp', { from: 1 }, [[1, [5]]]],
    ['append', 2, 7],
  ]);
});
