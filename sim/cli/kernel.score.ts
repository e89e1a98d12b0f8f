/** The rows `kernel/…` of `npm run score`: what is a statistic over many seeds. */
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import { findTarget, scenariosBelow, type TargetRef } from '../campaign/targets.ts';
import { count } from '../tell/words.ts';
import type { BenchRow, Rows } from '../trace/bench-row.ts';
import { digestSees, WAYS } from './score/digest-sees.ts';
import { type DoubleRun, doubleRun, type Mismatch } from './score/double-run.ts';
import { afterEdit, failingSeeds } from './score/edit-stable.ts';
import { leak } from './score/leak.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));

/** Of the budget; the second pass of the double run takes about half as long as the first. */
const FIRST_PASS = 0.4;
/** Of what is then left. */
const LEAKING = 0.6;

const DOUBLE_RUN = { seeds: 10_000, rangeSeeds: 50 };
const LEAK = { from: 1_000, to: 5_000 };
const CANARY = 'register-no-write-back';
const FAILING = 100;

/** With too small a budget a row is skipped, and says how far it came. */
export async function* rows({ budgetMs }: { readonly budgetMs: number }): Rows {
  const until = performance.now() + budgetMs;
  const leftMs = (): number => Math.max(1, until - performance.now());
  yield await doubleRunRow(budgetMs * FIRST_PASS);
  yield await digestSeesRow();
  yield await leakRow(leftMs() * LEAKING);
  yield* editRows(leftMs());
}

async function doubleRunRow(firstPassMs: number): Promise<BenchRow> {
  const options = { targets: await allTargets(), ...DOUBLE_RUN, firstPassMs };
  return rowOf(await doubleRun(options));
}

export function rowOf({ seeds, mismatches }: DoubleRun): BenchRow {
  const name = 'kernel/double-run';
  for (const mismatch of mismatches) process.stderr.write(`differs: ${inWords(mismatch)}\n`);
  if (seeds < DOUBLE_RUN.seeds && mismatches.length === 0) {
    const of = count(DOUBLE_RUN.seeds);
    return {
      name,
      skipped: `time was up after ${count(seeds)} of ${of} seeds: give more --budget`,
    };
  }
  return {
    name,
    raw: mismatches.length,
    unit: `mismatches in ${count(seeds)} of ${count(DOUBLE_RUN.seeds)} seeds`,
    better: 'lower',
    scales: 'none',
    target: '0',
    against: 'the same seeds in other processes, backwards, by two workers',
  };
}

async function digestSeesRow(): Promise<BenchRow> {
  const { seen, unseen } = await digestSees();
  for (const way of unseen) process.stderr.write(`not seen: a byte ${way}\n`);
  return {
    name: 'kernel/digest-sees',
    raw: seen.length / WAYS.length,
    unit: `of ${WAYS.length} kinds of change`,
    better: 'higher',
    scales: 'none',
    target: '1',
  };
}

async function leakRow(budgetMs: number): Promise<BenchRow> {
  const name = 'kernel/leak';
  const growth = await leak({ target: await scenarioNamed('register'), ...LEAK, budgetMs });
  if ('reached' in growth) {
    const { reached } = growth;
    return { name, skipped: `time was up at world ${reached} of ${LEAK.to}: give more --budget` };
  }
  return {
    name,
    raw: growth.residentPercent,
    unit: '% of resident memory',
    better: 'lower',
    scales: 'none',
    target: '<= 5 %',
    against: `growth of the heap in use: ${growth.heapPercent.toFixed(1)} %`,
  };
}

async function* editRows(budgetMs: number): Rows {
  const ref = await scenarioNamed(CANARY);
  const { failing, of } = await failingSeeds(ref, { wanted: FAILING, budgetMs });
  const name = 'kernel/edit-stable';
  if (failing.length < FAILING) {
    const skipped = `${failing.length} of ${of} seeds failed, not ${FAILING}: give more --budget`;
    yield { name, skipped };
    return;
  }
  const { still, draws, moved, lost } = await afterEdit(ref, failing);
  yield {
    name,
    raw: still,
    unit: `of ${FAILING} failing seeds`,
    better: 'higher',
    scales: 'none',
    target: '>= 90',
    against: `${CANARY}, which fails in ${((100 * FAILING) / of).toFixed(1)} % of seeds`,
  };
  yield {
    name: 'kernel/edit-draws',
    raw: moved + lost,
    unit: `moved or lost of ${count(draws)} draws`,
    better: 'lower',
    scales: 'none',
    target: '0',
    against: 'the same seeds without the edit',
  };
}

/** The scenarios and scenario files of this package, and its npm packages under test. */
export async function allTargets(): Promise<TargetRef[]> {
  const files = await glob('scenarios/npm/*.mjs', { cwd: CHECKOUT });
  const programs = files.sort().map((file) => findTarget(`./${file}`, CHECKOUT));
  const { refs } = await scenariosBelow(`${CHECKOUT}scenarios`);
  return [...refs, ...(await Promise.all(programs))];
}

function scenarioNamed(name: string): Promise<TargetRef> {
  return findTarget(name, CHECKOUT);
}

function inWords({ target, strategy, seeds: { from, to } }: Mismatch): string {
  return `${target} ${strategy} ${from === to ? `seed ${from}` : `seeds ${from}..${to}`}`;
}
