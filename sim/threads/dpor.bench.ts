/** The rows `explore/dpor-…`: how many executions a reduction leaves, and how long they take. */
import type { MeasuredRow, Rows } from '../trace/bench-row.ts';
import { type Exploration, exploreThreads } from './explore.ts';
import { cell } from './objects.ts';
import { type ThreadsProgram, threads } from './program.ts';

/** Threads that add to one cell, or each to one of its own. */
function adders(count: number, adds: number, shared: boolean): ThreadsProgram<unknown> {
  return threads({
    name: 'adders',
    setup: () => Array.from({ length: count }, () => cell(0)),
    threads: {
      adder: {
        count,
        *body(cells, index) {
          for (let i = 0; i < adds; i++) yield cells[shared ? 0 : index]!.add(1);
        },
      },
    },
    check(cells) {
      const sum = cells.reduce((total, { value }) => total + value, 0);
      if (sum !== count * adds) throw new Error(`${sum} adds`);
    },
  });
}

const READERS: ThreadsProgram<unknown> = threads({
  name: 'readers',
  setup: () => cell(0),
  threads: {
    *writer(variable) {
      yield variable.store(1);
    },
    reader: {
      count: 8,
      *body(variable) {
        yield variable.load();
      },
    },
  },
});

const THREE_BY_THREE: ThreadsProgram<unknown> = adders(3, 3, true);

/** Executions, those given up included. */
export async function* countRows(): Rows {
  yield row('readers', READERS, '<= 512', 'plain depth-first 362,880; classes 256');
  yield row('disjoint', adders(4, 3, false), '<= 1', 'plain depth-first 369,600');
  yield row('3x3', THREE_BY_THREE, '<= 1,680', 'Loom 162,390; Relacy 34,650');
}

/** As `Exploration`, of a search that has to come to its end and find nothing. */
function searched(program: ThreadsProgram<unknown>): Exploration {
  const exploration = exploreThreads(program, { strategy: 'dpor' });
  const { verdict, complete } = exploration;
  if (verdict !== 'passed' || !complete) throw new Error(`${program.name} ${verdict}`);
  return exploration;
}

function row(
  name: string,
  program: ThreadsProgram<unknown>,
  target: string,
  against: string,
): MeasuredRow {
  const { runs, abandoned } = searched(program);
  return {
    name: `explore/dpor-${name}`,
    raw: runs,
    unit: `executions, ${abandoned} of them given up`,
    better: 'lower',
    scales: 'none',
    target,
    against,
  };
}

interface Work {
  readonly name: string;
  run(): number;
}

/** `ratesOf` measures units a second of each work. */
export async function* timeRows(
  ratesOf: (works: readonly Work[]) => Promise<ReadonlyMap<string, number>>,
): Rows {
  const name = 'explore/dpor-3x3-time';
  const rates = await ratesOf([
    {
      name,
      run() {
        searched(THREE_BY_THREE);
        return 1;
      },
    },
  ]);
  yield {
    name,
    raw: 1 / rates.get(name)!,
    unit: 's',
    better: 'lower',
    scales: 'time',
    target: '<= 0.05 s',
    against: 'Loom 10 s; Relacy 23 ms',
  };
}
