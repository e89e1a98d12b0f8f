import { expect, test } from 'vitest';
import { countsOf } from '../choice/coverage.ts';
import type { RunResult } from '../trace/run.ts';
import { addRun, addTally, digestOf, emptyTally } from './tally.ts';

const result = (seed: number): RunResult => ({
  seed: `${seed}`,
  strategy: 'random',
  verdict: 'passed',
  failure: undefined,
  reason: undefined,
  digest: `digest ${seed}`,
  steps: 10 + seed,
  virtualMs: 1,
  decisions: seed,
  operations: 0,
  readsHistory: false,
  sometimes: [],
});

/** Seeds of 7 classes. */
const run = (seed: number) => ({
  result: result(seed),
  interleaving: seed % 7,
  actors: Array.from({ length: seed % 5 }, (_, actor) => `actor ${actor}`),
});

test('parts come to what all runs come to at once', () => {
  const whole = emptyTally();
  for (let seed = 1; seed <= 10; seed++) addRun(whole, run(seed));
  const merged = emptyTally();
  for (const [from, to] of [
    [1, 4],
    [5, 5],
    [6, 10],
  ] as const) {
    const part = emptyTally();
    for (let seed = from; seed <= to; seed++) addRun(part, run(seed));
    addTally(merged, part);
  }
  expect(merged).toEqual(whole);
  expect(digestOf(merged)).toBe(digestOf(whole));
  expect(countsOf(merged.classes)).toEqual({ runs: 10, classes: 7, once: 4 });
  expect([merged.actorsMax, merged.decisionsMax]).toEqual([4, 10]);
});

test('a run that was cut off has no class', () => {
  const tally = emptyTally();
  addRun(tally, { ...run(1), interleaving: undefined });
  expect(countsOf(tally.classes).runs).toBe(0);
});
