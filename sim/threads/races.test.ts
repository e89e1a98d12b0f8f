// Races are judged by what is ordered, not by what happened: most of these schedules fail, and 50
// seeds miss each with a chance below 2^-50. Correct programs are enumerated in full.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exploreThreads } from './explore.ts';
import { cell, condition, mutex, plain, semaphore, spawn } from './objects.ts';
import { everySchedule } from './oracle/every-schedule.ts';
import { type Body, type ThreadsProgram, threads } from './program.ts';

/** All that orders anything, and data to be ordered by it. */
const setup = () => ({
  data: plain(0),
  flag: cell(0),
  other: cell(0),
  m: mutex(),
  n: mutex(),
  c: condition(),
  s: semaphore(0),
});
type State = ReturnType<typeof setup>;

const pair = (a: Body<State>, b: Body<State>): ThreadsProgram<State> =>
  threads({ name: 'pair', setup, threads: { a, b } });

/** Each case twice: with what orders the two accesses, and without. */
const TWINS: Record<string, { ordered: ThreadsProgram<State>; racing: ThreadsProgram<State> }> = {
  'a mutex, and another one': {
    ordered: pair(
      function* ({ data, m }) {
        yield m.lock();
        yield data.write((yield* data.read()) + 1);
        yield m.unlock();
      },
      function* ({ data, m }) {
        if (!(yield* m.tryLock())) return;
        yield data.write((yield* data.read()) + 1);
        yield m.unlock();
      },
    ),
    racing: pair(
      function* ({ data, m }) {
        yield m.lock();
        yield data.write(1);
        yield m.unlock();
      },
      function* ({ data, n }) {
        yield n.lock();
        yield data.write(2);
        yield n.unlock();
      },
    ),
  },
  'a message through a cell, and one that is not awaited': {
    ordered: pair(
      function* ({ data, flag }) {
        yield data.write(1);
        yield flag.store(1);
      },
      function* ({ data, flag }) {
        if ((yield* flag.load()) === 1) expect(yield* data.read()).toBe(1);
      },
    ),
    racing: pair(
      function* ({ data, flag }) {
        yield flag.store(1);
        yield data.write(1);
      },
      function* ({ data, flag }) {
        yield flag.until((value) => value === 1);
        yield data.read();
      },
    ),
  },
  'a message that a third has added to, and one that a third has written over': {
    ordered: threads({
      name: 'added to',
      setup,
      threads: {
        *a({ data, flag }) {
          yield data.write(1);
          yield flag.store(1);
        },
        *between({ flag }) {
          yield flag.add(1);
        },
        *b({ data, flag }) {
          if ((yield* flag.load()) === 2) yield data.read();
        },
      },
    }),
    racing: threads({
      name: 'written over',
      setup,
      threads: {
        *a({ data, flag }) {
          yield data.write(1);
          yield flag.store(1);
        },
        *between({ flag }) {
          yield flag.store(2);
        },
        *b({ data, flag, other }) {
          if ((yield* flag.load()) !== 2) return;
          yield other.store(1);
          yield data.read();
        },
      },
      // Whenever the read was not ordered after the write, it was a race.
      check: ({ other }) => expect(other.value).toBe(0),
    }),
  },
  'a failed compare-exchange that reads, and one that does not publish': {
    ordered: pair(
      function* ({ data, flag }) {
        yield data.write(1);
        yield flag.store(1);
      },
      function* ({ data, flag }) {
        if ((yield* flag.compareExchange(7, 8)) === 1) yield data.read();
      },
    ),
    racing: pair(
      function* ({ data, flag }) {
        yield data.write(1);
        yield flag.compareExchange(7, 8);
      },
      function* ({ data, flag }) {
        yield flag.load();
        yield data.read();
      },
    ),
  },
  'a hand-over by a condition under its mutex, and one past it': {
    ordered: pair(
      function* ({ data, m, c, other }) {
        yield m.lock();
        yield data.write(1);
        yield other.store(1);
        yield c.signal();
        yield m.unlock();
      },
      function* ({ data, m, c, other }) {
        yield m.lock();
        while ((yield* other.load()) === 0) yield c.wait(m);
        yield m.unlock();
        yield data.write(2);
      },
    ),
    racing: pair(
      function* ({ data, c }) {
        yield data.write(1);
        yield c.signal();
      },
      function* ({ data, m, c, flag }) {
        yield m.lock();
        if ((yield* flag.load()) === 1) yield c.wait(m);
        yield m.unlock();
        yield data.write(2);
      },
    ),
  },
  'permits of a semaphore, and a permit that somebody else gave': {
    ordered: pair(
      function* ({ data, s }) {
        yield data.write(1);
        yield s.release();
      },
      function* ({ data, s }) {
        yield s.acquire();
        yield data.write(2);
      },
    ),
    racing: pair(
      function* ({ data, s }) {
        yield s.release();
        yield data.write(1);
      },
      function* ({ data, s }) {
        yield s.acquire();
        yield data.write(2);
      },
    ),
  },
  'spawn and join, and a read before the join': {
    ordered: threads({
      name: 'spawn and join',
      setup,
      threads: {
        *main({ data }) {
          yield data.write(1);
          const child = yield* spawn('child', function* () {
            yield data.write((yield* data.read()) + 1);
          });
          yield child.join();
          yield data.write((yield* data.read()) + 1);
        },
      },
    }),
    racing: threads({
      name: 'no join',
      setup,
      threads: {
        *main({ data }) {
          const child = yield* spawn('child', function* () {
            yield data.write(1);
          });
          yield data.read();
          yield child.join();
        },
      },
    }),
  },
  'readers only, and a writer after several readers': {
    ordered: threads({
      name: 'readers',
      setup,
      threads: {
        reader: {
          count: 3,
          *body({ data }) {
            yield data.read();
          },
        },
      },
    }),
    racing: threads({
      name: 'readers and a writer',
      setup,
      threads: {
        reader: {
          count: 2,
          *body({ data, flag }) {
            yield data.read();
            yield flag.add(1);
          },
        },
        *writer({ data, flag }) {
          // Ordered after the last reader only when both have come.
          yield flag.until((count) => count >= 1);
          yield data.write(1);
        },
      },
    }),
  },
};

