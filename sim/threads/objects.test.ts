// Unless it says otherwise, a test enumerates every schedule, so it can miss nothing.
import { describe, expect, test } from 'vitest';
import type { ThreadStep } from '../env/threads.ts';
import { exploreThreads } from './explore.ts';
import { cell, condition, mutex, pause, plain, semaphore, spawn } from './objects.ts';
import { everySchedule } from './oracle/every-schedule.ts';
import { threads } from './program.ts';

describe('a cell', () => {
  const METHODS = ['load', 'store', 'add', 'sub', 'and', 'or', 'xor', 'exchange'] as const;
  const NUMBERS = [0, 1, -1, 5, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 + 3, 1.5];

  test('answers, and is left, as an element of an Int32Array is by Atomics', () => {
    const array = new Int32Array([6]);
    const program = threads({
      name: 'one thread',
      setup: () => cell(6),
      threads: {
        *main(c) {
          for (const method of METHODS) {
            for (const number of NUMBERS) {
              const result = yield* (c[method] as (n: number) => ThreadStep<number>)(number);
              const atomics = Atomics[method] as (a: Int32Array, i: number, n: number) => number;
              expect(result | 0, `${method} ${number}`).toBe(atomics(array, 0, number) | 0);
              expect(c.value, `after ${method} ${number}`).toBe(array[0]);
            }
          }
        },
      },
    });
    expect(
      exploreThreads(program, { seeds: 1, strategy: 'random' }).failure?.violation,
    ).toBeUndefined();
  });

  test('is exchanged only if it holds what is expected', () => {
    const program = threads({
      name: 'one winner',
      setup: () => ({ turn: cell(0), won: cell(0) }),
      threads: {
        racer: {
          count: 3,
          *body({ turn, won }, index) {
            if ((yield* turn.compareExchange(0, index + 1)) === 0) yield won.add(1);
          },
        },
      },
      check({ turn, won }) {
        expect(won.value).toBe(1);
        expect(turn.value).toBeGreaterThan(0);
      },
    });
    // 3 winners, 2 orders of the others, and 3 places among these for the winner's second step.
    expect(everySchedule(program)).toMatchObject({ executions: 18, ends: { passed: 18 } });
  });

  test('takes an integer of 32 bits to begin with', () => {
    expect(() => cell(0.5)).toThrow(new RangeError('a cell holds an integer of 32 bits, not 0.5'));
    expect(() => cell(2 ** 31)).toThrow(RangeError);
  });

  test('until: one step, taken when it holds, at the value that made it hold or a later one', () => {
    const seen = new Set<number>();
    const program = threads({
      name: 'until',
      setup: () => cell(0),
      threads: {
        *waiter(c) {
          seen.add(yield* c.until((value) => value >= 2));
        },
        *setter(c) {
          for (let i = 0; i < 4; i++) yield c.add(1);
        },
      },
    });
    // After the second, the third or the fourth add.
    expect(everySchedule(program)).toMatchObject({ executions: 3, ends: { passed: 3 } });
    expect([...seen].sort()).toEqual([2, 3, 4]);
  });

  test('until: what the condition throws is the error of its thread', () => {
    const program = threads({
      name: 'bad condition',
      setup: () => cell(0),
      threads: {
        *waiter(c) {
          yield c.until(() => {
            throw new TypeError('no such value');
          });
        },
      },
    });
    expect(exploreThreads(program, { seeds: 1 }).failure?.violation).toMatchObject({
      property: 'uncaught TypeError',
      message: 'no such value',
      nodes: ['waiter'],
    });
  });
});

