import { expect, test } from 'vitest';
import { runOne } from '../explore/runner.ts';
import { bodySubject } from '../explore/test-world.ts';
import { attempt, type Helpers, type Setting } from '../shrink/attempt.ts';
import type { Failing } from '../shrink/reduction.ts';
import { shrink } from '../shrink/shrink.ts';
import { candidateOf, sentCandidate, sentTried, triedOf } from './sent.ts';

const subject = bodySubject('dice', { forMs: 10_000, faults: 'chaos' }, async ({ env, node }) => {
  node('server-1', async ({ net }) => {
    net.serve('ask', () => null);
  });
  const dice = Array.from({ length: 6 }, () => env.random.integer('die', { min: 1, max: 6 }));
  for (const die of dice) {
    await env.timers.sleep(die);
    await env.net.call('server-1', 'ask', null, { timeoutMs: 400 }).catch(() => {});
  }
  env.always(
    'not all high',
    dice.some((die) => die < 3),
  );
  env.always(
    'not one high',
    dice.every((die) => die < 3),
  );
});

async function failing(property: string): Promise<Failing> {
  for (let seed = 1; seed <= 1_000; seed++) {
    const run = await runOne(subject, { seed: `${seed}`, strategy: 'random' });
    if (run.result.failure?.property === property) return { ...run, record: run.record! };
  }
  throw new Error(`no seed breaks '${property}'`);
}

/** A message as another process gets it. */
function posted<Message>(message: Message): Message {
  return structuredClone(message);
}

test('an attempt that was made elsewhere is as one that was made here', async () => {
  const start = await failing('always: not all high');
  const helpers = (): Helpers => ({
    count: 3,
    attempt: async (setting, candidate) => {
      const sent = posted({ setting, candidate: sentCandidate(candidate) });
      const tried = await attempt(subject, sent.setting, candidateOf(sent.candidate), () => false);
      return triedOf(posted(sentTried(tried)));
    },
  });
  const budget = { attemptsMax: 500, forMs: 60_000 };
  const alone = await shrink(subject, start, budget);
  const helped = await shrink(subject, start, { ...budget, helpers, aloneMs: 0 });
  expect(helped.attempts).toBe(alone.attempts);
  expect(helped.result).toEqual(alone.result);
  expect(helped.ended).toBe(alone.ended);
  const found = ({ others }: typeof alone) => others.map(({ result }) => result.failure?.signature);
  expect(found(alone)).toEqual(['always: not one high [test]']);
  expect(found(helped)).toEqual(found(alone));
});

test('what is sent keeps the names of sites and actors', async () => {
  const { spec, record, actors, result } = await failing('always: not all high');
  const { seed, strategy } = spec;
  const setting: Setting = { spec: { seed, strategy }, signature: result.failure!.signature };
  const tried = await attempt(subject, setting, { plan: {}, record, actors }, () => false);
  const back = triedOf(posted(sentTried(tried)));
  if (tried.is !== 'same' || back.is !== 'same') throw new Error(`${tried.is}, ${back.is}`);
  const sentences = ({ record: entries, actors: names }: typeof tried) =>
    Array.from({ length: entries.count }, (_, entry) => [
      entries.nameOf(entry),
      names[entries.actor(entry)],
      entries.outcome(entry),
    ]);
  expect(sentences(back)).toEqual(sentences(tried));
});
