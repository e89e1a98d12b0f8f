import { mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

const SIZE = 10;

/** A flag says that there is something to pop, and is never taken back. */
export function stack(variant: Variant): ThreadsProgram<unknown> {
  return created({
    name: 'stack',
    setup: () => ({ m: mutex(), top: plain(0), pushed: plain(false) }),
    threads: {
      *t1({ m, top, pushed }) {
        for (let i = 0; i < SIZE; i++) {
          yield m.lock();
          const height = yield* top.read();
          holds(height < SIZE, 'a push fits');
          yield top.write(height + 1);
          yield pushed.write(true);
          yield m.unlock();
        }
      },
      *t2({ m, top, pushed }) {
        for (let i = 0; i < SIZE; i++) {
          yield m.lock();
          const height = yield* top.read();
          if (variant === 'bug' ? yield* pushed.read() : height > 0) {
            holds(height > 0, 'a pop finds something');
            yield top.write(height - 1);
          }
          yield m.unlock();
        }
      },
    },
  });
}
