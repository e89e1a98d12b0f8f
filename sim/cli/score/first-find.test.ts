import { expect, test } from 'vitest';
import { dinPhil } from '../../../scenarios/sctbench/din-phil.ts';
import { reorder } from '../../../scenarios/sctbench/reorder.ts';
import { firstFinds, spreadOf } from './first-find.ts';

test('what always fails is found at once, what never does is not', () => {
  const hunt = { strategy: 'random', repetitions: 3, executionsMax: 20 } as const;
  expect(firstFinds({ ...hunt, program: dinPhil(5)('bug') })).toEqual([1, 1, 1]);
  expect(firstFinds({ ...hunt, program: dinPhil(5)('control') })).toEqual([
    Infinity,
    Infinity,
    Infinity,
  ]);
});

test('repetitions share no seed', () => {
  const hunt = { strategy: 'surw', repetitions: 5, executionsMax: 1_000 } as const;
  const finds = firstFinds({ ...hunt, program: reorder(2, 1)('bug') });
  expect(new Set(finds).size).toBeGreaterThan(1);
});

test('the interval of 20 is from the 6th to the 15th', () => {
  const finds = Array.from({ length: 20 }, (_, i) => 20 - i);
  expect(spreadOf(finds)).toEqual({ median: 10.5, from: 6, to: 15 });
  expect(spreadOf([Infinity])).toEqual({ median: Infinity, from: Infinity, to: Infinity });
});
