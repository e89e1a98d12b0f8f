/**
 * What each step does, when it can run, and what it orders: the one definition for the stand-alone
 * engine, the threads of a simulated node, and those of a live process.
 *
 * Every step touches at most one object. So a wait is three steps, instead of one that touches two:
 * it enters the condition's queue, gives the mutex back, and once woken takes the mutex again.
 * Nothing is handed over: when a mutex is free, all who want it can run, and who does is the
 * scheduler's decision alone.
 */
import { GIVES_WAY, MAY_WAIT, WRITES } from '../choice/strategy.ts';
import type { ThreadBody } from '../env/threads.ts';
import { stepsOf } from './body.ts';
import { ThreadsError } from './errors.ts';
import type { Host } from './host.ts';
import type {
  SharedCell,
  SharedCondition,
  SharedMutex,
  SharedPlain,
  SharedSemaphore,
} from './objects.ts';
import { GOES_ON, nameOf, type Operation, type SharedObject } from './operation.ts';
import type { ThreadState } from './thread.ts';

/** Notes that `object` is not what it was. */
function changed(object: SharedObject, host: Host): void {
  host.changes++;
  if (object.interested !== 0 || host.pausing !== 0) host.stale = true;
}

const step = (
  operation: Pick<Operation, 'name' | 'perform'> &
    Partial<Operation> & {
      readonly writes: 0 | 1;
      /** Only ends a waiting of others, who could not have taken their step before it. */
      readonly givesWay?: true;
    },
): Operation => ({
  name: operation.name,
  given: operation.given ?? 'none',
  switches: operation.switches ?? true,
  access:
    (operation.writes === 1 ? WRITES : 0) |
    (operation.ready === undefined ? 0 : MAY_WAIT) |
    (operation.givesWay ? GIVES_WAY : 0),
  begin: operation.begin,
  ready: operation.ready,
  waitsFor: operation.waitsFor,
  waiting: operation.waiting,
  perform: operation.perform,
  order: operation.order,
});

function put(cell: SharedCell, next: number, host: Host): number {
  const old = cell.now;
  if (next !== old) {
    cell.now = next;
    changed(cell, host);
  }
  return old;
}

export const LOAD: Operation = step({
  name: 'load',
  writes: 0,
  perform: ({ object }) => (object as SharedCell).now,
  order: (thread, clocks) => clocks.acquire(thread, thread.object!),
});

export const STORE: Operation = step({
  name: 'store',
  given: 'a',
  writes: 1,
  perform: ({ object, a }, host) => {
    put(object as SharedCell, a, host);
    return a;
  },
  order: (thread, clocks) => clocks.release(thread, thread.object!),
});

function readModifyWrite(name: string, next: (old: number, a: number) => number): Operation {
  return step({
    name,
    given: 'a',
    writes: 1,
    perform: ({ object, a }, host) => {
      const cell = object as SharedCell;
      return put(cell, next(cell.now, a), host);
    },
    order: (thread, clocks) => {
      clocks.acquire(thread, thread.object!);
      clocks.release(thread, thread.object!);
    },
  });
}

export const ADD: Operation = readModifyWrite('add', (old, a) => (old + a) | 0);
export const SUB: Operation = readModifyWrite('sub', (old, a) => (old - a) | 0);
export const AND: Operation = readModifyWrite('and', (old, a) => old & a);
export const OR: Operation = readModifyWrite('or', (old, a) => old | a);
export const XOR: Operation = readModifyWrite('xor', (old, a) => old ^ a);
export const EXCHANGE: Operation = readModifyWrite('exchange', (_old, a) => a);

export const COMPARE_EXCHANGE: Operation = step({
  name: 'compareExchange',
  given: 'ab',
  writes: 1,
  perform: ({ object, a, b }, host) => {
    const cell = object as SharedCell;
    if (cell.now === a) return put(cell, b, host);
    host.onlyRead = true;
    return cell.now;
  },
  order: (thread, clocks, old) => {
    clocks.acquire(thread, thread.object!);
    if (old === thread.a) clocks.release(thread, thread.object!);
  },
});

