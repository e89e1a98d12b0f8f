import { condition, mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

/** One place is filled and emptied `count` times; the sum is asserted not to be what it always is. */
export function arithmeticProg(variant: Variant): ThreadsProgram<unknown> {
  const count = variant === 'bug' ? 3 : 4;
  const sum = (count * (count + 1)) / 2;
  return created({
    name: 'arithmetic_prog',
    setup: () => ({
      m: mutex(),
      empty: condition(),
      full: condition(),
      num: plain(0),
      total: plain(0),
    }),
    threads: {
      *producer({ m, empty, full, num }) {
        for (let i = 0; i < count; i++) {
          yield m.lock();
          while ((yield* num.read()) > 0) yield empty.wait(m);
          yield num.write((yield* num.read()) + 1);
          yield m.unlock();
          yield full.signal();
        }
      },
      *consumer({ m, empty, full, num, total }) {
        for (let j = 0; j < count; j++) {
          yield m.lock();
          while ((yield* num.read()) === 0) yield full.wait(m);
          yield total.write((yield* total.read()) + j);
          yield num.write((yield* num.read()) - 1);
          yield m.unlock();
          yield empty.signal();
        }
        yield total.write((yield* total.read()) + count);
      },
    },
    check({ total }) {
      if (variant === 'bug') holds(total.value !== sum, 'the total is not the sum');
      else holds(total.value === sum, 'the total is the sum');
    },
  });
}
