import { cell, mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

/** Two values that belong together, each under a lock of its own. */
export function twostage(writers: number): (variant: Variant) => ThreadsProgram<unknown> {
  return (variant) =>
    created({
      name: writers === 1 ? 'twostage' : `twostage_${writers + 1}`,
      setup: () => ({ d1: mutex(), d2: mutex(), v1: cell(0), v2: plain(0) }),
      threads: {
        a: {
          count: writers,
          *body({ d1, d2, v1, v2 }) {
            yield d1.lock();
            yield v1.store(1);
            if (variant === 'bug') yield d1.unlock();
            yield d2.lock();
            yield v2.write((yield* v1.load()) + 1);
            yield d2.unlock();
            if (variant === 'control') yield d1.unlock();
          },
        },
        *b({ d1, d2, v1, v2 }) {
          yield d1.lock();
          const first = yield* v1.load();
          yield d1.unlock();
          if (first === 0) return;
          yield d2.lock();
          const second = yield* v2.read();
          yield d2.unlock();
          holds(second === first + 1, 'the second value follows the first');
        },
      },
    });
}
