/** Small programs of threads made at random, to compare strategies on. */
import { Random } from '../../check/oracle/random.ts';
import type { ThreadStep } from '../../env/threads.ts';
import { cell, condition, mutex, pause, semaphore, spawn } from '../objects.ts';
import { type ThreadsProgram, threads } from '../program.ts';
import type { Cell, Condition, Mutex, Semaphore } from '../shared.ts';

interface State {
  readonly cells: readonly Cell[];
  readonly mutexes: readonly Mutex[];
  readonly changed: Condition;
  readonly permits: Semaphore;
}

const setup = (): State => ({
  cells: [cell(0), cell(0), cell(0)],
  mutexes: [mutex(), mutex()],
  changed: condition(),
  permits: semaphore(1),
});

type Line = readonly [kind: (typeof KINDS)[number], on: number, amount: number];

const KINDS = [
  'load',
  'load',
  'store',
  'store',
  'add',
  'swap',
  'locked',
  'tried',
  'nested',
  'waited',
  'signalled',
  'permitted',
  'until',
  'spawned',
  'failing',
] as const;

/** Two or three threads of one to `linesMax` lines each; a line takes one to five steps. */
export function randomProgram(seed: number, linesMax: number): ThreadsProgram<State> {
  const random = new Random(seed);
  const bodies = Array.from({ length: 2 + random.below(2) }, () =>
    Array.from(
      { length: 1 + random.below(linesMax) },
      (): Line => [random.pick(KINDS), random.below(2), random.below(3)],
    ),
  );
  return threads({
    name: `random ${seed}`,
    setup,
    threads: Object.fromEntries(
      bodies.map((lines, index) => [
        `thread-${index}`,
        function* (state: State) {
          for (const line of lines) yield* perform(state, line);
        },
      ]),
    ),
  });
}

function* perform(state: State, [kind, on, amount]: Line): Generator<ThreadStep<unknown>, void> {
  const { mutexes, changed, permits } = state;
  const at = state.cells[on]!;
  const lock = mutexes[on]!;
  switch (kind) {
    case 'load':
      yield at.load();
      return;
    case 'store':
      yield at.store(amount);
      return;
    case 'add':
      yield at.add(amount);
      return;
    case 'swap':
      yield at.compareExchange(amount, amount + 1);
      return;
    case 'locked':
      yield lock.lock();
      yield at.add(1);
      yield lock.unlock();
      return;
    case 'tried':
      if (yield* lock.tryLock()) yield lock.unlock();
      return;
    case 'nested':
      yield lock.lock();
      yield mutexes[1 - on]!.lock();
      yield mutexes[1 - on]!.unlock();
      yield lock.unlock();
      return;
    case 'waited':
      yield lock.lock();
      if ((yield* at.load()) === amount) yield changed.wait(lock);
      yield lock.unlock();
      return;
    case 'signalled':
      yield amount === 0 ? changed.broadcast() : changed.signal();
      return;
    case 'permitted':
      yield permits.acquire();
      yield at.load();
      yield permits.release();
      return;
    case 'until':
      yield at.until((value) => value >= amount);
      return;
    case 'spawned': {
      const child = yield* spawn('child', function* () {
        yield at.add(1);
      });
      if (amount > 0) yield child.join();
      return;
    }
    case 'failing':
      if ((yield* at.load()) === amount && (yield* state.cells[2]!.add(1)) > 0) {
        throw new Error(`found ${amount}`);
      }
  }
}

/** As {@link randomProgram}, of threads that wait for each other by looking again. */
export function pausingProgram(seed: number): ThreadsProgram<State> {
  const random = new Random(seed);
  const plans = Array.from({ length: 2 }, () => ({
    waits: random.below(2),
    stores: 1 + random.below(2),
    first: random.oneIn(2),
  }));
  return threads({
    name: `pausing ${seed}`,
    setup,
    threads: Object.fromEntries(
      plans.map(({ waits, stores, first }, index) => [
        `thread-${index}`,
        function* ({ cells }: State) {
          if (first) for (let i = 0; i < stores; i++) yield cells[index]!.store(i + 1);
          if ((yield* cells[waits]!.load()) === 0) yield pause();
          if ((yield* cells[waits]!.load()) === 0) yield cells[2]!.add(1);
          if (!first) yield cells[index]!.store(1);
        },
      ]),
    ),
    check({ cells }) {
      if (cells[2]!.value > 1) throw new Error('both looked in vain');
    },
  });
}
