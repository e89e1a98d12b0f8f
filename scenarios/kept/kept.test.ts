// The same seed makes the same run, byte for byte, until a change of behaviour is meant. When it is,
// `npx vitest run scenarios/kept -u` writes digests.txt anew: look at its diff, and say why in the
// message of the commit.
import { expect, test } from 'vitest';
import { findTarget, loadTarget } from '../../sim/campaign/targets.ts';
import { runEach } from '../../sim/explore/runner.ts';
import type { RunSpec } from '../../sim/explore/subject.ts';
import type { RunResult } from '../../sim/trace/run.ts';

const SCENARIOS = ['register', 'register-no-write-back', 'bank', 'bank-no-fencing'];
const FILES = ['scenarios/npm/async-mutex-0.3.2.mjs', 'scenarios/npm/async-mutex-0.4.0.mjs'];
const ROOT = new URL('../..', import.meta.url).pathname;

const SPECS: readonly RunSpec[] = [
  ...[1, 2, 3, 4, 5, 6].map((seed) => ({ seed: `${seed}`, strategy: 'random' }) as const),
  { seed: 'a seed is any text', strategy: 'random' },
  { seed: '1', strategy: 'pct' },
  { seed: '2', strategy: 'pct' },
  ...['1', '2', '3'].map((seed) => ({ seed, strategy: 'portfolio' }) as const),
  { seed: '1', strategy: 'random', faults: 'chaos' },
  { seed: '1', strategy: 'random', faults: 'none' },
];

function line(name: string, spec: RunSpec, { verdict, digest, steps }: RunResult): string {
  const { seed, strategy, faults } = spec;
  const how = faults === undefined ? strategy : `${strategy}, ${faults}`;
  return `${digest}  ${name}, seed ${seed}, ${how}: ${verdict} after ${steps} steps`;
}

test('kept seeds make the runs that they made', { timeout: 60_000 }, async () => {
  const lines = ['Written by `npx vitest run scenarios/kept -u`.'];
  for (const name of [...SCENARIOS, ...FILES]) {
    const { subject } = await loadTarget(await findTarget(name, ROOT));
    for await (const { spec, result } of runEach(subject, SPECS)) {
      lines.push(line(name, spec, result));
    }
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('digests.txt');
});
