// The vectors that native/test/native.test.ts holds the C++ engine to: the same small programs come to
// the same here and there.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DepthFirst } from '../choice/depth-first.ts';
import { Dpor } from '../choice/dpor.ts';
import type { Search } from '../choice/search.ts';
import type { ThreadStep } from '../env/threads.ts';
import { ThreadsEngine } from './engine.ts';
import { cell, mutex, plain } from './objects.ts';
import { threads } from './program.ts';

/** A program, each thread a line, and what all of its schedules come to. */
interface Vector {
  readonly name: string;
  readonly threads: readonly string[];
  /** Schedules that pass, and their classes. */
  readonly passed: number;
  readonly classes: number;
  /** Of the schedules that pass, those with at most no preemption, and one. */
  readonly bounded: readonly [none: number, one: number];
  /** What the cells hold at the end of those, and what else comes of others. */
  readonly ends: readonly string[];
}

const VECTORS: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../../native/test/conformance.json', import.meta.url), 'utf8'),
);

const setup = () => ({
  cells: [cell(0), cell(0), cell(0)],
  mutexes: [mutex(), mutex()],
  data: [plain(0)],
});
type State = ReturnType<typeof setup>;

function* perform(state: State, step: string): Generator<ThreadStep<unknown>, void> {
  const [name, ...numbers] = step.trim().split(' ');
  const [on, first, second] = numbers.map(Number) as [number, number, number];
  const at = state.cells[on]!;
  const lock = state.mutexes[on]!;
  switch (name) {
    case 'load':
      yield at.load();
      return;
    case 'store':
      yield at.store(first);
      return;
    case 'add':
      yield at.add(first);
      return;
    case 'cas':
      yield at.compareExchange(first, second);
      return;
    case 'until':
      yield at.until((value) => value >= first);
      return;
    case 'lock':
      yield lock.lock();
      return;
    case 'unlock':
      yield lock.unlock();
      return;
    case 'try':
      if (yield* lock.tryLock()) yield lock.unlock();
      return;
    case 'read':
      yield state.data[on]!.read();
      return;
    case 'write':
      yield state.data[on]!.write(1);
      return;
    default:
      throw new Error(`no step is named '${name}'`);
  }
}

const NAMES = { 'data race': 'race', deadlock: 'deadlock' } as const;

function cameTo({ threads: lines }: Vector, search: Search) {
  let finals = '';
  const program = threads({
    name: 'vector',
    setup,
    threads: Object.fromEntries(
      lines.map((line, index) => [
        `thread-${index}`,
        function* (state: State) {
          for (const step of line.split(';')) yield* perform(state, step);
        },
      ]),
    ),
    check({ cells }) {
      finals = cells.map(({ value }) => value).join(' ');
    },
  });
  const engine = new ThreadsEngine(program, { classes: true });
  const classes = new Set<number>();
  const ends = new Set<string>();
  let passed = 0;
  let end: string;
  do {
    end = engine.execute(search);
    if (end === 'passed') {
      passed++;
      classes.add(engine.interleaving!.value);
      ends.add(finals);
    } else if (end === 'violated') {
      ends.add(NAMES[engine.violation!.property as keyof typeof NAMES]);
    }
  } while (search.next(end === 'violated'));
  return { passed, classes: classes.size, ends: [...ends].sort() };
}

describe.each(VECTORS)('$name', (vector) => {
  const { passed, classes, ends } = vector;

  test('all schedules', () => {
    expect(cameTo(vector, new DepthFirst())).toEqual({ passed, classes, ends });
  });

  test('with few preemptions', () => {
    const [none, one] = [0, 1].map((max) => {
      const search = new DepthFirst({ on: 'preemptions', max });
      return { passed: cameTo(vector, search).passed, complete: search.complete };
    });
    // A bound is raised one by one, and what is within the lower one is met again.
    const within = none!.complete ? none!.passed : one!.passed - none!.passed;
    expect([none!.passed, within]).toEqual(vector.bounded);
  });

  test('with partial-order reduction', () => {
    expect(cameTo(vector, new Dpor())).toEqual({ passed: classes, classes, ends });
  });
});
