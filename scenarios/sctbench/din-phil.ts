import { cell, mutex, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

/**
 * Philosophers take both forks under one lock for all, so they cannot starve; then each counts
 * itself, and that all were counted is asserted never to happen. Of up to 4 the count is unlocked,
 * and a lost update hides the failure. Of 7 the lock for all is taken twice in a row, by a slip.
 */
export function dinPhil(count: number): (variant: Variant) => ThreadsProgram<unknown> {
  const setup = () => ({
    all: mutex(),
    forks: Array.from({ length: count }, () => mutex()),
    done: cell(0),
  });
  return (variant) =>
    created({
      name: `din_phil${count}`,
      setup,
      threads: {
        philosopher: {
          count,
          *body({ all, forks, done }, index) {
            const [left, right] = [forks[(index + 1) % count]!, forks[index]!];
            yield all.lock();
            yield left.lock();
            yield right.lock();
            yield right.unlock();
            yield left.unlock();
            if (count === 7 && variant === 'bug') yield all.lock();
            else yield all.unlock();
            const locked = variant === 'control' || count > 4;
            if (locked) yield all.lock();
            yield done.store((yield* done.load()) + 1);
            const seen = yield* done.load();
            if (variant === 'bug') holds(seen !== count, 'not all have eaten');
            else holds(seen <= count, 'nobody has eaten twice');
            if (locked) yield all.unlock();
          },
        },
      },
    });
}
