// What becomes of a run in which the engine finds a bug in a pool's own threads, within a call of the
// program. The bugs are twins of native code that nothing but tests can open.
import { afterEach, expect, test, vi } from 'vitest';
import type { Moving } from '../../native/simulated.ts';
import { Replay } from '../choice/replay.ts';
import { explored } from '../explore/fixtures/explored.ts';
import { runOne } from '../explore/runner.ts';
import { bodySubject } from '../explore/test-world.ts';
import { shrink } from '../shrink/shrink.ts';

const planted = vi.hoisted(() => ({ moving: 'right' as Moving }));

vi.mock('../../native/index.ts', async (original) => {
  const native = await original<typeof import('../../native/index.ts')>();
  const open: typeof native.openSimulatedMovablePool = (options) =>
    native.openSimulatedMovablePool({ ...options, ...planted });
  return { ...native, openSimulatedMovablePool: open };
});

afterEach(() => {
  planted.moving = 'right';
});

/** Three blocks, of which the first is freed and the others are filled, again and again. */
const cards = bodySubject('cards', { forMs: 10_000 }, async ({ env }) => {
  const pool = env.memory.movablePool({ capacityBytes: 4_096 });
  try {
    for (let round = 0; round < 5; round++) {
      const [hole, ...kept] = Array.from({ length: 3 }, () => pool.allocate(100, 'card'));
      pool.free(hole!);
      for (const card of kept) pool.pin(card).fill(1);
      for (const card of kept) pool.unpin(card);
      for (const card of kept) {
        const view = pool.pin(card);
        env.always(
          'card.intact',
          view.every((byte) => byte === 1),
        );
        pool.free(card);
      }
      await env.timers.sleep(1);
    }
  } catch {
    // A program may well do this: the run fails none the less.
  }
});

const SEEDS = 40;

async function failures(moving: Moving) {
  planted.moving = moving;
  const results = await explored(cards, { seeds: SEEDS });
  return results.filter(({ verdict }) => verdict !== 'passed');
}

test('without a planted bug every seed passes', async () => {
  expect(await failures('right')).toEqual([]);
});

// More than half of the seeds find each: that 40 miss one has a chance below 1e-12.
test.each([
  { moving: 'unlocked', message: /^race: .*(read|write)/ },
  { moving: 'waited-for-under-lock', message: /^deadlock: every thread waits$/ },
] as const)('$moving: the run is violated, and says what the engine found', async (bug) => {
  const found = await failures(bug.moving);
  expect(found.length).toBeGreaterThan(0);
  for (const { verdict, failure } of found) {
    expect(verdict).toBe('violated');
    expect(failure).toMatchObject({ property: 'native memory', roles: ['test'] });
    expect(failure!.message).toMatch(bug.message);
    expect(failure!.stack).toContain('pool-failure.test.ts');
  }
});

test("a block that is lost without a race is the program's to notice", async () => {
  const found = await failures('not-waited-for');
  expect(new Set(found.map(({ failure }) => failure!.property))).toEqual(
    new Set(['always: card.intact']),
  );
});

test('its seed, its record and its smallest record fail the same way', async () => {
  const [first] = await failures('waited-for-under-lock');
  const spec = { seed: first!.seed, strategy: 'random' } as const;
  const again = await runOne(cards, spec);
  expect(again.result.digest).toBe(first!.digest);
  const replayed = await runOne(cards, { ...spec, replay: new Replay(again.record!) });
  expect(replayed.result.failure).toEqual(first!.failure);
  const failing = { ...again, record: again.record! };
  const shrunk = await shrink(cards, failing, { attemptsMax: 500, forMs: 30_000 });
  expect(shrunk.result.failure?.signature).toBe(first!.failure!.signature);
  expect(shrunk.record.count).toBeLessThan(again.record!.count);
});
