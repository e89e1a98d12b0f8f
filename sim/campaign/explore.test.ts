import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import type { Explored, ExploreOptions } from './explore.ts';

/** As compiled: worker processes run no TypeScript. */
const COMPILED = new URL('../../dist/sim/campaign/', import.meta.url);
const { explore, Workers } = (await import(
  new URL('explore.js', COMPILED).href
)) as typeof import('./explore.ts');
const { findTarget } = (await import(
  new URL('targets.js', COMPILED).href
)) as typeof import('./targets.ts');

/** What came of it, and how many processes there are when it is over. */
async function explored(
  source: string,
  options: Partial<ExploreOptions>,
  count?: number,
): Promise<Explored & { readonly processes: number }> {
  const ref = await findTarget('main.mjs', tree({ 'main.mjs': source }));
  const workers = new Workers(count);
  try {
    const how = { strategy: 'random', keepGoing: false, hangMs: 5_000, ...options } as const;
    const all = await explore(ref, workers, { seeds: { from: 1, to: 5 }, ...how });
    return { ...all, processes: workers.pool.threads.length };
  } finally {
    await workers.close();
  }
}

const WAITS = 'await new Promise((done) => setTimeout(done, Math.random() * 10));';

test('what takes a moment starts no process, unless so many were asked for', async () => {
  const here = await explored(WAITS, { aloneMs: 60_000 });
  expect(here).toMatchObject({ ended: 'done', processes: 0 });
  expect(here.tally.runs).toBe(5);
  const apart = await explored(WAITS, {}, 1);
  expect(apart.processes).toBe(1);
  expect(apart.tally).toEqual(here.tally);
});

test('what takes longer goes on in processes, with the same result', async () => {
  const slow = `${WAITS} for (let i = 0; i < 2e7; i++);`;
  const seeds = { from: 1, to: 40 };
  const spread = await explored(slow, { seeds, aloneMs: 150 });
  expect(spread.processes).toBeGreaterThan(0);
  expect(spread.tally).toEqual((await explored(slow, { seeds }, 1)).tally);
});

test('a step that outlasts the moment is judged by its limit', async () => {
  const endless = await explored(`${WAITS} for (;;);`, { aloneMs: 200, hangMs: 500 });
  expect(endless.tally.failures[0]!.reason).toMatch(/did not yield within 500 ms/);
  const slow = await explored(`${WAITS} for (let i = 0; i < 1e9; i++);`, {
    seeds: { from: 1, to: 1 },
    aloneMs: 200,
    hangMs: 60_000,
  });
  expect(slow.tally.failures).toEqual([]);
});
