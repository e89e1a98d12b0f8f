/** The rows of `npm run score -- explore` about known programs: whether bugs are found, and how soon. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cargill } from '../../scenarios/sctbench/cargill.ts';
import { SCTBENCH, SCTBENCH_DEEP } from '../../scenarios/sctbench/catalogue.ts';
import { treiber } from '../../scenarios/sctbench/treiber.ts';
import type { Entry } from '../../scenarios/sctbench/variant.ts';
import { workStealing } from '../../scenarios/sctbench/work-stealing.ts';
import { SEEDED_STRATEGIES, type SeededStrategy } from '../choice/seeded.ts';
import { count } from '../tell/words.ts';
import type { BenchRow, MeasuredRow, Rows } from '../trace/bench-row.ts';
import { firstFinds, spreadOf } from './score/first-find.ts';
import { SctbenchTable } from './score/sctbench-table.ts';

const TABLE = join('.groundhog', 'score', 'sctbench.md');

const EXECUTIONS = 10_000;
const DEEP_EXECUTIONS = 100_000;
const REPETITIONS = 20;

const CARGILL: Entry['program'] = (variant) =>
  cargill(variant, { capacity: 2, producers: 3, puts: 4, consumers: 2, takes: 6 });

/** The rows, then as long as there is time one for each strategy. */
export async function* rows({ budgetMs }: { readonly budgetMs: number }): Rows {
  const until = performance.now() + budgetMs;
  yield found('aba', treiber, { repetitions: 100, target: '<= 20' });
  yield suite();
  yield deep();
  yield found('cargill', CARGILL, { repetitions: REPETITIONS, target: '<= 500' });
  yield found('wsq', workStealing(2), { repetitions: REPETITIONS, target: '<= 100' });
  yield* columns(until);
}

/** A row for each strategy; all their cells go to a file. */
function* columns(until: number): Generator<BenchRow> {
  const table = new SctbenchTable();
  for (const strategy of SEEDED_STRATEGIES) {
    const name = `explore/sctbench-${strategy}`;
    if (table.measure(strategy, SCTBENCH, until)) {
      yield {
        name,
        raw: table.found(strategy),
        unit: `of ${SCTBENCH.length} found within ${count(EXECUTIONS)} executions`,
        better: 'higher',
        scales: 'none',
        against: `each program: ${TABLE}`,
      };
    } else {
      yield { name, skipped: 'time was up: give more --budget' };
    }
  }
  mkdirSync(dirname(TABLE), { recursive: true });
  writeFileSync(TABLE, table.text());
}

/** Executions until the portfolio finds it. */
function found(
  name: string,
  program: Entry['program'],
  { repetitions, target }: { readonly repetitions: number; readonly target: string },
): MeasuredRow {
  const finds = firstFinds({
    program: program('bug'),
    strategy: 'portfolio',
    repetitions,
    executionsMax: EXECUTIONS,
  });
  const { median, from, to } = spreadOf(finds);
  return {
    name: `explore/${name}`,
    raw: median,
    unit: `executions, median of ${repetitions} (95 %: ${count(from)} to ${count(to)})`,
    better: 'lower',
    scales: 'none',
    target,
    against: `control: ${isClean(program) ? 'clean' : 'FAILS'}`,
  };
}

function suite(): MeasuredRow {
  const missed = SCTBENCH.filter(({ program }) => !fails(program('bug'), 'portfolio'));
  const alarms = SCTBENCH.filter(({ program }) => !isClean(program));
  for (const { name } of missed) process.stderr.write(`not found: ${name}\n`);
  for (const { name } of alarms) process.stderr.write(`control fails: ${name}\n`);
  return {
    name: 'explore/sctbench',
    raw: alarms.length > 0 ? 0 : SCTBENCH.length - missed.length,
    unit: `of ${SCTBENCH.length} found within ${count(EXECUTIONS)} executions`,
    better: 'higher',
    scales: 'none',
    target: '>= 28',
    against: `${SCTBENCH.length - alarms.length} controls clean in ${count(EXECUTIONS)} executions each`,
  };
}

function deep(): MeasuredRow {
  const always = SCTBENCH.filter(({ name }) => SCTBENCH_DEEP.includes(name)).filter(
    ({ program }) => {
      const finds = firstFinds({
        program: program('bug'),
        strategy: 'portfolio',
        repetitions: REPETITIONS,
        executionsMax: DEEP_EXECUTIONS,
      });
      return finds.every(Number.isFinite);
    },
  );
  return {
    name: 'explore/sctbench-deep',
    raw: always.length,
    unit: `of ${SCTBENCH_DEEP.length} found within ${count(DEEP_EXECUTIONS)}, each of ${REPETITIONS} times`,
    better: 'higher',
    scales: 'none',
    target: '3',
  };
}

function isClean(program: Entry['program']): boolean {
  return !fails(program('control'), 'portfolio');
}

function fails(program: ReturnType<Entry['program']>, strategy: SeededStrategy): boolean {
  const [find] = firstFinds({ program, strategy, repetitions: 1, executionsMax: EXECUTIONS });
  return find !== Infinity;
}
