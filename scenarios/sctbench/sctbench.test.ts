import { describe, expect, test } from 'vitest';
import { exploreThreads } from '../../sim/threads/index.ts';
import { cargill } from './cargill.ts';
import { SCTBENCH } from './catalogue.ts';
import { treiber } from './treiber.ts';
import type { Entry } from './variant.ts';
import { workStealing } from './work-stealing.ts';

const BUFFER = { capacity: 2, producers: 3, puts: 4, consumers: 2, takes: 6 };
const OTHERS: readonly Entry[] = [
  { name: 'cargill', program: (variant) => cargill(variant, BUFFER) },
  { name: 'treiber', program: treiber },
  { name: 'work_stealing', program: workStealing(2) },
];

/** Where the portfolio needs more than 500 seeds to miss a bug with a chance below 1e-3. */
const SEEDS = new Map([
  ['cargill', 6_000],
  ['twostage_100', 2_000],
]);

/** What each of them fails with; where several come to mind, the first that seeds meet. */
const FAILURES = new Map([
  ['carter01', 'deadlock'],
  ['deadlock01', 'deadlock'],
  ['din_phil7', 'deadlock'],
  ['phase01', 'deadlock'],
  ['sync01', 'deadlock'],
  ['sync02', 'deadlock'],
  ['cargill', 'deadlock'],
  ['arithmetic_prog', 'check'],
  ['treiber', 'check'],
  ['work_stealing', 'check'],
]);

describe('the suite', () => {
  test('has its 29 programs, each with a name of its own', () => {
    expect(new Set(SCTBENCH.map(({ name }) => name)).size).toBe(29);
    for (const { name, program } of SCTBENCH) expect(program('bug').name).toBe(name);
  });

  test.each([...SCTBENCH, ...OTHERS])('$name is found by the portfolio', ({ name, program }) => {
    const seeds = SEEDS.get(name) ?? 500;
    const { failure } = exploreThreads(program('bug'), { seeds });
    expect(failure?.violation.property).toBe(FAILURES.get(name) ?? 'uncaught Error');
  });

  test.each([...SCTBENCH, ...OTHERS])('$name, mended, is clean', ({ name, program }) => {
    const seeds = name === 'twostage_100' ? 50 : 300;
    const { verdict, failure } = exploreThreads(program('control'), { seeds });
    expect(failure?.story).toBeUndefined();
    expect(verdict).toBe('passed');
  });
});

// Small enough to go through all that can happen.
describe.each([
  'account',
  'bluetooth_driver',
  'carter01',
  'deadlock01',
  'lazy01',
  'reorder_3',
  'token_ring',
  'twostage',
])('%s, reduced', (name) => {
  const { program } = SCTBENCH.find((entry) => entry.name === name)!;

  test('fails', () => {
    expect(exploreThreads(program('bug'), { strategy: 'dpor' }).verdict).toBe('violated');
  });

  test('mended, never fails', () => {
    const { verdict, complete } = exploreThreads(program('control'), { strategy: 'dpor' });
    expect({ verdict, complete }).toEqual({ verdict: 'passed', complete: true });
  });
});
