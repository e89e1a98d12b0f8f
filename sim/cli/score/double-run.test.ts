import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** As compiled: worker processes run no TypeScript. */
const COMPILED = new URL('../../../dist/sim/cli/', import.meta.url);
const { doubleRun } = (await import(
  new URL('score/double-run.js', COMPILED).href
)) as typeof import('./double-run.ts');
const { allTargets, rowOf } = (await import(
  new URL('kernel.score.js', COMPILED).href
)) as typeof import('../kernel.score.ts');

const FIXTURE = fileURLToPath(new URL('./fixtures/small.mjs', import.meta.url));

test('a seed names one run, whatever the process, order and number of workers', async () => {
  const all = await allTargets();
  expect(all.length).toBeGreaterThanOrEqual(10);
  // A few of each kind: the score has them all.
  const targets = all.filter((_, i) => i % 3 === 0);
  const seeds = targets.length * 2 * 3;
  const found = await doubleRun({ targets, seeds, rangeSeeds: 2, firstPassMs: 10_000 });
  expect(found.mismatches).toEqual([]);
  expect(found.seeds).toBeGreaterThan(targets.length);
}, 60_000);

// A seed speaks with a chance of 1 in 20, so that 200 of them are all silent in 1 of 28,000 runs.
test('what depends on the process is found, down to the seed', async () => {
  const targets = [{ kind: 'scenario', file: FIXTURE, name: 'undecided' }] as const;
  const options = { targets, seeds: 400, rangeSeeds: 100, firstPassMs: 60_000 };
  const { mismatches } = await doubleRun(options);
  expect(mismatches.length).toBeGreaterThan(0);
  for (const { target, seeds } of mismatches) {
    expect(target).toBe('undecided');
    expect(seeds.from).toBe(seeds.to);
  }
}, 60_000);

test('a row that time did not allow is skipped, unless it has found something', () => {
  expect(rowOf({ seeds: 10_000, mismatches: [] })).toMatchObject({ raw: 0 });
  expect(rowOf({ seeds: 50, mismatches: [] })).toEqual({
    name: 'kernel/double-run',
    skipped: 'time was up after 50 of 10,000 seeds: give more --budget',
  });
  const seeds = { from: 3, to: 3 };
  const mismatch = { target: 'planted', strategy: 'random', seeds } as const;
  expect(rowOf({ seeds: 50, mismatches: [mismatch] })).toMatchObject({ raw: 1 });
});
