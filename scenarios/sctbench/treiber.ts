import { cell, mutex, plain, type ThreadsProgram, threads } from '../../sim/threads/index.ts';
import { holds, type Variant } from './variant.ts';

/**
 * A stack of three nodes with indices for pointers (R. K. Treiber, IBM RJ 5118, 1986), whose nodes
 * go through a locked free list, last in, first out. A pops; meanwhile B pops two, frees them, and
 * pushes one of them again: the head is what A has seen, its successor is not. The control counts
 * pops in the head, above the index.
 */
export function treiber(variant: Variant): ThreadsProgram<unknown> {
  const indexOf = (word: number) => word & 0xff;
  const popped = (seen: number, next: number) =>
    variant === 'bug' ? next : (((seen >> 8) + 1) << 8) | next;
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
    name: 'treiber',
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
      holds(places.sort().join() === '1,2,3', 'every node is in exactly one place');
    },
  });
}
