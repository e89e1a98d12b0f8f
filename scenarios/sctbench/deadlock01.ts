import {
  type Body,
  type Mutex,
  mutex,
  plain,
  type ThreadsProgram,
} from '../../sim/threads/index.ts';
import { created } from './created.ts';
import type { Variant } from './variant.ts';

/** Two locks, taken in two orders. */
export function deadlock01(variant: Variant): ThreadsProgram<unknown> {
  const setup = () => ({ a: mutex(), b: mutex(), counter: plain(1) });
  type State = ReturnType<typeof setup>;
  const inOrder = (change: number, of: (state: State) => readonly [Mutex, Mutex]): Body<State> =>
    function* (state) {
      const [first, second] = of(state);
      yield first.lock();
      yield second.lock();
      yield state.counter.write((yield* state.counter.read()) + change);
      yield second.unlock();
      yield first.unlock();
    };
  return created({
    name: 'deadlock01',
    setup,
    threads: {
      thread1: inOrder(1, ({ a, b }) => [a, b]),
      thread2: inOrder(-1, ({ a, b }) => (variant === 'bug' ? [b, a] : [a, b])),
    },
  });
}
