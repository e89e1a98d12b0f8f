import { expect, test } from 'vitest';
import { scenarioAt } from '../scenario/scenario.ts';
import type { RunResult } from '../trace/run.ts';
import { comparisonOf } from './double-run.ts';
import { runEach } from './runner.ts';
import { scenarioSubject } from './subjects.ts';

type Program = 'counting' | 'cached' | 'locking' | 'innocent';

/** What seeds 1 to `seeds` come to, sampled as an exploration samples them. */
async function explored(program: Program, count: number, seeds: number): Promise<RunResult[]> {
  const roles = { node: { program: `./fixtures/shared-state.mjs#${program}`, count } };
  const options = { name: program, roles, faults: 'calm', modules: 'shared' } as const;
  const subject = scenarioSubject(scenarioAt(options, import.meta.filename), new Map());
  const results: RunResult[] = [];
  const specs = Array.from({ length: seeds }, (_, i) => ({
    seed: String(i + 1),
    strategy: 'random' as const,
    compared: comparisonOf(i + 1),
  }));
  for await (const { result } of runEach(subject, specs)) results.push(result);
  return results;
}

function diverged(results: readonly RunResult[]): string[] {
  return results.filter(({ verdict }) => verdict === 'diverged').map(({ seed }) => seed);
}

test('a counter at module level that two nodes share is reported at the first seed', async () => {
  const [first] = await explored('counting', 2, 1);
  expect(first?.verdict).toBe('diverged');
  expect(first?.failure).toBeUndefined();
  expect(first?.reason).toMatch(
    /^seed 1 runs differently with fresh modules: state at module level leaks between nodes or runs \(.*\); keep that state inside the program's function, or say modules: 'fresh'$/,
  );
});

test('what one run leaves for the next is reported at the next sampled seed', async () => {
  expect(diverged(await explored('cached', 1, 101))).toEqual(['51', '101']);
});

test('a failure that an earlier run has caused is a leak, not a violation', async () => {
  const verdicts = (await explored('locking', 1, 3)).map(({ verdict }) => verdict);
  expect(verdicts).toEqual(['passed', 'diverged', 'diverged']);
});

test('whether a seed is sampled depends on the seed alone, and seed 1 is', () => {
  const sampled = Array.from({ length: 120 }, (_, seed) => seed).filter(
    (seed) => comparisonOf(seed) === 'always',
  );
  expect(sampled).toEqual([1, 51, 101]);
});

test('shared modules without state run as fresh ones do', async () => {
  const results = await explored('innocent', 3, 60);
  expect(results.every(({ verdict }) => verdict === 'passed')).toBe(true);
});
