import {
  type Body,
  type Mutex,
  mutex,
  type Plain,
  plain,
  type ThreadsProgram,
} from '../../sim/threads/index.ts';
import { created } from './created.ts';
import type { Variant } from './variant.ts';

/** Two counts under one lock, and whoever raises its own from 0 waits for another lock meanwhile. */
export function carter01(variant: Variant): ThreadsProgram<unknown> {
  const setup = () => {
    const m = mutex();
    return { m, forB: variant === 'bug' ? m : mutex(), l: mutex(), a: plain(0), b: plain(0) };
  };
  type State = ReturnType<typeof setup>;
  const user = (
    of: (state: State) => { readonly count: Plain<number>; readonly guard: Mutex },
  ): Body<State> =>
    function* (state) {
      const { count, guard } = of(state);
      yield guard.lock();
      const more = (yield* count.read()) + 1;
      yield count.write(more);
      if (more === 1) yield state.l.lock();
      yield guard.unlock();
      yield guard.lock();
      const less = (yield* count.read()) - 1;
      yield count.write(less);
      if (less === 0) yield state.l.unlock();
      yield guard.unlock();
    };
  return created({
    name: 'carter01',
    setup,
    threads: {
      t1: user(({ a, m }) => ({ count: a, guard: m })),
      t2: user(({ b, forB }) => ({ count: b, guard: forB })),
      *t3() {},
      *t4() {},
    },
  });
}