export const UNTIL: Operation = step({
  name: 'until',
  writes: 0,
  begin: ({ object }) => {
    object!.interested++;
  },
  // What the predicate throws, it throws again when the step runs, where it is the thread's error.
  ready: ({ object, value }) => {
    try {
      return (value as (now: number) => boolean)((object as SharedCell).now);
    } catch {
      return true;
    }
  },
  perform: ({ object, value }) => {
    const { now } = object as SharedCell;
    (value as (now: number) => boolean)(now);
    object!.interested--;
    return now;
  },
  waiting: ({ object }) =>
    `waits for another value in ${nameOf(object!)} than ${(object as SharedCell).now}`,
  order: (thread, clocks) => clocks.acquire(thread, thread.object!),
});

export const READ: Operation = step({
  name: 'read',
  switches: false,
  writes: 0,
  perform: ({ object }) => (object as SharedPlain<unknown>).now,
  order: (thread, clocks) => clocks.read(thread, thread.object as SharedPlain<unknown>),
});

export const WRITE: Operation = step({
  name: 'write',
  switches: false,
  given: 'value',
  writes: 1,
  perform: ({ object, value }, host) => {
    (object as SharedPlain<unknown>).now = value;
    changed(object!, host);
  },
  order: (thread, clocks) => clocks.write(thread, thread.object as SharedPlain<unknown>),
});

const holderOf = ({ object }: ThreadState): ThreadState | undefined =>
  (object as SharedMutex).holder;

function take(thread: ThreadState, host: Host): void {
  const mutex = thread.object as SharedMutex;
  mutex.holder = thread;
  changed(mutex, host);
}

function giveBack(thread: ThreadState, host: Host): void {
  const mutex = thread.object as SharedMutex;
  if (mutex.holder !== thread) throw notOwner(thread, mutex, 'unlocks');
  mutex.holder = undefined;
  changed(mutex, host);
}

function notOwner(thread: ThreadState, mutex: SharedMutex, does: string): ThreadsError {
  const { holder } = mutex;
  const held = holder === undefined ? 'nobody holds' : `${nameOf(holder)} holds`;
  return new ThreadsError('not-owner', `${nameOf(thread)} ${does} ${nameOf(mutex)}, which ${held}`);
}

export const LOCK: Operation = step({
  name: 'lock',
  writes: 1,
  begin: ({ object }) => {
    object!.interested++;
  },
  ready: (thread) => holderOf(thread) === undefined,
  waitsFor: holderOf,
  waiting: (thread) => {
    const holder = holderOf(thread)!;
    const held = `waits for ${nameOf(thread.object!)}, which`;
    if (holder === thread) return `${held} it holds itself`;
    return `${held} ${nameOf(holder)} ${holder.ended ? 'held when it ended' : 'holds'}`;
  },
  perform: (thread, host) => {
    thread.object!.interested--;
    take(thread, host);
  },
  order: (thread, clocks) => clocks.acquire(thread, thread.object!),
});

export const TRY_LOCK: Operation = step({
  name: 'tryLock',
  writes: 1,
  perform: (thread, host) => {
    if (holderOf(thread) === undefined) {
      take(thread, host);
      return true;
    }
    host.onlyRead = true;
    return false;
  },
  order: (thread, clocks, taken) => {
    if (taken) clocks.acquire(thread, thread.object!);
  },
});

export const UNLOCK: Operation = step({
  name: 'unlock',
  writes: 1,
  givesWay: true,
  perform: giveBack,
  order: (thread, clocks) => clocks.release(thread, thread.object!),
});

/** First of a wait's three steps; the thread's `value` is the mutex. */
export const WAIT: Operation = step({
  name: 'wait',
  given: 'value',
  writes: 1,
  perform: (thread, host) => {
    const mutex = thread.value as SharedMutex;
    if (mutex.holder !== thread) throw notOwner(thread, mutex, 'waits with');
    const condition = thread.object as SharedCondition;
    condition.sleepers.push(thread);
    thread.asleep = true;
    changed(condition, host);
    thread.operation = WAIT_UNLOCK;
    thread.object = mutex;
    thread.value = condition;
    return GOES_ON;
  },
});

/** Second of a wait's three steps; the thread's `value` is the condition. */
const WAIT_UNLOCK: Operation = step({
  name: 'unlock',
  writes: 1,
  givesWay: true,
  perform: (thread, host) => {
    giveBack(thread, host);
    thread.operation = WAIT_LOCK;
    return GOES_ON;
  },
  order: (thread, clocks) => clocks.release(thread, thread.object!),
});

