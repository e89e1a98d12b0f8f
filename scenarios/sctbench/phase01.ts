import { mutex, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import type { Variant } from './variant.ts';

/** Whoever takes the first lock for the second time keeps it. */
export function phase01(variant: Variant): ThreadsProgram<unknown> {
  return created({
    name: 'phase01',
    setup: () => ({ x: mutex(), y: mutex() }),
    threads: {
      worker: {
        count: 2,
        *body({ x, y }) {
          yield x.lock();
          yield x.unlock();
          yield x.lock();
          if (variant === 'control') yield x.unlock();
          for (let i = 0; i < 2; i++) {
            yield y.lock();
            yield y.unlock();
          }
        },
      },
    },
  });
}
