// The yardstick is plain depth-first search: every schedule, and the class of each.
import { describe, expect, test } from 'vitest';
import { DepthFirst } from '../choice/depth-first.ts';
import { Dpor } from '../choice/dpor.ts';
import type { Candidates } from '../choice/strategy.ts';
import { ThreadsEngine } from './engine.ts';
import { exploreThreads } from './explore.ts';
import { cell } from './objects.ts';
import { everySchedule } from './oracle/every-schedule.ts';
import { pausingProgram, randomProgram } from './oracle/random-program.ts';
import { type ThreadsProgram, threads } from './program.ts';

const adders = (count: number, adds: number, cells: number) =>
  threads({
    name: 'adders',
    setup: () => Array.from({ length: cells }, () => cell(0)),
    threads: {
      adder: {
        count,
        *body(own, index) {
          for (let i = 0; i < adds; i++) yield own[index % cells]!.add(1);
        },
      },
    },
  });

const readers = (count: number) =>
  threads({
    name: 'readers',
    setup: () => cell(0),
    threads: {
      *writer(c) {
        yield c.store(1);
      },
      reader: {
        count,
        *body(c) {
          yield c.load();
        },
      },
    },
  });

/** What the search has met less often than plain depth-first search says there is, or more often. */
function differences(program: ThreadsProgram<unknown>, search = new Dpor()) {
  const all = everySchedule(program);
  const met = everySchedule(program, search);
  return {
    missed: [...all.classes.keys(), ...all.violations.keys()].filter(
      (what) => !(met.classes.has(what as number) || met.violations.has(what as string)),
    ),
    twice: [...met.classes.values()].filter((times) => times > 1).length,
  };
}

/** Few enough for a test to go through. */
function hasFewSchedules(program: ThreadsProgram<unknown>): boolean {
  const search = new DepthFirst();
  const engine = new ThreadsEngine(program);
  for (let count = 0; count < 300; count++) {
    const end = engine.execute(search);
    if (!search.next(end === 'violated')) return true;
  }
  return false;
}

/** Is not told whom a signal wakes; of a random program, the condition is object 6. */
class Deaf extends Dpor {
  private signals = false;

  override pick(candidates: Candidates): number {
    const row = super.pick(candidates);
    this.signals = candidates.object[row] === 6;
    return row;
  }

  override touched(actor: number, object: number, wrote: boolean): void {
    if (this.signals && object < -1) return;
    super.touched(actor, object, wrote);
  }
}

const NONE = { missed: [], twice: 0 };

describe('partial-order reduction', () => {
  test.each<[string, ThreadsProgram<unknown>, number]>([
    ['3 threads that add to one cell 3 times each', adders(3, 3, 1), 1680],
    ['4 threads that add to a cell of their own', adders(4, 3, 4), 1],
    ['1 writer and 8 readers', readers(8), 256],
  ])('%s', (_name, program, executions) => {
    expect(exploreThreads(program, { strategy: 'dpor' })).toMatchObject({
      verdict: 'passed',
      complete: true,
      runs: executions,
      abandoned: 0,
      coverage: { classes: executions },
    });
  });

  test('meets each class of random programs once, and each failure', () => {
    let compared = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const program = randomProgram(seed, 2);
      if (!hasFewSchedules(program)) continue;
      expect(differences(program), `seed ${seed}`).toEqual(NONE);
      compared++;
    }
    expect(compared).toBeGreaterThan(50);
  });

  test('knows that a signal comes before what it wakes', () => {
    const program = randomProgram(2741, 2);
    expect(differences(program)).toEqual(NONE);
    // Without that, what takes the sleeper's lock before the signal is never put behind it.
    expect(differences(program, new Deaf()).missed).not.toEqual([]);
  });

  test('misses nothing where threads pause', () => {
    for (let seed = 1; seed <= 60; seed++) {
      expect(differences(pausingProgram(seed)).missed, `seed ${seed}`).toEqual([]);
    }
  });

  test('would be found out if it did not see what steps write', () => {
    class Blind extends Dpor {
      override touched(): void {}
    }
    expect(differences(adders(2, 2, 1), new Blind()).missed).toHaveLength(5);
  });
});

describe('depth-first search', () => {
  // Of two threads of three steps each: 2 schedules without a preemption, 4 with one, 20 in all.
  test.each([
    [{ on: 'preemptions', max: 0 }, 2, 2],
    [{ on: 'preemptions', max: 1 }, 2 + 6, 6],
    [{ on: 'preemptions', max: 9 }, undefined, 20],
    [{ on: 'delays', max: 0 }, 1, 1],
    [{ on: 'delays', max: 9 }, undefined, 20],
    [undefined, 20, 20],
  ] as const)('within %o', (bound, executions, classes) => {
    const met = everySchedule(adders(2, 3, 1), new DepthFirst(bound));
    expect(met.classes.size).toBe(classes);
    if (executions !== undefined) expect(met.executions).toBe(executions);
  });

  test('is complete only when its bound left nothing out', () => {
    const within = (max: number) =>
      exploreThreads(adders(2, 3, 1), { strategy: 'dfs', bound: { on: 'preemptions', max } });
    expect(within(1)).toMatchObject({
      verdict: 'passed',
      complete: false,
      summary: '8 runs met 6 interleavings.',
    });
    expect(within(9)).toMatchObject({ verdict: 'passed', complete: true });
  });

  test('is inconclusive when its executions run out', () => {
    const options = { strategy: 'dfs', executionsMax: 19 } as const;
    expect(exploreThreads(adders(2, 3, 1), options)).toMatchObject({
      verdict: 'inconclusive',
      runs: 19,
      complete: false,
    });
  });
});