describe('a mutex', () => {
  test('is held by one thread at a time', () => {
    const program = threads({
      name: 'exclusion',
      setup: () => ({ m: mutex(), inside: cell(0) }),
      threads: {
        worker: {
          count: 2,
          *body({ m, inside }) {
            yield m.lock();
            expect(yield* inside.add(1)).toBe(0);
            yield inside.sub(1);
            yield m.unlock();
          },
        },
      },
    });
    expect(everySchedule(program).ends).toEqual({ passed: 2 });
  });

  test('tryLock says whether it was free, and does not wait', () => {
    const outcomes = new Set<boolean>();
    const program = threads({
      name: 'tryLock',
      setup: () => mutex(),
      threads: {
        *holder(m) {
          yield m.lock();
          yield m.unlock();
        },
        *other(m) {
          const taken = yield* m.tryLock();
          outcomes.add(taken);
          if (taken) yield m.unlock();
        },
      },
    });
    // The attempt comes before the holder's two steps, between them, or after them.
    expect(everySchedule(program).ends).toEqual({ passed: 3 });
    expect([...outcomes].sort()).toEqual([false, true]);
  });

  test('goes to any of those that wait', () => {
    const orders = new Set<string>();
    let order = '';
    const program = threads({
      name: 'who is next',
      setup: () => {
        order = '';
        return mutex();
      },
      threads: {
        *main(m) {
          yield m.lock();
          for (const name of ['a', 'b', 'c']) {
            yield spawn(name, function* () {
              yield m.lock();
              order += name;
              yield m.unlock();
            });
          }
          yield m.unlock();
        },
      },
      check: () => {
        orders.add(order);
      },
    });
    everySchedule(program);
    expect([...orders].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });
});

describe('a condition', () => {
  /** Two sleepers, and one who wakes them when both sleep. */
  const sleepers = (wake: 'signal' | 'broadcast', times: number) =>
    threads({
      name: wake,
      setup: () => ({ m: mutex(), c: condition(), asleep: cell(0), woken: cell(0) }),
      threads: {
        sleeper: {
          count: 2,
          *body({ m, c, asleep, woken }) {
            yield m.lock();
            yield asleep.add(1);
            yield c.wait(m);
            yield woken.add(1);
            yield m.unlock();
          },
        },
        *waker({ m, c, asleep }) {
          yield asleep.until((count) => count === 2);
          yield m.lock();
          for (let i = 0; i < times; i++) yield c[wake]();
          yield m.unlock();
        },
      },
      check: ({ woken }) => expect(woken.value).toBe(2),
    });

  test('a signal wakes one of those that wait', () => {
    const { ends, violations } = everySchedule(sleepers('signal', 1));
    expect(ends.passed).toBeUndefined();
    expect([...violations.keys()].sort()).toEqual([
      'deadlock: sleeper-1 waits for a signal on c, and no other is left',
      'deadlock: sleeper-2 waits for a signal on c, and no other is left',
    ]);
  });

  test.each([
    ['signal', 2],
    ['broadcast', 1],
  ] as const)('%s, %i times, wakes both', (wake, times) => {
    const { executions, ends } = everySchedule(sleepers(wake, times));
    expect(ends).toEqual({ passed: executions });
  });

  test('a signal that finds nobody is lost', () => {
    const program = threads({
      name: 'lost wake-up',
      setup: () => ({ m: mutex(), c: condition() }),
      threads: {
        *waiter({ m, c }) {
          yield m.lock();
          yield c.wait(m);
          yield m.unlock();
        },
        *signaller({ c }) {
          yield c.signal();
        },
      },
    });
    const { ends } = everySchedule(program);
    expect(ends.passed).toBeGreaterThan(0);
    expect(ends.violated).toBeGreaterThan(0);
  });

  test('who wakes competes for the mutex again', () => {
    const inside = new Set<string>();
    const program = threads({
      name: 'stolen',
      setup: () => ({ m: mutex(), c: condition(), permits: cell(0) }),
      threads: {
        *waiter({ m, c, permits }) {
          yield m.lock();
          if ((yield* permits.load()) === 0) yield c.wait(m);
          inside.add(`woken with ${yield* permits.load()}`);
          yield m.unlock();
        },
        *giver({ m, c, permits }) {
          yield m.lock();
          yield permits.store(1);
          yield c.signal();
          yield m.unlock();
        },
        *thief({ m, permits }) {
          yield m.lock();
          yield permits.store(0);
          yield m.unlock();
        },
      },
    });
    everySchedule(program);
    expect([...inside].sort()).toEqual(['woken with 0', 'woken with 1']);
  });
});

describe('a semaphore', () => {
  test('lets as many in as it has permits', () => {
    let most = 0;
    const program = threads({
      name: 'two of three',
      setup: () => ({ s: semaphore(2), inside: cell(0) }),
      threads: {
        worker: {
          count: 3,
          *body({ s, inside }) {
            yield s.acquire();
            most = Math.max(most, (yield* inside.add(1)) + 1);
            yield inside.sub(1);
            yield s.release();
          },
        },
      },
    });
    const { executions, ends } = everySchedule(program);
    expect(ends).toEqual({ passed: executions });
    expect(most).toBe(2);
  });

  test('release adds as many permits as it is told', () => {
    const program = threads({
      name: 'starting gun',
      setup: () => semaphore(0),
      threads: {
        runner: {
          count: 2,
          *body(s) {
            yield s.acquire();
          },
        },
        *starter(s) {
          yield s.release(2);
        },
      },
    });
    expect(everySchedule(program).ends).toEqual({ passed: 2 });
  });

  test('has a whole number of permits', () => {
    expect(() => semaphore(-1)).toThrow(RangeError);
    expect(() => semaphore(0.5)).toThrow('permits are a whole number below 2^31, not 0.5');
  });
});

describe('spawn and join', () => {
  test('a join waits for the end of the thread and has its result', () => {
    const program = threads({
      name: 'results',
      setup: () => cell(0),
      threads: {
        *main(c) {
          const doubler = yield* spawn('doubler', function* () {
            return 2 * ((yield* c.add(1)) + 1);
          });
          const tripler = yield* spawn('tripler', function* () {
            return 3 * ((yield* c.add(1)) + 1);
          });
          const sum = (yield* tripler.join()) + (yield* doubler.join());
          // 2 + 6 or 4 + 3.
          expect([8, 7]).toContain(sum);
        },
      },
    });
    // The doubler's step has 4 places among the other five.
    expect(everySchedule(program).ends).toEqual({ passed: 4 });
  });

  test('the execution waits for threads that nobody joins', () => {
    const program = threads({
      name: 'no join',
      setup: () => cell(0),
      threads: {
        *main(c) {
          yield spawn('child', function* () {
            yield c.add(1);
            yield spawn('grandchild', function* () {
              yield c.add(1);
            });
          });
        },
      },
      check: (c) => expect(c.value).toBe(2),
    });
    expect(everySchedule(program).ends).toEqual({ passed: 1 });
  });

  test('a thread without a step ends as soon as it is made', () => {
    const program = threads({
      name: 'empty',
      setup: () => undefined,
      threads: {
        *main() {
          // biome-ignore lint/correctness/useYield: the point of the test.
          const empty = yield* spawn('empty', function* () {
            return 7;
          });
          expect(yield* empty.join()).toBe(7);
        },
      },
    });
    expect(everySchedule(program).ends).toEqual({ passed: 1 });
  });
});

describe('pause', () => {
  test('a loop that pauses is taken up again only when something has changed', () => {
    const program = threads({
      name: 'spin',
      setup: () => ({ flag: cell(0), other: cell(0) }),
      threads: {
        *spinner({ flag }) {
          while ((yield* flag.load()) === 0) yield pause();
        },
        *setter({ flag, other }) {
          yield other.load();
          yield other.store(0);
          yield flag.store(1);
        },
      },
    });
    // The first load comes at 4 places between the setter's steps; what changes nothing wakes nobody.
    expect(everySchedule(program)).toMatchObject({ executions: 4, ends: { passed: 4 } });
  });

  test('where nobody else can run, those that pause go on', () => {
    const program = threads({
      name: 'bounded retries',
      setup: () => undefined,
      threads: {
        stubborn: {
          count: 2,
          *body() {
            for (let i = 0; i < 3; i++) yield pause();
          },
        },
      },
    });
    const { executions, ends } = everySchedule(program);
    expect(ends).toEqual({ passed: executions });
  });
});

describe('plain data', () => {
  test('holds values of any type', () => {
    const program = threads({
      name: 'values',
      setup: () => plain<{ readonly list: readonly number[] }>({ list: [] }),
      threads: {
        *main(p) {
          const { list } = yield* p.read();
          yield p.write({ list: [...list, 1] });
        },
      },
      check: (p) => expect(p.value).toEqual({ list: [1] }),
    });
    expect(everySchedule(program).ends).toEqual({ passed: 1 });
  });
});
