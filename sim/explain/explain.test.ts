import { expect, test } from 'vitest';
import { stepKey } from '../choice/overheard.ts';
import { Prefix } from '../choice/prefix.ts';
import { RandomWalk } from '../choice/random.ts';
import { keysOf } from '../choice/seed.ts';
import { runOne } from '../explore/runner.ts';
import type { RunSpec, Subject } from '../explore/subject.ts';
import { bodySubject } from '../explore/test-world.ts';
import { threadsSubject } from '../explore/threads-subject.ts';
import type { Failing } from '../shrink/reduction.ts';
import { shrink } from '../shrink/shrink.ts';
import { cell, mutex } from '../threads/objects.ts';
import { threads } from '../threads/program.ts';
import { STEP } from '../trace/record.ts';
import { type Cause, type Explained, explain } from './explain.ts';
import { Reruns } from './reruns.ts';
import { Watch } from './watch.ts';

const BOUNDS = { runsMax: 1_500, forMs: 60_000 };
const SHRINK = { attemptsMax: 2_000, forMs: 30_000 };

async function failing(subject: Subject): Promise<Failing> {
  for (let seed = 1; seed <= 1_000; seed++) {
    const run = await runOne(subject, { seed: `${seed}`, strategy: 'random' });
    if (run.result.failure !== undefined) return { ...run, record: run.record! };
  }
  throw new Error('no seed fails');
}

async function storyOf(subject: Subject): Promise<Explained> {
  const run = await failing(subject);
  const { record, plan } = await shrink(subject, run, SHRINK);
  const { signature } = run.result.failure!;
  return { spec: { ...run.spec, plan }, record, signature, timeline: [] };
}

async function explained(subject: Subject, bounds = BOUNDS) {
  const explanation = await explain(subject, await storyOf(subject), bounds);
  return explanation!;
}

function order(cause: Cause | undefined) {
  if (cause?.is !== 'order') throw new Error(`not an order: ${JSON.stringify(cause)}`);
  return cause;
}

/** Two clients ask one server, which looks, waits and then acts. */
const shop = bodySubject('shop', { forMs: 10_000 }, async ({ env, node }) => {
  let copies = 1;
  node('shop', async ({ net, timers }) => {
    net.serve('buy', async () => {
      if (copies === 0) return 'sold out';
      await timers.sleep(5);
      copies -= 1;
      return 'sold';
    });
  });
  const buy = async () => {
    await env.timers.sleep(env.random.integer('arrival', { min: 0, max: 100 }));
    return env.net.call('shop', 'buy', null, { timeoutMs: 1_000 });
  };
  const answers = await Promise.all([buy(), buy()]);
  env.always('sold once', answers.filter((answer) => answer === 'sold').length === 1);
});

test('a race between a look and an act is the order of the second look and the first act', async () => {
  const { cause, sibling } = await explained(shop);
  const { first, second } = order(cause);
  expect(first.words[0]).toBe('shop gets buy() from test');
  expect(second.words[0]).toMatch(/^shop fires the 5 ms timer set at .*explain\.test\.ts/);
  expect(second.madeAt[0]).toMatch(/explain\.test\.ts:\d+:\d+/);
  expect(first.madeAt[0]).toMatch(/buy \(.*explain\.test\.ts:\d+:\d+\)/);
  expect(sibling!.differing.length).toBeLessThanOrEqual(2);
});

test('a step that the failing run never comes to may be one of the two', async () => {
  const program = threads({
    name: 'embrace',
    setup: () => ({ mine: mutex('mine'), yours: mutex('yours') }),
    threads: {
      *give({ mine, yours }) {
        yield mine.lock();
        yield yours.lock();
        yield yours.unlock();
        yield mine.unlock();
      },
      *take({ mine, yours }) {
        yield yours.lock();
        yield mine.lock();
        yield mine.unlock();
        yield yours.unlock();
      },
    },
  });
  const { cause } = await explained(threadsSubject(program));
  const { first, second, shown } = order(cause);
  expect([first, second].map(({ words }) => words[0]!.split(',')[0])).toEqual([
    'give: mine.lock()',
    'take: mine.lock()',
  ]);
  expect([first.number > 0, second.number, shown]).toEqual([true, 0, false]);
});

