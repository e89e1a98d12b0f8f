import { expect, test } from 'vitest';
import { Replay } from '../choice/replay.ts';
import { runOne } from '../explore/runner.ts';
import type { RunSpec, Subject } from '../explore/subject.ts';
import { bodySubject } from '../explore/test-world.ts';
import { attempt, type Helpers } from './attempt.ts';
import type { Failing, Shrunk } from './reduction.ts';
import { shrink } from './shrink.ts';

const BUDGET = { attemptsMax: 2_000, forMs: 30_000 };

/** The lowest seed that breaks this property, with what it decided. */
async function failing(subject: Subject, property: string): Promise<Failing> {
  for (let seed = 1; seed <= 1_000; seed++) {
    const spec: RunSpec = { seed: `${seed}`, strategy: 'random' };
    const run = await runOne(subject, spec);
    if (run.result.failure?.property === property) return { ...run, record: run.record! };
  }
  throw new Error(`no seed breaks '${property}'`);
}

/** The run that the shrunk decisions make. */
async function replayed(subject: Subject, { spec }: Failing, { plan, record }: Shrunk) {
  const { result } = await runOne(subject, { ...spec, plan, replay: new Replay(record) });
  return result;
}

/** Breaks in two ways, of which the first is by far the easier. */
const twoBugs = bodySubject('two-bugs', { forMs: 10_000 }, async ({ env }) => {
  const dice = Array.from({ length: 8 }, () => env.random.integer('die', { min: 1, max: 6 }));
  for (const die of dice) await env.timers.sleep(die);
  const sixes = dice.filter((die) => die === 6).length;
  env.always('at most two sixes', sixes <= 2);
  env.always('no two sixes first', dice[0] !== 6 || dice[1] !== 6);
});

test('the signature stays, however tempting another failure is', async () => {
  const start = await failing(twoBugs, 'always: at most two sixes');
  const shrunk = await shrink(twoBugs, start, BUDGET);
  expect(shrunk.result.failure?.signature).toBe(start.result.failure?.signature);
});

test('only what the failure needs is left, and no single decision can go', async () => {
  const start = await failing(twoBugs, 'always: at most two sixes');
  const { record, ended } = await shrink(twoBugs, start, BUDGET);
  expect(start.record.count).toBeGreaterThan(8);
  const left = Array.from({ length: record.count }, (_, entry) => record.outcome(entry));
  expect(left).toEqual([6, 6, 6]);
  expect(ended).toBe('minimal');
});

test('what is left replays: the same digest each time', async () => {
  const start = await failing(twoBugs, 'always: no two sixes first');
  const shrunk = await shrink(twoBugs, start, BUDGET);
  const first = await replayed(twoBugs, start, shrunk);
  expect(first.digest).toBe(shrunk.result.digest);
  expect(first.failure).toEqual(shrunk.result.failure);
  expect((await replayed(twoBugs, start, shrunk)).digest).toBe(first.digest);
});

test('a failure of another kind that is met on the way is kept as a find of its own', async () => {
  // Calmed, the first die breaks another property than the one that is shrunk.
  const subject = bodySubject('decoy', { forMs: 10_000 }, async ({ env }) => {
    const die = env.random.integer('die', { min: 1, max: 6 });
    const coin = env.random.integer('coin', { min: 0, max: 1 });
    env.always('with the coin', !(die > 1 && coin === 1));
    env.always('without the coin', !(die > 1 && coin === 0));
  });
  const start = await failing(subject, 'always: with the coin');
  const { result, others } = await shrink(subject, start, BUDGET);
  expect(result.failure?.property).toBe('always: with the coin');
  expect(others.map(({ result: { failure } }) => failure?.property)).toEqual([
    'always: without the coin',
  ]);
});

test('faults that the failure does not need go', async () => {
  const subject = bodySubject('deaf', { forMs: 20_000, faults: 'chaos' }, async ({ env, node }) => {
    node('server-1', async ({ net }) => {
      net.serve('ask', () => null);
    });
    await env.timers.sleep(2_000);
    let heard = false;
    await env.net.call('server-1', 'ask', null, { timeoutMs: 400 }).then(
      () => {
        heard = true;
      },
      () => {},
    );
    env.always('heard', heard);
  });
  const start = await failing(subject, 'always: heard');
  const { record } = await shrink(subject, start, BUDGET);
  const faults = new Set<number>();
  for (let entry = 0; entry < record.count; entry++) {
    if (record.spans[record.span(entry)]!.kind === 'fault') faults.add(record.span(entry));
  }
  expect(start.record.spans.filter(({ kind }) => kind === 'fault').length).toBeGreaterThan(3);
  expect(faults.size).toBeLessThanOrEqual(1);
});