/** Last of a wait's three steps. */
const WAIT_LOCK: Operation = step({
  ...LOCK,
  writes: 1,
  ready: (thread) => !thread.asleep && holderOf(thread) === undefined,
  waitsFor: (thread) => (thread.asleep ? undefined : holderOf(thread)),
  waiting: (thread) =>
    thread.asleep
      ? `waits for a signal on ${nameOf(thread.value as SharedCondition)}`
      : LOCK.waiting!(thread),
});

export const SIGNAL: Operation = step({
  name: 'signal',
  writes: 1,
  perform: ({ object }, host) => {
    const { sleepers } = object as SharedCondition;
    const { length } = sleepers;
    if (length === 0) {
      host.onlyRead = true;
      return;
    }
    wake(sleepers.splice(length === 1 ? 0 : host.chooseSleeper(length), 1), host);
  },
});

export const BROADCAST: Operation = step({
  name: 'broadcast',
  writes: 1,
  perform: ({ object }, host) => {
    const { sleepers } = object as SharedCondition;
    if (sleepers.length === 0) host.onlyRead = true;
    else wake(sleepers.splice(0), host);
  },
});

function wake(sleepers: readonly ThreadState[], host: Host): void {
  for (const sleeper of sleepers) {
    sleeper.asleep = false;
    host.woken(sleeper);
  }
  host.changes++;
  host.stale = true;
}

export const ACQUIRE: Operation = step({
  name: 'acquire',
  writes: 1,
  begin: ({ object }) => {
    object!.interested++;
  },
  ready: ({ object }) => (object as SharedSemaphore).permits > 0,
  waiting: ({ object }) => `waits for a permit of ${nameOf(object!)}`,
  perform: ({ object }, host) => {
    const semaphore = object as SharedSemaphore;
    semaphore.interested--;
    semaphore.permits--;
    changed(semaphore, host);
  },
  order: (thread, clocks) => clocks.acquire(thread, thread.object!),
});

export const RELEASE: Operation = step({
  name: 'release',
  given: 'a',
  writes: 1,
  perform: ({ object, a }, host) => {
    const semaphore = object as SharedSemaphore;
    semaphore.permits += a;
    changed(semaphore, host);
  },
  order: (thread, clocks) => clocks.releaseInto(thread, thread.object!),
});

/** Calls the body of a thread that begins with a step of its own; its `value` is the body. */
export const START: Operation = step({
  name: 'start',
  writes: 0,
  perform: (thread) => {
    const body = thread.value as ThreadBody<unknown>;
    thread.steps = stepsOf(thread.name!, body());
  },
});

/** On a token of its own, which stands for nothing that threads share. */
export const SPAWN: Operation = step({
  name: 'spawn',
  writes: 0,
  perform: (thread, host) => {
    const { name, body } = thread.value as { name: string; body: ThreadBody<unknown> };
    return host.spawned(thread, name, body);
  },
});

export const JOIN: Operation = step({
  name: 'join',
  writes: 0,
  begin: (thread) => {
    if (thread.object === thread) {
      throw new ThreadsError('joins-itself', `${nameOf(thread)} joins itself`);
    }
    thread.object!.interested++;
  },
  ready: ({ object }) => (object as ThreadState).ended,
  waitsFor: ({ object }) => ((object as ThreadState).ended ? undefined : (object as ThreadState)),
  waiting: ({ object }) => `waits for the end of ${nameOf(object!)}`,
  perform: ({ object }) => {
    const { failure, result } = object as ThreadState;
    object!.interested--;
    if (failure !== undefined) throw failure.error;
    return result;
  },
  order: (thread, clocks) => clocks.acquire(thread, thread.object!),
});

/**
 * Can run when something has changed since the thread came to it. Where nothing else can run, the
 * driver lets it run all the same.
 */
export const PAUSE: Operation = step({
  name: 'pause',
  writes: 0,
  begin: (thread, host) => {
    host.pausing++;
    thread.pausedAt = host.changes;
  },
  ready: (thread, host) => host.changes !== thread.pausedAt,
  perform: (_thread, host) => {
    host.pausing--;
  },
});
