import { describe, expect, test } from 'vitest';
import { Delays } from '../choice/bounded.ts';
import { keysOf } from '../choice/seed.ts';
import { SEEDED_STRATEGIES, type SeededStrategy } from '../choice/seeded.ts';
import { ThreadsEngine } from './engine.ts';
import { type ExploreOptions, strategies } from './executions.ts';
import { exploreThreads } from './explore.ts';
import { cell, condition, mutex, pause, plain, spawn } from './objects.ts';
import { type ThreadsProgram, threads } from './program.ts';

const lostUpdate = threads({
  name: 'lost update',
  setup: () => ({ balance: cell(0) }),
  threads: {
    deposit: {
      count: 2,
      *body({ balance }) {
        const seen = yield* balance.load();
        yield balance.store(seen + 1);
      },
    },
  },
  check({ balance }) {
    if (balance.value !== 2) throw new Error(`a deposit is lost: ${balance.value}`);
  },
});

/** A bit of everything that a strategy can be asked about. */
const medley = threads({
  name: 'medley',
  setup: () => ({ m: mutex(), changed: condition(), full: plain(false), turns: cell(0) }),
  threads: {
    *main({ turns }) {
      const child = yield* spawn('child', function* () {
        for (let i = 0; i < 3; i++) yield turns.add(1);
      });
      yield child.join();
    },
    *looker({ turns }) {
      while ((yield* turns.load()) < 2) yield pause();
    },
    user: {
      count: 4,
      *body({ m, changed, full }, index) {
        const fills = index % 2 === 0;
        yield m.lock();
        while ((yield* full.read()) === fills) yield changed.wait(m);
        yield full.write(fills);
        yield changed.broadcast();
        yield m.unlock();
      },
    },
  },
});

function digests(program: ThreadsProgram<unknown>, name: SeededStrategy, seeds: number[]) {
  const engine = new ThreadsEngine(program);
  const strategyOf = strategies(engine, name);
  return new Map(
    seeds.map((seed) => {
      engine.execute(strategyOf(`${seed}`));
      return [seed, engine.digest.hex()];
    }),
  );
}

describe.each(SEEDED_STRATEGIES)('%s', (strategy) => {
  test('makes of a seed the same run, whatever ran before', () => {
    const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
    const forwards = digests(medley, strategy, seeds);
    for (const [seed, digest] of digests(medley, strategy, seeds.toReversed())) {
      expect(digest, `seed ${seed}`).toBe(forwards.get(seed));
    }
    expect(new Set(forwards.values()).size).toBeGreaterThan(10);
  });

  // The least any of them fails here is 1 seed in 6 (pct of depth 2: 1 / (n k)): 100 miss it with
  // a chance of 1e-8.
  test('loses an update', () => {
    const { failure } = exploreThreads(lostUpdate, { seeds: 100, strategy });
    expect(failure).toMatchObject({ strategy, violation: { property: 'check' } });
  });
});

/** Two threads that take three steps each on one cell, and others elsewhere. */
const threeByThree = threads({
  name: 'three by three',
  setup: () => ({ shared: cell(0), own: [cell(0), cell(0)], order: plain('') }),
  threads: {
    adder: {
      count: 2,
      *body({ shared, own }, index) {
        for (let i = 0; i < 3; i++) {
          yield shared.add(1);
          if (index === 0) for (let j = 0; j < 4; j++) yield own[index]!.add(1);
        }
      },
    },
  },
});

/** How often each class of 2,000 runs was met. */
function shares(strategy: SeededStrategy): number[] {
  const engine = new ThreadsEngine(threeByThree, { classes: true });
  const strategyOf = strategies(engine, strategy);
  const met = new Map<number, number>();
  for (let seed = 1; seed <= 2_000; seed++) {
    engine.execute(strategyOf(`${seed}`));
    const { value } = engine.interleaving!;
    met.set(value, (met.get(value) ?? 0) + 1);
  }
  return [...met.values()];
}

// One cell is contended, so each of the 20 orders of its steps is met in 100 of 2,000 runs on average
// where steps on it are what is interesting, and in others where all steps are: 3 runs of 4 and 1.
test('surw meets the orders on a contended object equally often; random does not', () => {
  const met = shares('surw');
  expect(met).toHaveLength(20);
  expect(Math.min(...met)).toBeGreaterThan(50);
  const random = shares('random');
  expect(Math.max(...random)).toBeGreaterThan(400);
});

/** One thread has to stand still between two steps while another takes `steps`. */
const standstill = (steps: number) =>
  threads({
    name: 'standstill',
    setup: () => cell(0),
    threads: {
      *still(c) {
        const before = yield* c.load();
        const after = yield* c.load();
        if (after - before === steps) throw new Error('stood still');
      },
      busy: {
        count: 2,
        *body(c) {
          for (let i = 0; i < steps / 2; i++) yield c.add(1);
        },
      },
    },
  });

test.each([
  ['random', 'passed'],
  ['surw', 'violated'],
  ['delay', 'violated'],
  ['starvation', 'violated'],
  ['portfolio', 'violated'],
] as const)('a long standstill: %s %s', (strategy, verdict) => {
  // The random walk needs the still thread to lose 40 draws of 1 in 3 in a row: 1e-7 a seed. Of the
  // others the rarest failed in 1 seed of 50.
  expect(exploreThreads(standstill(40), { seeds: 1_000, strategy }).verdict).toBe(verdict);
});

test('a bound of no delay leaves one schedule', () => {
  const engine = new ThreadsEngine(threeByThree, { classes: true });
  const plainly = new Delays(keysOf('1'), { pointsMax: 0, steps: 10 });
  const classes = ['1', '2', '3'].map((seed) => {
    plainly.restart(keysOf(seed));
    engine.execute(plainly);
    return engine.interleaving!.value;
  });
  expect(new Set(classes).size).toBe(1);
});

test.each([
  [{ seeds: 1, strategy: 'surv' }, "no strategy is named 'surv'; did you mean 'surw'?"],
  [{ strategy: 'dpr' }, "no strategy is named 'dpr'; did you mean 'dpor'?"],
  [{ strategy: 'pct' }, "'pct' makes a run of each seed: give seeds"],
  [{ seeds: 10, strategy: 'dpor' }, "'dpor' is a search: leave out the seeds"],
  [{ strategy: 'dpor', bound: { on: 'delays', max: 1 } }, "'dpor' has no bound; 'dfs' has"],
])('%o is refused', (options, message) => {
  const wrong = options as unknown as ExploreOptions;
  expect(() => exploreThreads(lostUpdate, wrong)).toThrow(new RangeError(message));
});
