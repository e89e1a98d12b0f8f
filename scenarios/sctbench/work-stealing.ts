import { type Cell, cell, mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

const ITEMS = 4;
const STEALS = 2;

/**
 * The work-stealing queue of CHESS, with the protocol of Cilk (Frigo, Leiserson, Randall, PLDI 1998,
 * section 5): the owner pushes and pops at the tail without a lock, thieves take from the head under
 * one. The ring has two slots at first, and a push takes one for free that a thief may be reading.
 */
export function workStealing(thieves: number): (variant: Variant) => ThreadsProgram<unknown> {
  const setup = () => ({
    head: cell(0),
    tail: cell(0),
    lock: mutex(),
    ring: plain<readonly Cell[]>([cell(-1), cell(-1)]),
    taken: Array.from({ length: ITEMS }, () => cell(0)),
  });
  type State = ReturnType<typeof setup>;

  /** The cell at a position: the mask is the ring's size less one. */
  function* slot({ ring }: State, at: number) {
    const slots = yield* ring.read();
    return slots[at & (slots.length - 1)]!;
  }

  function* take(state: State, at: number) {
    const item = yield* (yield* slot(state, at)).load();
    yield state.taken[item]!.add(1);
  }

  function* steal(state: State) {
    const { head, tail, lock } = state;
    yield lock.lock();
    const h = yield* head.load();
    yield head.store(h + 1);
    const found = h < (yield* tail.load());
    const item = found ? yield* (yield* slot(state, h)).load() : -1;
    if (!found) yield head.store(h);
    yield lock.unlock();
    if (found) yield state.taken[item]!.add(1);
  }

  function* pop(state: State) {
    const { head, tail, lock } = state;
    const t = (yield* tail.load()) - 1;
    yield tail.store(t);
    if ((yield* head.load()) <= t) {
      yield* take(state, t);
      return;
    }
    yield tail.store(t + 1);
    yield lock.lock();
    const last = (yield* tail.load()) - 1;
    yield tail.store(last);
    const found = (yield* head.load()) <= last;
    const item = found ? yield* (yield* slot(state, last)).load() : -1;
    if (!found) {
      yield head.store(0);
      yield tail.store(0);
    }
    yield lock.unlock();
    if (found) yield state.taken[item]!.add(1);
  }

  function* push(state: State, item: number, slotsFree: (size: number) => number) {
    const { head, tail, lock, ring } = state;
    const t = yield* tail.load();
    const size = (yield* ring.read()).length;
    if (t < (yield* head.load()) + slotsFree(size)) {
      yield (yield* slot(state, t)).store(item);
      yield tail.store(t + 1);
      return;
    }
    yield lock.lock();
    const old = yield* head.load();
    const count = (yield* tail.load()) - old;
    const from = old & (size - 1);
    yield head.store(from);
    yield tail.store(from + count);
    if (count >= size - 1) {
      const larger = Array.from({ length: 2 * size }, () => cell(-1));
      for (let i = 0; i < count; i++) {
        yield larger[i]!.store(yield* (yield* slot(state, from + i)).load());
      }
      yield ring.write(larger);
      yield head.store(0);
      yield tail.store(count);
    }
    const end = yield* tail.load();
    yield (yield* slot(state, end)).store(item);
    yield tail.store(end + 1);
    yield lock.unlock();
  }

  return (variant) => {
    const slotsFree = (size: number) => (variant === 'bug' ? size : size - 1);
    return created({
      name: 'work_stealing',
      setup,
      threads: {
        thief: {
          count: thieves,
          *body(state) {
            for (let i = 0; i < STEALS; i++) yield* steal(state);
          },
        },
      },
      *main(state) {
        for (let item = 0; item < ITEMS; item += 2) {
          yield* push(state, item, slotsFree);
          yield* push(state, item + 1, slotsFree);
          yield* pop(state);
        }
        yield* pop(state);
        yield* pop(state);
      },
      check({ taken }) {
        for (const { value } of taken) holds(value === 1, 'every item is taken once');
      },
    });
  };
}
