import { mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

const SIZE = 20;

/**
 * As circular_buffer, with a list of what was put in beside the queue. Two lost turns and more hide
 * the failure, since what was not yet stored reads as 0. The control counts what was really done.
 */
export function queue(variant: Variant): ThreadsProgram<unknown> {
  return created({
    name: 'queue',
    setup: () => ({
      m: mutex(),
      elements: plain<readonly number[]>([]),
      head: plain(0),
      stored: plain<readonly number[]>(new Array(SIZE + 1).fill(0)),
      enqueue: plain(true),
      dequeue: plain(false),
    }),
    threads: {
      *t1({ m, elements, stored, enqueue, dequeue }) {
        yield m.lock();
        yield elements.write([0]);
        yield m.unlock();
        let value = 0;
        for (let i = 0; i < SIZE - 1; i++) {
          yield m.lock();
          if (yield* enqueue.read()) {
            value++;
            const put = yield* elements.read();
            yield elements.write([...put, value]);
            const at = variant === 'bug' ? i + 1 : put.length;
            yield stored.write((yield* stored.read()).with(at, value));
            yield enqueue.write(false);
            yield dequeue.write(true);
          }
          yield m.unlock();
        }
      },
      *t2({ m, elements, head, stored, enqueue, dequeue }) {
        for (let i = 0; i < SIZE; i++) {
          yield m.lock();
          if (yield* dequeue.read()) {
            const from = yield* head.read();
            const taken = (yield* elements.read())[from];
            yield head.write(from + 1);
            const at = variant === 'bug' ? i : from;
            holds(taken === (yield* stored.read())[at], 'what comes out is what was stored');
            yield dequeue.write(false);
            yield enqueue.write(true);
          }
          yield m.unlock();
        }
      },
    },
  });
}
