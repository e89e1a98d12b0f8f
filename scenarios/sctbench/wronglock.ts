import { cell, mutex, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

/** One thread locks the data, and all others something else. */
export function wronglock(
  name: string,
  others: number,
): (variant: Variant) => ThreadsProgram<unknown> {
  return (variant) =>
    created({
      name,
      setup: () => ({ dataLock: mutex(), thisLock: mutex(), data: cell(0) }),
      threads: {
        *a({ dataLock, data }) {
          yield dataLock.lock();
          const x = yield* data.load();
          yield data.store((yield* data.load()) + 1);
          holds((yield* data.load()) === x + 1, 'nobody else has changed the data');
          yield dataLock.unlock();
        },
        b: {
          count: others,
          *body({ dataLock, thisLock, data }) {
            const lock = variant === 'bug' ? thisLock : dataLock;
            yield lock.lock();
            yield data.store((yield* data.load()) + 1);
            yield lock.unlock();
          },
        },
      },
    });
}
