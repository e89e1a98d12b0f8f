/**
 * Small programs of threads, each with one mistake; the lines of it are marked. After the kinds of
 * concurrency errors in SCTBench (P. Thomson, A. Donaldson, A. Betts, "Concurrency Testing Using
 * Controlled Schedulers", TOPC 2016), written anew.
 */
import { strict as assert } from 'node:assert';
import type { Subject } from '../../explore/subject.ts';
import { threadsSubject } from '../../explore/threads-subject.ts';
import { cell, condition, mutex, plain, semaphore } from '../../threads/objects.ts';
import { threads } from '../../threads/program.ts';

/** Two deposits read and write without a lock. */
const account = threads({
  name: 'account',
  setup: () => ({ balance: cell(0) }),
  threads: {
    deposit: {
      count: 2,
      *body({ balance }) {
        const seen = yield* balance.load(); // the mistake
        yield balance.store(seen + 10); // the mistake
      },
    },
  },
  check: ({ balance }) => assert.equal(balance.value, 20),
});

/** Whoever is second to look makes it a second time. */
const lazy = threads({
  name: 'lazy',
  setup: () => ({ made: cell(0), times: cell(0) }),
  threads: {
    user: {
      count: 3,
      *body({ made, times }) {
        if ((yield* made.load()) === 1) return; // the mistake
        yield times.add(1);
        yield made.store(1); // the mistake
      },
    },
  },
  check: ({ times }) => assert.equal(times.value, 1),
});

/** Locks in two orders. */
const transfer = threads({
  name: 'transfer',
  setup: () => ({ mine: mutex('mine'), yours: mutex('yours') }),
  threads: {
    *give({ mine, yours }) {
      yield mine.lock();
      yield yours.lock(); // the mistake
      yield yours.unlock();
      yield mine.unlock();
    },
    *take({ mine, yours }) {
      yield yours.lock();
      yield mine.lock(); // the mistake
      yield mine.unlock();
      yield yours.unlock();
    },
  },
});

/** Two locks guard one counter. */
const wrongLock = threads({
  name: 'wrong-lock',
  setup: () => ({ a: mutex('a'), b: mutex('b'), count: cell(0) }),
  threads: {
    *one({ a, count }) {
      yield a.lock();
      const seen = yield* count.load(); // the mistake
      yield count.store(seen + 1); // the mistake
      yield a.unlock();
    },
    *other({ b, count }) {
      yield b.lock();
      const seen = yield* count.load(); // the mistake
      yield count.store(seen + 1); // the mistake
      yield b.unlock();
    },
  },
  check: ({ count }) => assert.equal(count.value, 2),
});

/** What belongs together is written in two critical sections, and read in between. */
const twoStage = threads({
  name: 'two-stage',
  setup: () => ({ lock: mutex('lock'), first: cell(0), second: cell(0) }),
  threads: {
    *writer({ lock, first, second }) {
      yield lock.lock();
      yield first.store(1);
      yield lock.unlock(); // the mistake
      yield lock.lock(); // the mistake
      yield second.store(2);
      yield lock.unlock();
    },
    *reader({ lock, first, second }) {
      yield lock.lock(); // the mistake
      const one = yield* first.load();
      const two = yield* second.load();
      yield lock.unlock();
      if (one === 1) assert.equal(two, 2);
    },
  },
});

/** Looks whether there is something outside of the lock. */
const stack = threads({
  name: 'stack',
  setup: () => ({ lock: mutex('lock'), height: cell(1) }),
  threads: {
    pop: {
      count: 2,
      *body({ lock, height }) {
        if ((yield* height.load()) === 0) return; // the mistake
        yield lock.lock(); // the mistake
        const before = yield* height.sub(1); // the mistake
        yield lock.unlock();
        assert.ok(before > 0, 'popped from an empty stack');
      },
    },
  },
});