test('what happens late is moved to where it happens first', async () => {
  const subject = bodySubject('late', { forMs: 10_000 }, async ({ env }) => {
    for (let toss = 0; toss < 8; toss++) {
      await env.timers.sleep(1);
      const die = env.random.integer('die', { min: 1, max: 6 });
      env.always('no six', die !== 6, `toss ${toss}`);
    }
  });
  const start = await failing(subject, 'always: no six');
  const { record, result } = await shrink(subject, start, BUDGET);
  expect(start.result.failure?.message).not.toContain('toss 0');
  expect(result.failure?.message).toContain('toss 0');
  expect(record.count).toBe(1);
});

test('two decisions go for one with another amount', async () => {
  const subject = bodySubject('window', { forMs: 10_000 }, async ({ env }) => {
    const near = env.random.integer('near', { min: 0, max: 100 });
    const far = env.random.integer('far', { min: 0, max: 100 });
    const together = near >= 60 && far >= 50;
    const alone = near >= 12 && near < 20 && far === 0;
    env.always('outside', !together && !alone);
  });
  const start = await failing(subject, 'always: outside');
  const { record, ended } = await shrink(subject, start, BUDGET);
  expect(Array.from({ length: record.count }, (_, entry) => record.outcome(entry))).toEqual([12]);
  expect(ended).toBe('minimal');
});

test('a higher amount is taken where the run is much shorter with it', async () => {
  const subject = bodySubject('laps', { forMs: 10_000 }, async ({ env }) => {
    const stride = env.random.integer('stride', { min: 1, max: 100 });
    for (let at = 0; at < 100; at += stride) await env.timers.sleep(1);
    env.always('slow', stride < 10);
  });
  const start = await failing(subject, 'always: slow');
  const { record, result, ended } = await shrink(subject, start, BUDGET);
  expect(record.count).toBe(1);
  expect(result.steps).toBeLessThan(6);
  expect(ended).toBe('minimal');
});

test('attempts are bounded', async () => {
  const start = await failing(twoBugs, 'always: at most two sixes');
  const shrunk = await shrink(twoBugs, start, { ...BUDGET, attemptsMax: 5 });
  expect(shrunk.attempts).toBeLessThanOrEqual(6);
  expect(shrunk.ended).toBe('attempts');
  expect(shrunk.result.failure?.signature).toBe(start.result.failure?.signature);
});

test('magnitudes and moments come as near to the calmest as the failure lets them', async () => {
  const subject = bodySubject('slow', { forMs: 60_000 }, async ({ env }) => {
    const waitMs = env.random.integer('wait', { min: 0, max: 10_000 });
    const size = env.random.integer('size', { min: 1, max: 1_000_000 });
    await env.timers.sleep(waitMs);
    env.always('quick or small', waitMs < 700 || size < 640);
  });
  const start = await failing(subject, 'always: quick or small');
  const { record, ended } = await shrink(subject, start, BUDGET);
  const left = Array.from({ length: record.count }, (_, entry) => record.outcome(entry));
  expect(ended).toBe('minimal');
  expect(left).toHaveLength(2);
  // A 64th is not worth another run.
  expect(left[0]).toBeGreaterThanOrEqual(700);
  expect(left[0]).toBeLessThanOrEqual(712);
  expect(left[1]).toBeGreaterThanOrEqual(640);
  expect(left[1]).toBeLessThanOrEqual(651);
});

test('helpers do not change what comes out', async () => {
  const start = await failing(twoBugs, 'always: at most two sixes');
  const alone = await shrink(twoBugs, start, BUDGET);
  for (const count of [2, 3, 7]) {
    const helpers = (): Helpers => ({
      count,
      attempt: (setting, candidate) => attempt(twoBugs, setting, candidate, () => false),
    });
    const helped = await shrink(twoBugs, start, { ...BUDGET, helpers, aloneMs: 0 });
    expect(helped.attempts).toBe(alone.attempts);
    expect(helped.result).toEqual(alone.result);
  }
});

test('a record that does not make its run again is refused', async () => {
  const start = await failing(twoBugs, 'always: at most two sixes');
  const record = start.record.filtered(() => false);
  await expect(shrink(twoBugs, { ...start, record }, BUDGET)).rejects.toThrow(/does not replay/);
});
