import { expect, test } from 'vitest';
import {
  addClass,
  type Classes,
  chanceInAll,
  chanceOfNew,
  countsOf,
  pctGuarantee,
  ruleOfThree,
  summaryOf,
} from './coverage.ts';

function of(...classes: number[]) {
  const counted: Classes = new Map();
  for (const one of classes) addClass(counted, one, 1);
  return countsOf(counted);
}

test('classes are counted, and those met once', () => {
  expect(of(1, 2, 2, 3, 3, 3, 4)).toEqual({ runs: 7, classes: 4, once: 2 });
  expect(of()).toEqual({ runs: 0, classes: 0, once: 0 });
});

test('the chance of something new is the share of what was met once', () => {
  expect(chanceOfNew(of(1, 2, 2, 3))).toBe(0.5);
  expect(chanceOfNew(of(1, 1))).toBe(0);
  expect(chanceOfNew(of())).toBe(1);
});

// 1,000 classes, each as likely as another: of 500 draws the next is new with 0.999^500 = 0.606.
test('the estimate is near what it estimates', () => {
  let word = 1;
  const next = () => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0;
    return (word >>> 0) % 1_000;
  };
  const counts = of(...Array.from({ length: 500 }, next));
  expect(chanceOfNew(counts)).toBeCloseTo(0.606, 1);
});

test('rule of three', () => {
  expect(ruleOfThree(1_000)).toBeCloseTo(3 / 1_000, 4);
  expect(ruleOfThree(0)).toBe(1);
});

test("PCT's guarantee", () => {
  const one = pctGuarantee({ actors: 2, steps: 10, depth: 3 });
  expect(one).toBe(1 / 200);
  expect(chanceInAll(one, 200)).toBeCloseTo(1 - 1 / Math.E, 2);
});

test('the sentence at the end', () => {
  const coverage = { runs: 1_500, classes: 57, once: 6 };
  const open = { runs: 1_500, complete: false, drawn: true, failed: false, coverage };
  expect(summaryOf(open)).toBe(
    '1,500 runs met 57 interleavings; the next one shows a new one with a chance of about 0.4 %, ' +
      'and a failure has a chance below 0.2 % in each (95 % confidence).',
  );
  expect(summaryOf({ ...open, failed: true })).toMatch(/of about 0\.4 %\.$/);
  expect(summaryOf({ ...open, pct: { actors: 3, steps: 10, depth: 3 } })).toMatch(
    / A bug of depth 3 among 3 actors and 10 decisions would have shown with a chance of at least 99 %\.$/,
  );
  const atLeast = (runs: number): string | undefined => {
    const said = summaryOf({ ...open, runs, pct: { actors: 3, steps: 10, depth: 3 } });
    return / at least (.*)\.$/.exec(said)?.[1];
  };
  // 1 - (299/300)^runs: 0.33, 95.5 and 99.996 %.
  expect([1, 929, 3_000].map(atLeast)).toEqual(['0.33 %', '95 %', '99.9 %']);
  const known = { ...coverage, once: 0 };
  expect(summaryOf({ ...open, coverage: known, failed: true })).toMatch(/a chance below 0\.2 %\.$/);
  expect(summaryOf({ ...open, drawn: false })).toBe('1,500 runs met 57 interleavings.');
  expect(summaryOf({ ...open, complete: true })).toBe(
    '1,500 runs met 57 interleavings: all there are.',
  );
});
