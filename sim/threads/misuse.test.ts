// One schedule shows each misuse, so nothing can be missed.
import { describe, expect, test } from 'vitest';
import type { ThreadStep } from '../env/threads.ts';
import { ThreadsError, type ThreadsErrorCode } from './errors.ts';
import { exploreThreads } from './explore.ts';
import { cell, condition, mutex, spawn } from './objects.ts';
import { type Body, threads } from './program.ts';
import type { Thread } from './shared.ts';

const setup = () => ({ c: cell(0), m: mutex(), news: condition() });
type State = ReturnType<typeof setup>;

function violationOf(main: Body<State>) {
  const program = threads({ name: 'misuse', setup, threads: { main } });
  return exploreThreads(program, { seeds: 1 }).failure?.violation;
}

describe('wrong use', () => {
  const CASES: readonly (readonly [name: string, message: string, main: Body<State>])[] = [
    [
      'a mutex given back that nobody holds',
      'main unlocks m, which nobody holds',
      function* ({ m }) {
        yield m.unlock();
      },
    ],
    [
      'a mutex given back that another holds',
      'child unlocks m, which main holds',
      function* ({ m }) {
        yield m.lock();
        yield spawn('child', function* () {
          yield m.unlock();
        });
      },
    ],
    [
      'a wait without the mutex',
      'main waits with m, which nobody holds',
      function* ({ m, news }) {
        yield news.wait(m);
      },
    ],
    [
      'a thread that joins itself',
      'child joins itself',
      function* ({ c }) {
        let self: Thread<unknown> | undefined;
        self = yield spawn('child', function* () {
          yield c.until((value) => value === 1);
          yield self!.join();
        });
        yield c.store(1);
      },
    ],
    [
      'an operation without a yield',
      "c.add() was not yielded: write 'yield c.add()'",
      function* ({ c }) {
        c.add(1);
        yield c.load();
      },
    ],
    [
      'a last operation without a yield',
      "m.unlock() was not yielded: write 'yield m.unlock()'",
      function* ({ m }) {
        yield m.lock();
        m.unlock();
      },
    ],
    [
      'a spawn without a yield',
      "spawn() was not yielded: write 'yield spawn()'",
      // biome-ignore lint/correctness/useYield: the point of the case.
      function* () {
        spawn('child', function* () {});
      },
    ],
    [
      'a step that is yielded twice',
      'a step was yielded for the second time: each yield takes a new one',
      function* ({ c }) {
        const add = c.add(1);
        yield add;
        yield add;
      },
    ],
    [
      'a step of which another is yielded',
      "c.add() was not yielded: write 'yield c.add()'",
      function* ({ c, m }) {
        c.add(1);
        yield m as unknown as ThreadStep<void>;
      },
    ],
    [
      'a yield of something else',
      '7 was yielded, which is no step: yield what the shared objects return',
      function* () {
        yield 7 as unknown as ThreadStep<void>;
      },
    ],
    [
      'a body that is no generator function',
      'the body of main is no generator function: write function*',
      (() => undefined) as unknown as Body<State>,
    ],
  ];

  test.each(CASES)('%s', (_name, message, main) => {
    expect(violationOf(main)).toMatchObject({ property: 'wrong use', message });
  });

  test('is told with the line of the step', () => {
    const violation = violationOf(function* careless({ m }) {
      yield m.unlock();
    });
    expect(violation?.stack).toMatch(
      /^ThreadsError: main unlocks m, which nobody holds\n +at careless \(.*misuse\.test\.ts:\d+/,
    );
  });

  test('an object kept from another execution', () => {
    const kept = [cell(0, 'global')];
    const program = threads({
      name: 'kept',
      setup: () => kept,
      threads: {
        *main() {
          yield kept[0]!.add(1);
          kept[0] = cell(0, 'global');
        },
      },
    });
    expect(exploreThreads(program, { seeds: 1 }).failure?.violation).toMatchObject({
      property: 'wrong use',
      message: expect.stringMatching(/^global belongs to another execution: make it in setup\(\)/),
    });
    kept[0] = cell(0, 'global');
  });

  test('an operation where no thread runs', () => {
    const code = (call: () => unknown): ThreadsErrorCode | undefined => {
      try {
        call();
      } catch (error) {
        if (error instanceof ThreadsError) return error.code;
      }
      return undefined;
    };
    const { c } = setup();
    expect(code(() => c.load())).toBe('outside');
    expect(code(() => spawn('child', function* () {}))).toBe('outside');
    const program = threads({
      name: 'in the check',
      setup,
      threads: {
        *main({ c }) {
          yield c.add(1);
        },
      },
      check: ({ c }) => {
        c.load();
      },
    });
    expect(exploreThreads(program, { seeds: 1 }).failure?.violation).toMatchObject({
      property: 'check',
      message: 'c.load() was called where no thread runs',
    });
  });

  test('a program without threads', () => {
    expect(() => threads({ name: 'none', setup, threads: {} })).toThrow("'none' has no thread");
  });
});

describe('errors of a program', () => {
  test('what a body throws, with its thread', () => {
    const violation = violationOf(function* ({ c }) {
      yield spawn('child-3', function* () {
        yield c.add(1);
        throw new RangeError('too far');
      });
    });
    expect(violation).toMatchObject({
      property: 'uncaught RangeError',
      message: 'too far',
      nodes: ['child-3'],
      roles: ['child'],
      step: 2,
    });
    expect(violation?.stack).toContain('misuse.test.ts');
  });

  test('what is thrown before the first step, by whichever thread', () => {
    expect(
      violationOf(function* ({ c }) {
        yield c.add(1);
        // biome-ignore lint/correctness/useYield: the point of the test.
        yield spawn('child', function* () {
          throw new Error('at once');
        });
      }),
    ).toMatchObject({ property: 'uncaught Error', message: 'at once', nodes: ['child'] });
  });

  test('what setup throws, and what is no Error', () => {
    const program = threads({
      name: 'setup',
      setup: () => {
        throw 'nothing here';
      },
      threads: { *main() {} },
    });
    expect(exploreThreads(program, { seeds: 1 }).failure?.violation).toMatchObject({
      property: 'uncaught throw',
      message: 'not an Error: nothing here',
      nodes: [],
      step: 0,
    });
  });
});
