import { condition, mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import type { Variant } from './variant.ts';

/** One producer and one consumer of a place that is full from the start. */
function handOver(
  name: string,
  options: { readonly full: number; readonly rounds: number; readonly takes: boolean },
): ThreadsProgram<unknown> {
  const { full: initial, rounds, takes } = options;
  return created({
    name,
    setup: () => ({ m: mutex(), empty: condition(), full: condition(), num: plain(initial) }),
    threads: {
      *producer({ m, empty, full, num }) {
        for (let i = 0; i < rounds; i++) {
          yield m.lock();
          while ((yield* num.read()) > 0) yield empty.wait(m);
          yield num.write((yield* num.read()) + 1);
          yield m.unlock();
          yield full.signal();
        }
      },
      *consumer({ m, empty, full, num }) {
        for (let i = 0; i < rounds; i++) {
          yield m.lock();
          while ((yield* num.read()) === 0) yield full.wait(m);
          if (takes) yield num.write((yield* num.read()) - 1);
          yield m.unlock();
          yield empty.signal();
        }
      },
    },
  });
}

/** The consumer does not take what it has seen. */
export function sync01(variant: Variant): ThreadsProgram<unknown> {
  const bug = variant === 'bug';
  return handOver('sync01', { full: bug ? 1 : 0, rounds: 1, takes: !bug });
}

/** Two are there from the start: the producer finds the place empty once less than it needs to. */
export function sync02(variant: Variant): ThreadsProgram<unknown> {
  return handOver('sync02', { full: variant === 'bug' ? 2 : 0, rounds: 2, takes: true });
}
