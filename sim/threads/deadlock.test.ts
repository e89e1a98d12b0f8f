// Every schedule is enumerated, so nothing can be missed.
import { describe, expect, test } from 'vitest';
import { exploreThreads } from './explore.ts';
import { cell, condition, mutex, semaphore, spawn } from './objects.ts';
import { everySchedule } from './oracle/every-schedule.ts';
import { type ThreadsProgram, threads } from './program.ts';
import type { Mutex } from './shared.ts';

function* lockBoth(first: Mutex, second: Mutex) {
  yield first.lock();
  yield second.lock();
  yield second.unlock();
  yield first.unlock();
}

function deadlocksOf<State>(program: ThreadsProgram<State>): string[] {
  return [...everySchedule(program).violations.keys()].sort();
}

describe('a deadlock', () => {
  const twoLocks = (order: 'opposite' | 'same') =>
    threads({
      name: 'two locks',
      setup: () => ({ a: mutex(), b: mutex() }),
      threads: {
        left: ({ a, b }) => lockBoth(a, b),
        right: ({ a, b }) => (order === 'same' ? lockBoth(a, b) : lockBoth(b, a)),
      },
    });

  test('of two locks taken in opposite order says who waits for whom', () => {
    expect(deadlocksOf(twoLocks('opposite'))).toEqual([
      'deadlock: left waits for b, which right holds; right waits for a, which left holds',
    ]);
    expect(deadlocksOf(twoLocks('same'))).toEqual([]);
  });

  test('has names, roles, step and the line of the last lock', () => {
    const { failure } = exploreThreads(twoLocks('opposite'), { seeds: 20 });
    expect(failure!.violation).toMatchObject({
      property: 'deadlock',
      nodes: ['left', 'right'],
      roles: ['left', 'right'],
      step: 2,
    });
    expect(failure!.violation.stack).toMatch(/lockBoth .*deadlock\.test\.ts/);
  });

  test('of three philosophers is told from the first of them, whoever closed the circle', () => {
    const program = threads({
      name: 'philosophers',
      setup: () => ({ forks: [mutex(), mutex(), mutex()] as const }),
      threads: {
        philosopher: {
          count: 3,
          *body({ forks }, index) {
            yield* lockBoth(forks[index]!, forks[(index + 1) % 3]!);
          },
        },
      },
    });
    expect(deadlocksOf(program)).toEqual([
      'deadlock: philosopher-1 waits for forks[1], which philosopher-2 holds; ' +
        'philosopher-2 waits for forks[2], which philosopher-3 holds; ' +
        'philosopher-3 waits for forks[0], which philosopher-1 holds',
    ]);
  });

  test('is reported when the circle closes, although others go on', () => {
    const program = threads({
      name: 'and a third',
      setup: () => ({ a: mutex(), b: mutex(), c: cell(0) }),
      threads: {
        left: ({ a, b }) => lockBoth(a, b),
        right: ({ a, b }) => lockBoth(b, a),
        *endless({ c }) {
          for (;;) yield c.add(1);
        },
      },
    });
    // Missed by a seed with 1/2 at most: 20 seeds miss it with a chance below 1e-6.
    const { failure } = exploreThreads(program, { seeds: 20 });
    expect(failure!.violation.property).toBe('deadlock');
  });

  test('with itself, of a thread that takes a lock twice', () => {
    const program = threads({
      name: 'twice',
      setup: () => ({ m: mutex() }),
      threads: {
        *main({ m }) {
          yield m.lock();
          yield m.lock();
        },
      },
    });
    expect(deadlocksOf(program)).toEqual(['deadlock: main waits for m, which it holds itself']);
  });

  test('with a thread that took its lock to its end', () => {
    const program = threads({
      name: 'never given back',
      setup: () => ({ m: mutex() }),
      threads: {
        careless: {
          count: 2,
          *body({ m }) {
            yield m.lock();
          },
        },
      },
    });
    expect(deadlocksOf(program)).toEqual([
      'deadlock: careless-1 waits for m, which careless-2 held when it ended',
      'deadlock: careless-2 waits for m, which careless-1 held when it ended',
    ]);
  });

  test('of a join and a lock', () => {
    const program = threads({
      name: 'joins',
      setup: () => cell(0),
      threads: {
        *main(ready) {
          const child = yield* spawn('child', function* () {
            yield ready.until((value) => value === 1);
            yield* lockBoth(m, m);
          });
          const m = mutex('m');
          yield m.lock();
          yield ready.store(1);
          yield child.join();
        },
      },
    });
    expect(deadlocksOf(program)).toEqual([
      'deadlock: main waits for the end of child; child waits for m, which main holds',
    ]);
  });

  test('without a circle lists what each thread waits for', () => {
    const program = threads({
      name: 'all wait',
      setup: () => ({ m: mutex(), c: condition(), s: semaphore(0), flag: cell(4) }),
      threads: {
        *sleeper({ m, c }) {
          yield m.lock();
          yield c.wait(m);
        },
        *acquirer({ s }) {
          yield s.acquire();
        },
        *watcher({ flag }) {
          yield flag.until((value) => value > 4);
        },
        *main({ s }) {
          const child = yield* spawn('child', function* () {
            yield s.acquire();
          });
          yield child.join();
        },
      },
    });
    const { failure } = exploreThreads(program, { seeds: 1 });
    expect(failure!.violation.message).toBe('5 threads wait, and no other is left to wake them');
    expect(failure!.violation.details).toMatchInlineSnapshot(`
      "sleeper waits for a signal on c
      acquirer waits for a permit of s
      watcher waits for another value in flag than 4
      main waits for the end of child
      child waits for a permit of s"
    `);
  });
});
