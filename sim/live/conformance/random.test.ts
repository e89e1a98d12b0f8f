import { describe, expect, test } from 'vitest';
import type { Env } from '../../env/env.ts';
import { codeOf, IMPLEMENTATIONS } from './implementations.ts';

/** Draws per test. An outcome of chance 1/4 is missed by all with chance (3/4)^200 < 2e-25. */
const DRAWS = 200;

describe.each(IMPLEMENTATIONS)('random, $name', ({ run }) => {
  const alone = (body: (env: Env) => Promise<void>) => run({ one: body });
  const times = <Result>(draw: () => Result): Result[] => Array.from({ length: DRAWS }, draw);

  test('whole numbers come from all of the range, both ends included', () =>
    alone(async ({ random }) => {
      const drawn = new Set(times(() => random.integer('test.small', { min: -2, max: 1 })));
      expect([...drawn].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1]);
      expect(random.integer('test.one', { min: 7, max: 7 })).toBe(7);
    }));

  test('a range may have 2^53 numbers, and no more', () =>
    alone(async ({ random }) => {
      const max = Number.MAX_SAFE_INTEGER;
      for (const drawn of times(() => random.integer('test.large', { min: 0, max }))) {
        expect(Number.isSafeInteger(drawn) && drawn >= 0).toBe(true);
      }
      // Missed with chance 2^-200.
      const drawn = times(() => random.integer('test.large', { min: 0, max }));
      expect(Math.max(...drawn)).toBeGreaterThan(max / 2);
      for (const range of [
        { min: -1, max },
        { min: 1, max: 0 },
        { min: 0.5, max: 2 },
        { min: 0, max: 2 ** 53 },
      ]) {
        expect(await codeOf(() => random.integer('test.bad', range))).toBe('RangeError');
      }
    }));

  test('outcomes come by weight, those of weight 0 never', () =>
    alone(async ({ random }) => {
      const weights = { never: 0, often: 3, seldom: 1 };
      const drawn = times(() => random.branch('test.branch', weights));
      expect(drawn).not.toContain('never');
      const often = drawn.filter((outcome) => outcome === 'often').length;
      // 150 on average, with a standard deviation of 6: 9 of them off by chance 1e-18.
      expect(often).toBeGreaterThan(95);
      expect(often).toBeLessThan(200);
    }));

  test.each<[string, Record<string, number>]>([
    ['negative', { a: -1, b: 2 }],
    ['broken', { a: 0.5, b: 1 }],
    ['no', { a: 0 }],
    ['too large', { a: 2 ** 31 }],
  ])('%s weights are refused', (_, weights) =>
    alone(async ({ random }) => {
      expect(await codeOf(() => random.branch('test.bad', weights))).toBe('RangeError');
    }),
  );

  test('every item is picked at some time, and nothing from nothing', () =>
    alone(async ({ random }) => {
      const items = ['a', 'b', 'c', 'd'];
      expect([...new Set(times(() => random.pick('test.pick', items)))].sort()).toEqual(items);
      expect(await codeOf(() => random.pick('test.pick', []))).toBe('RangeError');
    }));

  test('a shuffle is another order of the same items, in another list', () =>
    alone(async ({ random }) => {
      const items = Array.from({ length: 12 }, (_, i) => i);
      const orders = times(() => random.shuffle('test.shuffle', items));
      for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual(items);
      expect(items).toEqual([...items.keys()]);
      expect(new Set(orders.map((order) => order.join())).size).toBeGreaterThan(100);
      expect([...new Set(orders.map(([first]) => first))]).toHaveLength(12);
    }));

  test('bytes have the length asked for, up to 65,536', () =>
    alone(async ({ random }) => {
      expect(random.bytes('test.bytes', 0)).toHaveLength(0);
      expect(new Set(random.bytes('test.bytes', 65_536)).size).toBe(256);
      for (const count of [-1, 1.5, 65_537]) {
        expect(await codeOf(() => random.bytes('test.bytes', count))).toBe('RangeError');
      }
    }));

  test('a UUID is one of version 4', () =>
    alone(async ({ random }) => {
      const drawn = times(() => random.uuid('test.uuid'));
      for (const uuid of drawn) {
        expect(uuid).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }
      expect(new Set(drawn).size).toBe(DRAWS);
    }));
});
