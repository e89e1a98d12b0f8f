import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Growth } from './leak.ts';

/** As compiled: the process that runs the worlds runs no TypeScript. */
const { leak } = (await import(
  new URL('../../../dist/sim/cli/score/leak.js', import.meta.url).href
)) as typeof import('./leak.ts');

const file = fileURLToPath(new URL('./fixtures/small.mjs', import.meta.url));

function growthOf(name: 'sound' | 'leaking'): ReturnType<typeof leak> {
  const target = { kind: 'scenario', file, name } as const;
  return leak({ target, from: 400, to: 1_600, budgetMs: 100_000 });
}

// Both are read after a full collection. The heap of some 20 MB moves by several percent with what V8
// knows of the code; resident memory by more, with what V8 keeps in reserve: only the heap is judged.
test('worlds that are over leave nothing behind', async () => {
  const { heapPercent } = (await growthOf('sound')) as Growth;
  expect(heapPercent).toBeLessThan(20);
}, 120_000);

test('what modules keep of each world shows as growth', async () => {
  // 1,200 worlds keep 60 MB. In percent it depends on what the heap of this machine began with.
  const { heapBytes } = (await growthOf('leaking')) as Growth;
  expect(heapBytes).toBeGreaterThan(50e6);
}, 120_000);

test('a process that runs out of time says how far it came', async () => {
  const target = { kind: 'scenario', file, name: 'sound' } as const;
  const { reached } = (await leak({ target, from: 10, to: 1e9, budgetMs: 2_000 })) as {
    reached: number;
  };
  expect(reached).toBeLessThan(1e9);
}, 30_000);