/** Wakes and takes without looking again. */
const queue = threads({
  name: 'queue',
  setup: () => ({ lock: mutex('lock'), some: condition('some'), items: cell(0) }),
  threads: {
    consumer: {
      count: 2,
      *body({ lock, some, items }) {
        yield lock.lock();
        if ((yield* items.load()) === 0) yield some.wait(lock); // the mistake
        const before = yield* items.sub(1);
        yield lock.unlock();
        assert.ok(before > 0, 'took from an empty queue');
      },
    },
    producer: {
      count: 2,
      *body({ lock, some, items }) {
        yield lock.lock();
        yield items.add(1);
        yield some.broadcast(); // the mistake
        yield lock.unlock();
      },
    },
  },
});

/** Decides to wait before it holds the lock: the signal may come in between. */
const lostSignal = threads({
  name: 'lost-signal',
  setup: () => ({ lock: mutex('lock'), done: cell(0), over: condition('over') }),
  threads: {
    *waiter({ lock, done, over }) {
      if ((yield* done.load()) === 1) return; // the mistake
      yield lock.lock(); // the mistake
      yield over.wait(lock); // the mistake
      yield lock.unlock();
    },
    *worker({ lock, done, over }) {
      yield done.store(1); // the mistake
      yield lock.lock(); // the mistake
      yield over.signal(); // the mistake
      yield lock.unlock();
    },
  },
});

/** Says that the message is there before it is. */
const early = threads({
  name: 'early',
  setup: () => ({ message: plain(''), ready: cell(0) }),
  threads: {
    *sender({ message, ready }) {
      yield ready.store(1); // the mistake
      yield message.write('hello'); // the mistake
    },
    *receiver({ message, ready }) {
      if ((yield* ready.load()) === 0) return; // the mistake
      assert.equal(yield* message.read(), 'hello'); // the mistake
    },
  },
});

/** One permit too many: two are inside at once. */
const permits = threads({
  name: 'permits',
  setup: () => ({ room: semaphore(2, 'room'), inside: cell(0) }),
  threads: {
    guest: {
      count: 3,
      *body({ room, inside }) {
        yield room.acquire(); // the mistake
        assert.equal(yield* inside.add(1), 0, 'two are inside'); // the mistake
        yield inside.sub(1); // the mistake
        yield room.release(); // the mistake
      },
    },
  },
});

/** A stack of slots whose slot comes back while a pop is under way. */
const recycled = threads({
  name: 'recycled',
  setup: () => ({ head: cell(1), next1: cell(2), next2: cell(0) }),
  threads: {
    *slow({ head, next1 }) {
      const top = yield* head.load(); // the mistake
      const below = yield* next1.load(); // the mistake
      yield head.compareExchange(top, below); // the mistake
    },
    *quick({ head, next1 }) {
      yield head.store(2);
      yield head.store(0);
      yield next1.store(0); // the mistake
      yield head.store(1); // the mistake
    },
  },
  check: ({ head }) => assert.notEqual(head.value, 2, 'a slot that was taken is on the stack'),
});

/** Two setters in the wrong order as seen by one checker. */
const reorder = threads({
  name: 'reorder',
  setup: () => ({ a: cell(0), b: cell(0) }),
  threads: {
    setter: {
      count: 3,
      *body({ a, b }) {
        yield a.store(1); // the mistake
        yield b.store(-1); // the mistake
      },
    },
    *checker({ a, b }) {
      const first = yield* a.load(); // the mistake
      const second = yield* b.load(); // the mistake
      assert.ok((first === 0 && second === 0) || (first === 1 && second === -1), 'seen in between');
    },
  },
});

export const THREAD_MISTAKES: readonly Subject[] = [
  threadsSubject(account),
  threadsSubject(lazy),
  threadsSubject(transfer),
  threadsSubject(wrongLock),
  threadsSubject(twoStage),
  threadsSubject(stack),
  threadsSubject(queue),
  threadsSubject(lostSignal),
  threadsSubject(early),
  threadsSubject(permits),
  threadsSubject(recycled),
  threadsSubject(reorder),
];