test('an exchange of two steps of threads is shown by a run', async () => {
  const program = threads({
    name: 'account',
    setup: () => ({ balance: cell(0) }),
    threads: {
      deposit: {
        count: 2,
        *body({ balance }) {
          const seen = yield* balance.load();
          yield balance.store(seen + 10);
        },
      },
    },
    check: ({ balance }) => {
      if (balance.value !== 20) throw new Error(`lost: ${balance.value}`);
    },
  });
  const { cause } = await explained(threadsSubject(program));
  const { first, second, shown } = order(cause);
  expect(shown).toBe(true);
  expect(first.words[0]).toContain('balance.load() is 0');
  expect(second.words[0]).toContain('balance.store(10)');
});

test('where every order is the same, the decision is named with the line that takes it', async () => {
  const subject = bodySubject('coin', { forMs: 1_000 }, async ({ env }) => {
    await env.timers.sleep(3);
    const coin = env.random.integer('coin', { min: 0, max: 9 });
    env.always('not seven or more', coin < 7);
  });
  const { cause, likelihood } = await explained(subject);
  expect(cause).toMatchObject({
    is: 'outcome',
    difference: { site: 'coin', failing: 7, passing: 6, words: 'test: coin gives 6 instead of 7' },
  });
  expect(cause?.is === 'outcome' && cause.decidedAt[0]).toMatch(/explain\.test\.ts:\d+:\d+/);
  // Fails by chance in 3 of 10 runs until the coin is thrown, and then for certain.
  expect(likelihood.jump?.step.words[0]).toMatch(/^test fires the 3 ms timer/);
  expect(likelihood.jump?.after.failed).toBe(likelihood.jump?.after.runs);
});

test('faults are told with how the run ends without each', async () => {
  const subject = bodySubject('deaf', { forMs: 20_000, faults: 'net' }, async ({ env, node }) => {
    node('server-1', async ({ net }) => {
      net.serve('ask', () => null);
    });
    await env.timers.sleep(2_000);
    let heard = true;
    await env.net.call('server-1', 'ask', null, { timeoutMs: 400 }).catch(() => {
      heard = false;
    });
    env.always('heard', heard);
  });
  const story = await storyOf(subject);
  const { faults } = (await explain(subject, story, BOUNDS))!;
  const cuts = story.record.spans.filter(({ kind }) => kind === 'fault').length;
  expect(cuts).toBeGreaterThan(0);
  for (const { words, without } of faults) {
    expect(words).toMatch(/^the nemesis /);
    expect(without).toBe('passed');
  }
});

test('what befalls one packet is a fault, and no cause besides', async () => {
  const subject = bodySubject('twice', { forMs: 5_000, faults: 'net' }, async ({ env, node }) => {
    let times = 0;
    node('server-1', async ({ net }) => {
      net.serve('ask', () => ++times);
    });
    await env.timers.sleep(100);
    await env.net.call('server-1', 'ask', null, { timeoutMs: 1_000 }).catch(() => null);
    env.always('asked once', times <= 1);
  });
  const { faults, cause } = await explained(subject);
  expect(faults).toMatchObject([
    { words: 'a datagram from test to server-1 is doubled', without: 'passed' },
  ]);
  expect(cause).not.toMatchObject({ difference: { site: 'net.duplicate' } });
});

test('a buggify that strikes is a fault', async () => {
  const subject = bodySubject('asks', { faults: 'swarm' }, async ({ env }) => {
    env.always('calm', !env.buggify('hurry'));
  });
  const { faults } = await explained(subject);
  expect(faults).toMatchObject([
    { words: expect.stringMatching(/^test meets its buggify at /), without: 'passed' },
  ]);
});

test('whoever runs a step is named as in the run that was watched', async () => {
  const { record, spec, signature } = await storyOf(shop);
  const reruns = new Reruns(shop, spec, signature, BOUNDS);
  const watch = new Watch();
  await reruns.of(record, { watch });
  const links = watch.steps.filter(({ site }) => site === 'net.deliver');
  expect(new Set(links.map(({ actor }) => actor))).toEqual(new Set(['test>shop', 'shop>test']));
});

