import { expect, test } from 'vitest';
import type { Plain } from '../../env/net.ts';
import type { History, Operation, Outcome } from '../history.ts';
import type { Verdict } from '../verdict.ts';
import { bank } from './bank.ts';
import { counterBounds } from './counter.ts';
import { longFork } from './long-fork.ts';
import { monotonic } from './monotonic.ts';
import { totalQueue, uniqueIds } from './queues.ts';
import { finalSet, setFull } from './sets.ts';

type Line = readonly [
  name: string,
  input: Plain,
  output: Plain,
  outcome?: Outcome,
  at?: readonly [number, number],
];

/** One operation after the other, unless it says when. */
function history(...lines: readonly Line[]): History {
  return lines.map(([name, input, output, outcome = 'ok', at], i): Operation => {
    const [called, returned] = at ?? [10 * i, 10 * i + 5];
    const seen = outcome === 'ok' ? output : undefined;
    return { process: 'a', name, input, outcome, output: seen, called, returned };
  });
}

const read = (output: Plain): Line => ['read', null, output];
const add = (input: Plain, outcome: Outcome = 'ok'): Line => ['add', input, null, outcome];
const write = (key: string): Line => ['txn', [['w', key, 1]], [['w', key, 1]]];
const seen = (x: Plain, y: Plain): Line => [
  'txn',
  [
    ['r', 'x', null],
    ['r', 'y', null],
  ],
  [
    ['r', 'x', x],
    ['r', 'y', y],
  ],
];

interface Case {
  readonly check: (history: History) => Verdict;
  readonly anomaly: string;
  readonly broken: History;
  readonly nearly: History;
}

const CASES: readonly Case[] = [
  {
    check: (told) => bank(told, { total: 10 }),
    anomaly: 'wrong-total',
    broken: history(read({ a: 5, b: 4 })),
    nearly: history(read({ a: 6, b: 4 })),
  },
  {
    check: bank,
    anomaly: 'wrong-total',
    broken: history(read({ a: 5, b: 5 }), read({ a: 5, b: 6 })),
    nearly: history(read({ a: 5, b: 5 }), read({ a: 10, b: 0 })),
  },
  {
    check: bank,
    anomaly: 'negative-balance',
    broken: history(read({ a: 11, b: -1 })),
    nearly: history(read({ a: 11, b: 0 })),
  },
  {
    check: bank,
    anomaly: 'nil-balance',
    broken: history(read({ a: 11, b: null })),
    nearly: history(read({ a: 11 })),
  },
  {
    check: finalSet,
    anomaly: 'lost',
    broken: history(add(1), add(2), read([2])),
    nearly: history(add(1, 'unknown'), add(2), read([2])),
  },
  {
    check: finalSet,
    anomaly: 'unexpected',
    broken: history(add(1), add(2, 'fail'), read([1, 2])),
    nearly: history(add(1), add(2, 'unknown'), read([1, 2])),
  },
  {
    check: setFull,
    anomaly: 'lost',
    broken: history(add(1), add(2), read([1, 2]), read([2])),
    nearly: history(add(1), add(2), read([2]), read([1, 2])),
  },
  {
    check: setFull,
    anomaly: 'lost',
    broken: history(add(1), add(2), read([2])),
    nearly: history(['add', 1, null, 'ok', [0, 100]], add(2), read([2])),
  },
  {
    check: setFull,
    anomaly: 'duplicated',
    broken: history(add(1), read([1, 1])),
    nearly: history(add(1), read([1])),
  },
  {
    check: setFull,
    anomaly: 'unexpected',
    broken: history(add(1), add(2, 'fail'), read([1, 2])),
    nearly: history(add(1), add(2, 'unknown'), read([1, 2])),
  },
  {
    check: totalQueue,
    anomaly: 'lost',
    broken: history(['enqueue', 1, null], ['dequeue', null, null]),
    nearly: history(['enqueue', 1, null], ['dequeue', null, null, 'unknown']),
  },
  {
    check: totalQueue,
    anomaly: 'duplicated',
    broken: history(['enqueue', 1, null], ['dequeue', null, 1], ['drain', null, [1]]),
    nearly: history(['enqueue', 1, null], ['enqueue', 1, null, 'unknown'], ['drain', null, [1, 1]]),
  },
  {
    check: totalQueue,
    anomaly: 'unexpected',
    broken: history(['dequeue', null, 1]),
    nearly: history(['enqueue', 1, null, 'unknown'], ['dequeue', null, 1]),
  },
  {
    check: totalQueue,
    anomaly: 'lost',
    broken: history(['enqueue', 1, null], ['enqueue', 2, null], ['dequeue', null, null, 'unknown']),
    nearly: history(['enqueue', 1, null], ['enqueue', 2, null], ['drain', null, null, 'unknown']),
  },
  {
    check: totalQueue,
    anomaly: 'unexpected',
    broken: history(['dequeue', null, 1], ['enqueue', 1, null]),
    nearly: history(['dequeue', null, 1, 'ok', [0, 10]], ['enqueue', 1, null]),
  },
  {
    check: totalQueue,
    anomaly: 'unexpected',
    broken: history(
      ['enqueue', 1, null],
      ['dequeue', null, 1],
      ['dequeue', null, 1],
      ['enqueue', 1, null],
    ),
    nearly: history(
      ['enqueue', 1, null],
      ['dequeue', null, 1],
      ['enqueue', 1, null],
      ['dequeue', null, 1],
    ),
  },
  {
    check: setFull,
    anomaly: 'lost',
    broken: history(add(1), add(1, 'unknown'), add(2), read([2])),
    nearly: history(add(1, 'unknown'), add(1, 'unknown'), add(2), read([2])),
  },
  {
    check: setFull,
    anomaly: 'unexpected',
    broken: history(read([1]), add(1)),
    nearly: history(['read', null, [1], 'ok', [0, 10]], add(1)),
  },
  {
    check: finalSet,
    anomaly: 'lost',
    // The read that returned last is not the one called last.
    broken: history(
      add(1),
      ['read', null, [], 'ok', [11, 30]],
      ['read', null, [1], 'ok', [12, 20]],
    ),
    nearly: history(
      add(1),
      ['read', null, [1], 'ok', [11, 30]],
      ['read', null, [], 'ok', [12, 20]],
    ),
  },
  {
    check: finalSet,
    anomaly: 'lost',
    broken: history(['add', 1, null, 'ok', [0, 9]], read([])),
    nearly: history(['add', 1, null, 'ok', [0, 10]], read([]), add(2)),
  },
  {
    check: finalSet,
    anomaly: 'unexpected',
    broken: history(read([1]), add(1)),
    nearly: history(['read', null, [1], 'ok', [0, 10]], add(1)),
  },
  {
    check: counterBounds,
    anomaly: 'out-of-bounds',
    broken: history(['reset', 5, null], ['foo', { z: 1 }, null], add(1), read(6)),
    nearly: history(['reset', 5, null], ['foo', { z: 1 }, null], add(1), read(1)),
  },
  {
    check: uniqueIds,
    anomaly: 'duplicated',
    broken: history(['generate', null, 7], ['generate', null, 7]),
    nearly: history(['generate', null, 7], ['generate', null, '7']),
  },
  {
    check: counterBounds,
    anomaly: 'out-of-bounds',
    broken: history(add(2), add(3, 'unknown'), read(1)),
    nearly: history(add(2), add(3, 'unknown'), read(5)),
  },
  {
    check: counterBounds,
    anomaly: 'out-of-bounds',
    broken: history(add(2), add(-1), read(2)),
    nearly: history(add(2), add(-1, 'unknown'), read(2)),
  },
  {
    check: longFork,
    anomaly: 'long-fork',
    broken: history(write('x'), write('y'), seen(1, null), seen(null, 1)),
    nearly: history(write('x'), write('y'), seen(1, null), seen(1, 1)),
  },
  {
    check: monotonic,
    anomaly: 'went-back',
    broken: history(read(2), read(1)),
    nearly: history(['read', null, 2, 'ok', [0, 15]], ['read', null, 1, 'ok', [10, 20]]),
  },
  {
    check: monotonic,
    anomaly: 'went-back',
    broken: history(read({ x: 2, y: 1 }), read({ x: 2, y: 0 })),
    nearly: history(read({ x: 2, y: 1 }), read({ x: 3, y: 1 })),
  },
];

