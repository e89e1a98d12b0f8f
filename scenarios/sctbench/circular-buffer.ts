import { mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

const ROUNDS = 7;

/**
 * Sender and receiver take turns by flags, and a turn that finds the wrong flag is lost, so that the
 * numbers sent and those expected drift apart.
 */
export function circularBuffer(variant: Variant): ThreadsProgram<unknown> {
  return created({
    name: 'circular_buffer',
    setup: () => ({
      m: mutex(),
      buffer: plain<readonly number[]>([]),
      first: plain(0),
      send: plain(true),
      receive: plain(false),
      value: plain(0),
    }),
    threads: {
      *t1({ m, buffer, send, receive, value }) {
        for (let i = 0; i < ROUNDS; i++) {
          yield m.lock();
          if (yield* send.read()) {
            yield buffer.write([...(yield* buffer.read()), i]);
            yield value.write(i);
            yield send.write(false);
            yield receive.write(true);
          }
          yield m.unlock();
        }
      },
      *t2({ m, buffer, first, send, receive, value }) {
        for (let i = 0; i < ROUNDS; i++) {
          yield m.lock();
          if (yield* receive.read()) {
            const at = yield* first.read();
            yield first.write(at + 1);
            const expected = variant === 'bug' ? i : yield* value.read();
            holds((yield* buffer.read())[at] === expected, 'what comes out is what is expected');
            yield receive.write(false);
            yield send.write(true);
          }
          yield m.unlock();
        }
      },
    },
  });
}
