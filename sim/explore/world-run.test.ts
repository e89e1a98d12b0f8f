import { describe, expect, test } from 'vitest';
import { withLocalSites, withNames } from '../choice/named.ts';
import { Replay } from '../choice/replay.ts';
import type { Env, Program } from '../env/env.ts';
import { guarded } from '../node/guard/guarded.ts';
import { inMacrotask } from '../sched/macrotask.ts';
import { DecisionRecord } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';
import { broken, explored } from './fixtures/explored.ts';
import { runOne } from './runner.ts';
import { addRun, emptyTally, neverSeen } from './tally.ts';
import { bodySubject } from './test-world.ts';
import type { WorldSubject } from './world-run.ts';

/** One node that does this. */
function alone(body: (env: Env) => Promise<void>): WorldSubject {
  return bodySubject('alone', { forMs: 10_000 }, ({ env }) => body(env));
}

/** True in about half the seeds. */
function coin(env: Env): boolean {
  return env.random.integer('coin', { min: 0, max: 1 }) === 1;
}

// A coin shows one side in 30 seeds with a chance below 1e-8.
const SEEDS = 30;

describe('forMs of a body', () => {
  const sleeping = (ms: number): WorldSubject => alone((env) => env.timers.sleep(ms));

  test('what is over before it passes, in its second half too', async () => {
    expect(await broken(sleeping(9_000), { seeds: SEEDS })).toEqual(new Map());
  });

  test('what is not over by then is violated then', async () => {
    const [result] = await explored(sleeping(10_100), { seeds: 1 });
    expect(result!.failure).toMatchObject({
      property: 'liveness',
      message: 'test had not finished within 10000 ms (forMs)',
    });
    expect(result!.virtualMs).toBe(10_000);
  });
});

describe('properties', () => {
  test('always fails where it does not hold, with its details', async () => {
    const subject = alone(async (env) => env.always('heads', coin(env), 'it was tails'));
    const results = await explored(subject, { seeds: SEEDS });
    const failed = results.filter(({ verdict }) => verdict === 'violated');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(SEEDS);
    expect(failed[0]!.failure).toMatchObject({
      property: 'always: heads',
      message: 'it was tails',
    });
  });

  test('unreachable fails where it is passed', async () => {
    const subject = alone(async (env) => {
      if (coin(env)) env.unreachable('tails');
    });
    expect([...(await broken(subject, { seeds: SEEDS })).keys()]).toEqual(['unreachable: tails']);
  });

  test('sometimes and reachable are seen when one seed of many meets them', async () => {
    const subject = alone(async (env) => {
      env.sometimes('heads', coin(env));
      env.sometimes('pigs fly', false);
      env.sometimes('constructor', false);
      if (coin(env)) env.reachable('here');
    });
    const tally = emptyTally();
    for (const result of await explored(subject, { seeds: SEEDS })) {
      addRun(tally, { result, interleaving: undefined, actors: [] });
    }
    expect(neverSeen(tally)).toEqual(['constructor', 'pigs fly']);
  });

  test('eventually waits until it holds', async () => {
    const subject = alone(async (env) => {
      let done = false;
      env.timers.after(3_000, () => {
        done = true;
      });
      env.eventually('it is done', () => done);
    });
    expect(await broken(subject, { seeds: SEEDS })).toEqual(new Map());
  });

  test('eventually fails when it never holds', async () => {
    const subject = alone(async (env) => env.eventually('it is done', () => false));
    const found = await broken(subject, { seeds: SEEDS });
    expect(found).toEqual(new Map([['eventually: it is done', SEEDS]]));
  });
});

test('two failures that differ in their message only have different digests', async () => {
  const digestOf = async (details: string): Promise<string> => {
    const subject = alone(async (env) => env.always('it holds', false, details));
    return (await explored(subject, { seeds: 1 }))[0]!.digest;
  };
  expect(await digestOf('2 of 3')).toBe(await digestOf('2 of 3'));
  expect(await digestOf('2 of 3')).not.toBe(await digestOf('1 of 3'));
});

