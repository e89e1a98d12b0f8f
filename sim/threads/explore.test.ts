import { describe, expect, test } from 'vitest';
import { exploreThreads, replayThreads } from './explore.ts';
import { cell, condition, mutex, plain, spawn } from './objects.ts';
import { type Body, threads } from './program.ts';
import type { Cell } from './shared.ts';

const deposit: Body<{ readonly balance: Cell }> = function* ({ balance }) {
  const seen = yield* balance.load();
  yield balance.store(seen + 1);
};

const lostUpdate = threads({
  name: 'lost update',
  setup: () => ({ balance: cell(0) }),
  threads: { deposit: { count: 2, body: deposit } },
  check({ balance }) {
    if (balance.value !== 2) throw new Error(`a deposit is lost: ${balance.value}`);
  },
});

const atomic = threads({
  name: 'atomic adds',
  setup: () => cell(0),
  threads: {
    adder: {
      count: 2,
      *body(c) {
        yield c.add(1);
      },
    },
  },
});

describe('exploring', () => {
  test('stops at the lowest seed that fails, and tells all about it', () => {
    // A seed loses nothing with a chance of 1/2: 30 seeds miss it with 1e-9.
    const options = { seeds: 30, strategy: 'random' } as const;
    const exploration = exploreThreads(lostUpdate, options);
    const { verdict, runs, failure } = exploration;
    expect(verdict).toBe('violated');
    expect(failure).toMatchObject({
      seed: String(runs),
      strategy: 'random',
      signature: 'check: a deposit is lost: #',
      violation: { property: 'check', message: 'a deposit is lost: 1', step: 4 },
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const places = /, at deposit \(.*explore\.test\.ts:\d+:\d+\)$/;
    const story = failure!.story.map((line) => line.replace(places, ''));
    expect(story.slice(2).map((line) => line.replace(/-\d/, ''))).toEqual([
      '3. deposit: balance.store(1) is 1',
      '4. deposit: balance.store(1) is 1',
    ]);
    expect(exploreThreads(lostUpdate, options)).toEqual(exploration);
    const alone = { ...options, seeds: { from: runs, to: runs } };
    expect(exploreThreads(lostUpdate, alone).failure).toEqual(failure);
  });

  test('counts what it ran', () => {
    expect(exploreThreads(atomic, { seeds: 7 })).toEqual({
      verdict: 'passed',
      runs: 7,
      steps: 14,
      decisions: 7,
      exhausted: 0,
      abandoned: 0,
      complete: false,
      coverage: { runs: 7, classes: 2, once: expect.any(Number) },
      summary: expect.stringMatching(/^7 runs met 2 interleavings; /),
      failure: undefined,
    });
  });

  test('under pct finds what needs one change of order', () => {
    // d = 2 of n = 2 threads and k = 3 choices: at least 1/6 a seed; 60 miss it with 2e-5.
    const { failure } = exploreThreads(lostUpdate, { seeds: 60, strategy: 'pct' });
    expect(failure).toMatchObject({ strategy: 'pct', violation: { property: 'check' } });
  });

  test('is vacuous when only one thread could ever run', () => {
    const program = threads({
      name: 'alone',
      setup: () => cell(0),
      threads: {
        *main(c) {
          yield c.add(1);
        },
      },
    });
    expect(exploreThreads(program, { seeds: 10 }).verdict).toBe('vacuous');
  });

  test('is inconclusive when an execution does not end', () => {
    const program = threads({
      name: 'spin',
      setup: () => cell(0),
      threads: {
        *spinner(c) {
          while ((yield* c.load()) !== 2);
        },
        *setter(c) {
          yield c.store(1);
        },
      },
    });
    expect(exploreThreads(program, { seeds: 3, stepsMax: 50 })).toMatchObject({
      verdict: 'inconclusive',
      exhausted: 3,
      steps: 150,
    });
  });

  test('gives up a loop over plain data too', () => {
    const program = threads({
      name: 'spin on plain data',
      setup: () => plain(0),
      threads: {
        *spinner(p) {
          while ((yield* p.read()) === 0);
        },
      },
    });
    expect(exploreThreads(program, { seeds: 1 })).toMatchObject({ exhausted: 1, steps: 10_000 });
  });

  test('says so when the program itself is not deterministic', () => {
    let executions = 0;
    const program = threads({
      name: 'counts its executions',
      setup: () => cell(executions++),
      threads: {
        *main(c) {
          yield c.add(1);
          throw new Error('always');
        },
      },
    });
    expect(exploreThreads(program, { seeds: 1 }).verdict).toBe('diverged');
  });

  test('refuses an empty range of seeds', () => {
    expect(() => exploreThreads(atomic, { seeds: 0 })).toThrow(
      new RangeError('seeds are a range of whole numbers, not 1 to 0'),
    );
    expect(() => exploreThreads(atomic, { seeds: { from: 3, to: 2 } })).toThrow(RangeError);
    expect(() => exploreThreads(atomic, { seeds: Number.NaN })).toThrow(RangeError);
  });
});

describe('replaying', () => {
  test('tells the steps of a record', () => {
    const { failure } = exploreThreads(lostUpdate, { seeds: 30 });
    const { record, digest, story, violation } = failure!;
    expect(replayThreads(lostUpdate, record)).toEqual({
      end: 'violated',
      violation,
      digest,
      story,
      fit: { used: 4, total: 4 },
    });
  });

  test('of a changed program goes as far as the record fits', () => {
    const { failure } = exploreThreads(lostUpdate, { seeds: 30 });
    const longer = threads({
      name: 'one load more',
      setup: () => ({ balance: cell(0) }),
      threads: {
        deposit: {
          count: 2,
          *body(state, index) {
            yield* deposit(state, index);
            if (index === 1) yield state.balance.load();
          },
        },
      },
    });
    const { end, story, fit } = replayThreads(longer, failure!.record);
    expect({ end, steps: story.length, fit }).toEqual({
      end: 'passed',
      steps: 5,
      fit: { used: 4, total: 4 },
    });
  });

  test('every kind of step reads as a sentence', () => {
    const program = threads({
      name: 'sentences',
      setup: () => ({ m: mutex(), news: condition('news'), flag: cell(0), list: plain(['a']) }),
      threads: {
        *main({ m, news, flag, list }) {
          const child = yield* spawn('child', function* () {
            yield m.lock();
            yield flag.compareExchange(0, 1);
            yield news.wait(m);
            yield list.write([...(yield* list.read()), 'b']);
            yield m.unlock();
            return 'done';
          });
          yield flag.until((value) => value === 1);
          yield m.lock();
          yield news.broadcast();
          yield m.unlock();
          yield child.join();
          throw new Error('to see the story');
        },
      },
    });
    const { story } = exploreThreads(program, { seeds: 1 }).failure!;
    expect(story.map((line) => line.replace(/, at .*/, ''))).toMatchInlineSnapshot(`
      [
        "1. main: spawn() is child",
        "2. child: m.lock()",
        "3. child: flag.compareExchange(0, 1) is 0",
        "4. main: flag.until() is 1",
        "5. child: news.wait(m)",
        "6. child: m.unlock()",
        "7. main: m.lock()",
        "8. main: news.broadcast()",
        "9. main: m.unlock()",
        "10. child: m.lock()",
        "11. child: list.read() is […]",
        "12. child: list.write([…])",
        "13. child: m.unlock()",
        "14. main: child.join() is 'done'",
      ]
    `);
  });
});