describe('a data race', () => {
  test.each(Object.entries(TWINS))('%s', (_name, { ordered, racing }) => {
    const { executions, ends, violations } = everySchedule(ordered);
    expect([...violations.keys()]).toEqual([]);
    expect(ends).toEqual({ passed: executions });
    expect(exploreThreads(racing, { seeds: 50 }).failure?.violation.property).toBe('data race');
    const properties = [...everySchedule(racing).violations.keys()].map((key) => key.split(':')[0]);
    expect([...new Set(properties)]).toEqual(['data race']);
  });

  test('is found in every schedule where nothing orders the accesses', () => {
    const { executions, ends } = everySchedule(
      pair(
        function* ({ data, flag }) {
          yield flag.load();
          yield data.read();
          yield data.write(1);
        },
        function* ({ data, other }) {
          yield data.write(2);
          yield other.load();
        },
      ),
    );
    expect(executions).toBe(2);
    expect(ends).toEqual({ violated: executions });
  });

  test('cannot hide behind a choice: accesses to plain data run with the step before them', () => {
    const program = pair(
      function* ({ data, m }) {
        yield m.lock();
        for (let i = 0; i < 10; i++) yield data.write(i);
        yield m.unlock();
      },
      function* ({ flag }) {
        yield flag.add(1);
      },
    );
    // The add comes before the lock, before the unlock, or after it.
    expect(everySchedule(program)).toMatchObject({ executions: 3, ends: { passed: 3 } });
  });

  test('is reported with both accesses, their threads and their lines', () => {
    const program = pair(
      function* deposit({ data, flag }) {
        yield flag.load();
        const seen = yield* data.read();
        yield data.write(seen + 1);
      },
      function* audit({ data, flag }) {
        yield flag.load();
        yield data.read();
      },
    );
    const failures = [1, 2, 3, 4, 5, 6, 7, 8].map(
      (seed) => exploreThreads(program, { seeds: { from: seed, to: seed } }).failure!,
    );
    const lines = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
    const messages = failures.map(({ violation }) =>
      `${violation.message}\n${violation.details}`.replace(
        /\(.*races\.test\.ts:(\d+):\d+\)/g,
        (_, line) => lines[line - 1]!.trim(),
      ),
    );
    // Which access comes first is the schedule's; each has a chance of 1/2.
    expect([...new Set(messages)].sort()).toMatchInlineSnapshot(`
      [
        "a writes data, b reads it, and nothing orders the two
      a writes it at deposit yield data.write(seen + 1);
      b reads it at audit yield data.read();",
        "a writes data, b reads it, and nothing orders the two
      b reads it at audit yield data.read();
      a writes it at deposit yield data.write(seen + 1);",
      ]
    `);
    expect(new Set(failures.map(({ signature }) => signature)).size).toBe(1);
    expect(failures[0]!.violation).toMatchObject({ nodes: expect.arrayContaining(['a', 'b']) });
    expect(failures[0]!.violation.stack).toContain('races.test.ts');
  });

  test('is found of data made in mid-execution', () => {
    const program = threads({
      name: 'late',
      setup: () => cell(0),
      threads: {
        *main(c) {
          yield c.add(1);
          const late = plain('', 'late');
          yield spawn('child', function* () {
            yield late.write('child');
          });
          yield late.write('main');
        },
      },
    });
    const { runs, failure } = exploreThreads(program, { seeds: 10 });
    expect(runs).toBe(1);
    expect(failure?.violation.property).toBe('data race');
    expect(failure?.story).toHaveLength(4);
  });

  test('with 40 threads reading and one writing', () => {
    const many = (join: boolean) =>
      threads({
        name: 'many readers',
        setup,
        threads: {
          *main({ data, flag }) {
            const readers = [];
            for (let i = 0; i < 40; i++) {
              const reader = yield* spawn(`reader-${i}`, function* () {
                yield flag.load();
                yield data.read();
              });
              readers.push(reader);
            }
            for (const reader of join ? readers : readers.slice(1)) yield reader.join();
            yield data.write(1);
          },
        },
      });
    expect(exploreThreads(many(true), { seeds: 50 }).verdict).toBe('passed');
    expect(exploreThreads(many(false), { seeds: 50 }).failure?.violation.nodes).toEqual([
      'main',
      'reader-0',
    ]);
  });
});