test('in which slices a run is made changes nothing of it', async () => {
  const subject = alone(async (env) => {
    let done = false;
    env.timers.every(7, () => {
      done = env.clock.monotonicMs() > 5_000;
      for (let i = 0; i < 3; i++) env.timers.after(5, () => {});
    });
    // Holds for the first time long after the program has returned: in the liveness phase.
    env.eventually('it is done', () => done);
  });
  const inSlices = (steps: number): Promise<RunResult> =>
    inMacrotask(() =>
      guarded(() => {
        const run = subject.start({ seed: '1', strategy: 'random' });
        while (!run.advance(steps)) {}
        return run.result();
      }),
    );
  const whole = await inSlices(1_000_000);
  expect(whole.verdict).toBe('passed');
  for (const steps of [1, 5, 64, 1000]) expect(await inSlices(steps)).toEqual(whole);
});

describe('ends', () => {
  test('a program that nothing can wake is a deadlock', async () => {
    const subject = alone(() => new Promise(() => {}));
    const [result] = await explored(subject, { seeds: 1 });
    expect(result?.failure).toMatchObject({
      property: 'deadlock',
      message: 'nothing is pending that could wake test',
    });
  });

  test('a program that is woken again and again, and never done, breaks liveness', async () => {
    const subject = alone(async (env) => {
      for (;;) await env.timers.sleep(1_000);
    });
    const [result] = await explored(subject, { seeds: 1 });
    expect(result?.failure?.property).toBe('liveness');
  });

  test.for([
    [
      'a synchronous loop',
      () => {
        for (;;);
      },
    ],
    [
      'endless microtasks',
      async () => {
        for (;;) await null;
      },
    ],
    [
      'endless nextTick',
      () => {
        const again = (): void => process.nextTick(again);
        again();
      },
    ],
  ] as const)('%s is a hang, and the next seed runs', async ([, endless]) => {
    const subject = alone(async (env) => {
      await env.timers.sleep(1);
      if (coin(env)) await endless();
    });
    const results = await explored(subject, { seeds: 8, hangMs: 200 });
    const verdicts = new Set(results.map(({ verdict }) => verdict));
    expect(results).toHaveLength(8);
    expect(verdicts).toContain('passed');
    expect(verdicts).toContain('inconclusive');
    // On a machine that stands still for 200 ms anything is a hang.
    expect(results.map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(
        /^hang: step \d+ (did not yield within 200 ms|calls process.nextTick without end)/,
      ),
    );
  });

  test('how far a hang came before it was cut off is not seen in its result', async () => {
    const subject = alone(async (env) => {
      await env.timers.sleep(1);
      for (;;) {
        env.log.info('and again');
        env.clock.monotonicMs();
      }
    });
    const [short, long] = await Promise.all(
      [150, 400].map((hangMs) => explored(subject, { seeds: 1, hangMs })),
    );
    const { digest, virtualMs } = short![0]!;
    expect(long![0]).toMatchObject({ verdict: 'inconclusive', digest, virtualMs });
  });
});

test('a run that has no end says who runs, and what to do', async () => {
  const subject = alone(async ({ timers }) => {
    for (;;) await new Promise<void>((resolve) => timers.immediate(resolve));
  });
  const { result } = await runOne(subject, { seed: '1', strategy: 'random', stepsMax: 2_000 });
  expect(result.verdict).toBe('inconclusive');
  expect(result.reason).toMatch(
    /^no end after 2,00\d steps and [\d.]+ virtual s, on test: let programs wait longer/,
  );
});

test.each([
  ['env itself', (env: Env) => env as never, 'shown is a SimEnv'],
  ['a function', () => ({ deep: [() => {}] }) as never, 'shown.deep[0] is a function'],
  ['no number', () => ({ rate: Number.NaN }), 'shown.rate is NaN'],
])('what a program observes is plain data: %s is named', async (_, shown, problem) => {
  const subject = alone(async (env) => env.observe('shown', () => shown(env)));
  const [first, again] = [
    ...(await explored(subject, { seeds: 1 })),
    ...(await explored(subject, { seeds: 1 })),
  ];
  expect(first!.failure).toMatchObject({ property: 'uncaught TypeError', nodes: ['test'] });
  expect(first!.failure!.message).toMatch(/^env\.observe\('shown', …\): .* plain data/);
  expect(first!.failure!.message).toContain(`, and ${problem}`);
  expect(again!.digest).toBe(first!.digest);
});

test('a program that changes its args changes them for nobody else', async () => {
  const given = { seen: [] as string[] };
  const program = async (env: Env, args: { seen: string[] }): Promise<void> => {
    env.always('as it was given', args.seen.length === 0, `${args.seen.length} seen`);
    args.seen.push(env.name);
  };
  const subject = bodySubject('args', {}, async ({ env, node }) => {
    const first = node('one', program as Program, given);
    const second = node('two', program as Program, given);
    await first.finished;
    first.crash();
    first.restart();
    await second.finished;
    await env.timers.sleep(10);
  });
  expect(await broken(subject, { seeds: 3 })).toEqual(new Map());
  expect(given.seen).toEqual([]);
});

