import { condition, mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import type { Variant } from './variant.ts';

export interface BufferOptions {
  readonly capacity: number;
  readonly producers: number;
  /** By each producer. */
  readonly puts: number;
  readonly consumers: number;
  /** By each consumer; as many in all as there are puts. */
  readonly takes: number;
}

/**
 * A bounded buffer whose producers and consumers wait on one condition, signalled for one thread
 * (T. Cargill, Extreme Programming Challenge 14, 2002): the signal may wake one of the wrong kind,
 * which waits again, and so does everybody else in the end. The control signals all.
 */
export function cargill(
  variant: Variant,
  { capacity, producers, puts, consumers, takes }: BufferOptions,
): ThreadsProgram<unknown> {
  const setup = () => ({ m: mutex(), changed: condition(), occupied: plain(0) });
  type State = ReturnType<typeof setup>;
  const user = (rounds: number, blockedAt: number, change: number) =>
    function* ({ m, changed, occupied }: State) {
      for (let i = 0; i < rounds; i++) {
        yield m.lock();
        while ((yield* occupied.read()) === blockedAt) yield changed.wait(m);
        yield variant === 'bug' ? changed.signal() : changed.broadcast();
        yield occupied.write((yield* occupied.read()) + change);
        yield m.unlock();
      }
    };
  return created({
    name: 'cargill',
    setup,
    threads: {
      producer: { count: producers, body: user(puts, capacity, 1) },
      consumer: { count: consumers, body: user(takes, 0, -1) },
    },
  });
}
