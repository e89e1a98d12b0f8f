// Known bugs of known algorithms. Each chance of failing per seed is measured over 20,000 seeds.
import { describe, expect, test } from 'vitest';
import { exploreThreads } from './explore.ts';
import { cell, condition, mutex, plain } from './objects.ts';
import { type Body, threads } from './program.ts';

/**
 * A bounded buffer whose producers and consumers wait on one condition, signalled for one thread
 * (T. Cargill, Extreme Programming Challenge 14, 2002): the signal may wake one of the wrong kind,
 * which waits again, and so does everybody else in the end.
 */
function cargill(wake: 'signal' | 'broadcast') {
  const setup = () => ({ m: mutex(), changed: condition(), occupied: plain(0) });
  type State = ReturnType<typeof setup>;
  const user = (rounds: number, blockedAt: number, change: number): Body<State> =>
    function* ({ m, changed, occupied }) {
      for (let i = 0; i < rounds; i++) {
        yield m.lock();
        while ((yield* occupied.read()) === blockedAt) yield changed.wait(m);
        yield changed[wake]();
        yield occupied.write((yield* occupied.read()) + change);
        yield m.unlock();
      }
    };
  const capacity = 1;
  return threads({
    name: 'bounded buffer',
    setup,
    threads: {
      producer: user(2, capacity, 1),
      consumer: { count: 2, body: user(1, 0, -1) },
    },
  });
}

/**
 * A stack of three nodes with indices for pointers (R. K. Treiber, IBM RJ 5118, 1986), whose nodes
 * go through a free list. A pops; meanwhile B pops two, frees them, and pushes one of them again:
 * the head is what A has seen, its successor is not.
 */
function treiber(head: 'bare' | 'tagged') {
  // The tag counts pops, above the index.
  const indexOf = (word: number) => word & 0xff;
  const popped = (seen: number, next: number) =>
    head === 'bare' ? next : (((seen >> 8) + 1) << 8) | next;
  const setup = () => ({
    top: cell(1),
    next: [cell(0), cell(2), cell(3), cell(0)],
    lock: mutex(),
    free: plain<readonly number[]>([]),
    kept: plain(0),
  });
  type State = ReturnType<typeof setup>;
  function* pop({ top, next }: State) {
    for (;;) {
      const seen = yield* top.load();
      const node = indexOf(seen);
      if (node === 0) return 0;
      const successor = yield* next[node]!.load();
      if ((yield* top.compareExchange(seen, popped(seen, successor))) === seen) return node;
    }
  }
  function* push({ top, next }: State, node: number) {
    for (;;) {
      const seen = yield* top.load();
      yield next[node]!.store(indexOf(seen));
      if ((yield* top.compareExchange(seen, (seen & ~0xff) | node)) === seen) return;
    }
  }
  function* release({ lock, free }: State, node: number) {
    yield lock.lock();
    yield free.write([...(yield* free.read()), node]);
    yield lock.unlock();
  }
  function* allocate({ lock, free }: State) {
    yield lock.lock();
    const nodes = yield* free.read();
    yield free.write(nodes.slice(0, -1));
    yield lock.unlock();
    return nodes.at(-1)!;
  }
  return threads({
    name: 'Treiber stack',
    setup,
    threads: {
      *a(state) {
        yield state.kept.write(yield* pop(state));
      },
      *b(state) {
        const x = yield* pop(state);
        const y = yield* pop(state);
        yield* release(state, y);
        yield* release(state, x);
        yield* push(state, yield* allocate(state));
      },
    },
    check({ top, next, free, kept }) {
      const places = [...free.value, kept.value];
      for (let node = indexOf(top.value); node !== 0; node = next[node]!.value) places.push(node);
      if (places.sort().join() !== '1,2,3') throw new Error(`nodes are in places ${places}`);
    },
  });
}

describe("Cargill's bounded buffer", () => {
  // Deadlocks in 8.2 % of seeds under the random walk and in 7.3 % under pct: 250 seeds miss it with
  // a chance below 1e-8.
  test.each(['random', 'pct'] as const)('signalling one thread deadlocks (%s)', (strategy) => {
    const { failure } = exploreThreads(cargill('signal'), { seeds: 250, strategy });
    expect(failure?.violation.property).toBe('deadlock');
    expect(failure?.violation.message).toMatch(
      /^\d threads wait, and no other is left to wake them/,
    );
    expect(failure?.violation.roles).toContain('producer');
  });

  // What is missed here is as rare as 1 schedule in 400.
  test.each(['random', 'pct'] as const)('signalling all does not (%s)', (strategy) => {
    const { verdict } = exploreThreads(cargill('broadcast'), { seeds: 2_000, strategy });
    expect(verdict).toBe('passed');
  });
});

describe("Treiber's stack with a free list", () => {
  // 1 seed in 3,700 under the random walk and 1 in 7 under pct: missed with a chance below 1e-5.
  test.each([
    ['random', 45_000],
    ['pct', 100],
  ] as const)('loses a node when its head carries no tag (%s)', (strategy, seeds) => {
    const { failure } = exploreThreads(treiber('bare'), { seeds, strategy });
    expect(failure?.violation).toMatchObject({
      property: 'check',
      message: 'nodes are in places 1,2,2,3',
    });
    // A has its successor before, and exchanges the head after, all that B does.
    expect(failure!.story.findLast((line) => /^\d+\. a:/.test(line))).toContain('kept.write(1)');
  });

  // Of the bare one's failures 100 seeds would have shown one with 1 - 1e-6.
  test('loses none when each pop counts the tag on', () => {
    const { verdict } = exploreThreads(treiber('tagged'), { seeds: 1_000, strategy: 'pct' });
    expect(verdict).toBe('passed');
  });
});
