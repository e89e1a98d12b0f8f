import { expect, test } from 'vitest';

/** As compiled: its worlds' processes and workers run no TypeScript. */
const { rows } = (await import(
  new URL('../../dist/sim/cli/register.bench.js', import.meta.url).href
)) as typeof import('./register.bench.ts');

test('register is measured with fresh modules and with shared ones', async () => {
  const names: string[] = [];
  for await (const row of rows({ rounds: 1, seeds: 2 })) {
    names.push(row.name);
    expect((row as { raw: number }).raw).toBeGreaterThan(0);
  }
  expect(names).toEqual(['kernel/register', 'kernel/register-shared']);
}, 60_000);
