/** The rows `kernel/…` of `npm run score`: what is a statistic over many seeds. */
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import { findTarget, scenariosBelow, type TargetRef } from '../campaign/targets.ts';
import { count } from '../tell/words.ts';
import type { MeasuredRow, Rows } from '../trace/bench-row.ts';
import { doubleRun, type Mismatch } from './score/double-run.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));

const SEEDS = 10_000;
const RANGE_SEEDS = 50;

export async function* rows({ budgetMs }: { readonly budgetMs: number }): Rows {
  yield await doubleRunRow(budgetMs * 0.3);
}

async function doubleRunRow(firstPassMs: number): Promise<MeasuredRow> {
  const targets = await allTargets();
  const options = { targets, seeds: SEEDS, rangeSeeds: RANGE_SEEDS, firstPassMs };
  const { seeds, mismatches } = await doubleRun(options);
  for (const mismatch of mismatches) process.stderr.write(`  differs: ${inWords(mismatch)}\n`);
  return {
    name: 'kernel/double-run',
    raw: mismatches.length,
    unit: `mismatches in ${count(seeds)} of ${count(SEEDS)} seeds`,
    better: 'lower',
    scales: 'none',
    target: '0',
    against: 'the same seeds in other processes, backwards, by two workers',
  };
}

/** The scenarios and scenario files of this package, and its npm packages under test. */
export async function allTargets(): Promise<TargetRef[]> {
  const files = await glob('scenarios/npm/*.mjs', { cwd: CHECKOUT });
  const programs = files.sort().map((file) => findTarget(`./${file}`, CHECKOUT));
  return [...(await scenariosBelow(`${CHECKOUT}scenarios`)), ...(await Promise.all(programs))];
}

function inWords({ target, strategy, seeds: { from, to } }: Mismatch): string {
  return `${target} ${strategy} ${from === to ? `seed ${from}` : `seeds ${from}..${to}`}`;
}