test.each(CASES)(
  '$check.name catches $anomaly, and lets a near miss pass',
  ({ check, anomaly, broken, nearly }) => {
    const { verdict, anomalies } = check(broken);
    expect([verdict, anomalies[0]?.name]).toEqual(['invalid', anomaly]);
    expect(check(nearly).verdict).toBe('valid');
  },
);

test.each([null, '99'])('a counter that reads as %j is bad input', (output) => {
  expect(() => counterBounds(history(read(output)))).toThrowError('read returns a number, not');
});

test.each([bank, finalSet, setFull, longFork, monotonic, counterBounds, uniqueIds, totalQueue])(
  '%o does not judge what was never read',
  (check) => {
    expect(check(history(add(1), ['push', 1, null])).verdict).toBe('unknown');
  },
);

test('overdrawn accounts may be allowed', () => {
  expect(bank(history(read({ a: 11, b: -1 })), { negative: 'allowed' }).verdict).toBe('valid');
});

test('fractions are not summed up exactly, whole amounts are', () => {
  const [before, after] = [read({ a: 0.1, b: 0.2 }), read({ a: -5e-17, b: 0.3 })];
  expect(bank(history(before, after)).verdict).toBe('valid');
  expect(bank(history(before, read({ a: 0.1, b: 0.2001 }))).verdict).toBe('invalid');
  const large = 9_007_199_254_740_991;
  expect(bank(history(read({ a: large }), read({ a: large - 1 }))).verdict).toBe('invalid');
});

test('a bank counts from zero on if it is told so', () => {
  expect(counterBounds(history(read(5)), { initial: 5 }).verdict).toBe('valid');
});

test('set-full counts elements that appear late, and those that nobody saw', () => {
  const told = history(add(1), add(2), read([2]), read([1, 2]), ['add', 3, null, 'unknown']);
  expect(setFull(told).reason).toBe(
    '2 elements are there to stay, 1 of them late, 1 were never read',
  );
});
