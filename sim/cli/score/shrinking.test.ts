import { expect, test } from 'vitest';
import { bodySubject } from '../../explore/test-world.ts';
import { explainedPair, KNOWN_MISTAKES } from './explained-pairs.ts';
import { ratioOf, SMALL_CASES, shrunkCase } from './minimal-stories.ts';
import { shrunkSeeds } from './shrunk-seeds.ts';

test('the least is what an exhaustive search finds, and shrinking comes near to it', async () => {
  expect(SMALL_CASES).toHaveLength(10);
  for (const one of SMALL_CASES) {
    const shrunk = await shrunkCase(one);
    expect(shrunk.least, one.name).toBeGreaterThan(0);
    expect(ratioOf(shrunk), one.name).toBeLessThanOrEqual(1.5);
  }
});

test('a story that is too long is told by its ratio', () => {
  expect(ratioOf({ name: 'too long', left: 5, least: 2 })).toBe(2.5);
  expect(ratioOf({ name: 'for nothing', left: 1, least: 0 })).toBe(Infinity);
});

test('a pair counts when it touches the mistake, and not when the mistake is elsewhere', async () => {
  expect(KNOWN_MISTAKES).toHaveLength(20);
  const known = KNOWN_MISTAKES.find(({ name }) => name === 'account')!;
  expect(await explainedPair(known)).toMatchObject({ touches: true });
  const elsewhere = { ...known, isMistake: () => false };
  expect(await explainedPair(elsewhere)).toMatchObject({ touches: false });
});

test('each failing seed is shrunk until the time is over, and its story is run anew', async () => {
  const subject = bodySubject('coin', { forMs: 1_000 }, async ({ env }) => {
    const coin = env.random.integer('coin', { min: 0, max: 1 });
    env.always('heads', coin === 0);
  });
  let asked = 0;
  const options = { countMax: 5, forMs: 10_000, goesOn: () => ++asked <= 3 };
  const shrunk = [];
  for await (const one of shrunkSeeds(subject, options)) shrunk.push(one);
  expect(shrunk).toHaveLength(3);
  for (const one of shrunk) expect(one).toMatchObject({ same: true, left: 1 });
});