test('a fault of the timeline that the failure does not need is told to be so', async () => {
  const timeline = [
    { atMs: 10, fault: { kind: 'isolate', node: 'server-1', direction: 'both', forMs: 500 } },
    { atMs: 700, fault: { kind: 'crash', node: 'server-1', forMs: 100 } },
  ] as const;
  const subject = bodySubject('timeline', { forMs: 5_000 }, async ({ env, node }) => {
    node('server-1', async ({ net }) => {
      net.serve('ask', () => null);
    });
    await env.timers.sleep(20);
    let heard = true;
    await env.net.call('server-1', 'ask', null, { timeoutMs: 200 }).catch(() => {
      heard = false;
    });
    await env.timers.sleep(1_000);
    env.always('heard', heard);
  });
  const spec: RunSpec = { seed: '1', strategy: 'random', plan: { timeline } };
  const run = await runOne(subject, spec);
  const { record } = await shrink(subject, { ...run, record: run.record! }, SHRINK);
  const { signature } = run.result.failure!;
  const explanation = await explain(subject, { spec, record, signature, timeline }, BOUNDS);
  expect(explanation!.faults.map(({ without }) => without)).toEqual(['passed', 'same']);
});

test('the same story is explained in the same way each time', async () => {
  const story = await storyOf(shop);
  const parts = async () => {
    const { cause, sibling, likelihood, runs } = (await explain(shop, story, BOUNDS))!;
    return { cause, sibling, chances: likelihood.chances, runs };
  };
  expect(await parts()).toEqual(await parts());
});

test('runs are bounded, and what was found by then is told', async () => {
  const story = await storyOf(shop);
  const explanation = (await explain(shop, story, { ...BOUNDS, runsMax: 30 }))!;
  expect(explanation.ended).toBe('runs');
  // Two more tell of what was found.
  expect(explanation.runs).toBeLessThanOrEqual(32);
  expect(explanation.likelihood.chances.length).toBeGreaterThan(0);
});

test('an interruption ends it at once', async () => {
  const story = await storyOf(shop);
  const signal = AbortSignal.abort();
  expect(await explain(shop, story, { ...BOUNDS, signal })).toBeUndefined();
});

test('a story that passes now says so, and how much of it still fits', async () => {
  const story = await storyOf(shop);
  const mended = bodySubject('shop', { forMs: 10_000 }, async () => {});
  const explanation = (await explain(mended, story, BOUNDS))!;
  expect(explanation.outcome).toBe('passed');
  expect(explanation.fit).toEqual({ used: expect.any(Number), total: story.record.count });
  expect(explanation.cause).toBeUndefined();
});

test('a beginning of a run is its own, step for step, whatever is drawn after it', async () => {
  const run = await failing(shop);
  const { record } = run;
  const seen = async (replay: RunSpec['replay']) => {
    const watcher = new Watch();
    await runOne(shop, { ...run.spec, replay, watcher });
    return watcher.steps.map(({ key, atNs }) => `${key} ${atNs}`);
  };
  const whole = await seen(undefined);
  let others = 0;
  for (let entries = 1; entries < record.count; entries++) {
    if (record.kind(entries) !== STEP) continue;
    const last = entries - 1;
    const fresh = new RandomWalk(keysOf(`other ${entries}`));
    const cutNs = lastMomentNs(last);
    const steps = await seen(new Prefix({ record, entries, cutNs, fresh }));
    const until = whole.findIndex((step) =>
      step.startsWith(stepKey(record.lo(entries), record.hi(entries))),
    );
    if (until < 0) continue;
    expect(steps.slice(0, until)).toEqual(whole.slice(0, until));
    if (String(steps) !== String(whole)) others++;
  }
  expect(others).toBeGreaterThan(0);

  function lastMomentNs(from: number): number {
    for (let entry = from; entry >= 0; entry--) {
      if (record.kind(entry) === STEP) return record.outcome(entry);
    }
    return 0;
  }
});