describe('labels of draws', () => {
  const drawing = (names: (run: number) => readonly string[]): WorldSubject => {
    let runs = 0;
    return alone(async (env) => {
      for (const name of names(++runs)) env.random.integer(name, { min: 0, max: 9 });
    });
  };
  const many = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

  test('may be other ones in each run, however many runs there are', async () => {
    const subject = drawing((run) => many(`run ${run}`, 4_000));
    expect(await broken(subject, { seeds: 20 })).toEqual(new Map());
  });

  test('are refused where one run has too many, whatever ran before', async () => {
    const subject = drawing(() => many('ms', 4_097));
    expect(await broken(subject, { seeds: 2 })).toEqual(new Map([['uncaught RangeError', 2]]));
  });

  test('draw and replay the same where they come from data', async () => {
    const subject = alone(async (env) => {
      const drawn = many('ms', 100).map((name) => env.random.integer(name, { min: 0, max: 9 }));
      env.log.info('drawn', { drawn });
    });
    const spec = { seed: '1', strategy: 'random', record: new DecisionRecord() } as const;
    const { result, record, actors } = await runOne(subject, spec);
    const read = withLocalSites(withNames(record!, actors));
    const replayed = await runOne(subject, {
      ...spec,
      record: undefined,
      replay: new Replay(read),
    });
    expect(replayed.result.digest).toBe(result.digest);
  });
});

describe('buggify', () => {
  const subject = alone(async (env) => {
    const fired = Array.from({ length: 20 }, () => env.buggify('shortcut'));
    env.sometimes('fired', fired.includes(true));
    env.always('not every time', fired.includes(false));
    env.always('no shortcut', !fired.includes(true));
  });

  test('never fires unless the faults ask for it', async () => {
    expect(await broken(subject, { seeds: 100, faults: 'chaos' })).not.toEqual(new Map());
    expect(await broken(subject, { seeds: 100, faults: 'calm' })).toEqual(new Map());
  });

  // Armed in 1 run of 4, it fires at least once in 20 visits with a chance of 0.997.
  test('is armed in about a quarter of the runs, and then fires at some visits', async () => {
    const found = await broken(subject, { seeds: 200, faults: 'resource' });
    expect([...found.keys()]).toEqual(['always: no shortcut']);
    expect(found.get('always: no shortcut')).toBeGreaterThan(25);
    expect(found.get('always: no shortcut')).toBeLessThan(80);
  });
});

describe('what is left waiting when all is done', () => {
  test('a failure that nobody awaits fails the run', async () => {
    const forgotten = bodySubject('forgotten', {}, async ({ env }) => {
      (async () => {
        await env.timers.sleep(10);
        throw new Error('not awaited');
      })();
    });
    const { result } = await runOne(forgotten, { seed: '1', strategy: 'random' });
    expect(result).toMatchObject({ verdict: 'violated', failure: { message: 'not awaited' } });
  });

  test('so does a call that is not awaited', async () => {
    const forgotten = bodySubject('forgotten', {}, async ({ env, node }) => {
      node('a-1', async ({ net }) => {
        net.serve('no', async () => {
          throw new Error('refused');
        });
      });
      await env.timers.sleep(1);
      env.net.call('a-1', 'no', null, { timeoutMs: 50 });
    });
    const { result } = await runOne(forgotten, { seed: '1', strategy: 'random' });
    expect(result.verdict).toBe('violated');
  });

  test('what comes each period does not hold the run, and nothing for long', async () => {
    const ends = async (body: (env: Env) => void): Promise<number> => {
      const subject = bodySubject('ends', {}, async ({ env }) => body(env));
      const { result } = await runOne(subject, { seed: '1', strategy: 'random' });
      expect(result.verdict).toBe('passed');
      return result.virtualMs;
    };
    expect(await ends(() => {})).toBeLessThan(1);
    expect(await ends((env) => void env.timers.every(5, () => {}))).toBeLessThan(1);
    expect(await ends((env) => void env.timers.sleep(20))).toBeCloseTo(20, -1);
    expect(await ends((env) => void env.timers.sleep(60_000))).toBeCloseTo(1_000, -1);
  });
});
