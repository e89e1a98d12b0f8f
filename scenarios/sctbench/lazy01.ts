import { type Body, mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

/** Fails when the thread that looks is the last. */
export function lazy01(variant: Variant): ThreadsProgram<unknown> {
  const setup = () => ({ m: mutex(), data: plain(0) });
  type State = ReturnType<typeof setup>;
  const add = (amount: number): Body<State> =>
    function* ({ m, data }) {
      yield m.lock();
      yield data.write((yield* data.read()) + amount);
      yield m.unlock();
    };
  return created({
    name: 'lazy01',
    setup,
    threads: {
      t1: add(1),
      t2: add(2),
      *t3({ m, data }) {
        yield m.lock();
        const seen = yield* data.read();
        holds(variant === 'bug' ? seen < 3 : seen <= 3, 'not all was added');
        yield m.unlock();
      },
    },
  });
}
