import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** As compiled: the process that runs the worlds runs no TypeScript. */
const { leak } = (await import(
  new URL('../../../dist/sim/cli/score/leak.js', import.meta.url).href
)) as typeof import('./leak.ts');

const file = fileURLToPath(new URL('./fixtures/small.mjs', import.meta.url));

function growthOf(name: 'sound' | 'leaking'): ReturnType<typeof leak> {
  const target = { kind: 'scenario', file, name } as const;
  return leak({ target, from: 400, to: 1_600, budgetMs: 60_000 });
}

test('worlds that are over leave nothing behind', async () => {
  expect(await growthOf('sound')).toSatisfy(
    (growth: Awaited<ReturnType<typeof leak>>) => 'heapPercent' in growth && growth.heapPercent < 5,
  );
}, 60_000);

test('what modules keep of each world shows as growth', async () => {
  const growth = await growthOf('leaking');
  expect(growth).toHaveProperty('residentPercent');
  if ('reached' in growth) return;
  // 1,200 worlds keep 60 MB; the process has some 100 MB before.
  expect(growth.residentPercent).toBeGreaterThan(20);
  expect(growth.heapPercent).toBeGreaterThan(100);
}, 60_000);

test('a process that runs out of time says how far it came', async () => {
  const target = { kind: 'scenario', file, name: 'sound' } as const;
  const { reached } = (await leak({ target, from: 10, to: 1e9, budgetMs: 2_000 })) as {
    reached: number;
  };
  expect(reached).toBeLessThan(1e9);
}, 30_000);
