/** The row `kernel/threads-4x3` of `npm run bench`, what stands beside it, and `explore/threads-4x3`. */
import type { SeededStrategy } from '../choice/seeded.ts';
import type { Strategy } from '../choice/strategy.ts';
import type { Rows } from '../trace/bench-row.ts';
import { ThreadsEngine } from './engine.ts';
import { strategies } from './executions.ts';
import { cell, spawn } from './objects.ts';
import { type Body, threads } from './program.ts';
import type { Cell, Thread } from './shared.ts';

/** Work to be timed, as the bench runner takes it: each call does the same, and says how much. */
interface Work {
  readonly name: string;
  run(): number;
}

const THREADS = 4;
const ADDS = 3;
const EXECUTIONS = 20_000;

/**
 * `ratesOf` measures units a second of each work. Rates of the engine are executions, with record
 * and digest on, each under a strategy of its own made from a seed of its own.
 */
export async function* rows(
  ratesOf: (works: readonly Work[]) => Promise<ReadonlyMap<string, number>>,
): Rows {
  const rates = await ratesOf([RANDOM, PCT, SPAWNED, BARE]);
  const raw = ({ name }: Work) => rates.get(name)!;
  const rate = { unit: 'executions/s', better: 'higher', scales: 'rate' } as const;
  const against = `a bare generator loop: ${Math.round(raw(BARE))}`;
  yield { name: RANDOM.name, raw: raw(RANDOM), ...rate, target: '>= 600,000', against };
  yield { name: PCT.name, raw: raw(PCT), ...rate, against };
  yield { name: SPAWNED.name, raw: raw(SPAWNED), ...rate, against };
}

const EXPLORED = ['random', 'pct', 'pos', 'surw'] as const;

/** The row `explore/threads-4x3`: the slowest of some strategies, on the same program. */
export async function* exploreRows(
  ratesOf: (works: readonly Work[]) => Promise<ReadonlyMap<string, number>>,
): Rows {
  const rates = await ratesOf(EXPLORED.map((name) => explored(name, declared, name)));
  const each = EXPLORED.map((name) => `${name} ${Math.round(rates.get(name)!)}`);
  yield {
    name: 'explore/threads-4x3',
    raw: Math.min(...rates.values()),
    unit: 'executions/s',
    better: 'higher',
    scales: 'rate',
    target: '>= 400,000',
    against: each.join(', '),
  };
}

interface State {
  readonly counter: Cell;
}

const setup = (): State => ({ counter: cell(0) });

const adder: Body<State> = function* ({ counter }) {
  for (let i = 0; i < ADDS; i++) yield counter.add(1);
};

function check({ counter }: State): void {
  if (counter.value !== THREADS * ADDS) throw new Error(`${counter.value} adds`);
}

/** All threads declared; the execution ends when the last of them has, and is then checked. */
const declared = new ThreadsEngine(
  threads({ name: '4x3', setup, check, threads: { adder: { count: THREADS, body: adder } } }),
);

/** One thread makes the others and joins them: 4 + 12 + 4 steps. */
const spawned = new ThreadsEngine(
  threads({
    name: '4x3 spawned',
    setup,
    check,
    threads: {
      *main(state) {
        const all: Thread<unknown>[] = [];
        for (let i = 0; i < THREADS; i++) all.push(yield spawn('adder', () => adder(state, i)));
        for (const thread of all) yield thread.join();
      },
    },
  }),
);

const RANDOM = explored('kernel/threads-4x3', declared, 'random');
const PCT = explored('kernel/threads-4x3-pct', declared, 'pct');
const SPAWNED = explored('kernel/threads-4x3-spawned', spawned, 'random');

function explored(name: string, engine: ThreadsEngine<State>, by: SeededStrategy): Work {
  let strategyOf: ((seed: string) => Strategy) | undefined;
  return {
    name,
    run() {
      strategyOf ??= strategies(engine, by);
      for (let seed = 1; seed <= EXECUTIONS; seed++) {
        const end = engine.execute(strategyOf(String(seed)));
        if (end !== 'passed') throw new Error(`${name} ${end}`);
      }
      return EXECUTIONS;
    },
  };
}

/** The least that any engine over generators must do: no record, no digest, no strategy. */
const BARE: Work = {
  name: 'kernel/bare-generators',
  run() {
    let word = 1;
    for (let execution = 0; execution < EXECUTIONS; execution++) {
      const state = { counter: 0, amount: 0 };
      const running = Array.from({ length: THREADS }, () => bareAdder(state));
      for (const steps of running) steps.next();
      for (let left = THREADS; left > 0; ) {
        word ^= word << 13;
        word ^= word >>> 17;
        word ^= word << 5;
        const row = (word >>> 0) % left;
        const old = state.counter;
        state.counter += state.amount;
        if (running[row]!.next(old).done) running[row] = running[--left]!;
      }
      if (state.counter !== THREADS * ADDS) throw new Error(`${state.counter} adds`);
    }
    return EXECUTIONS;
  },
};

function* bareAdder(state: { amount: number }): Generator<unknown, void, number> {
  for (let i = 0; i < ADDS; i++) {
    state.amount = 1;
    yield state;
  }
}
