import { EVERYTHING } from '../choice/strategy.ts';
import type { ThreadBody, ThreadStep } from '../env/threads.ts';
import { beginEdit, made, make, Nothing, SharedObject } from './operation.ts';
import {
  ACQUIRE,
  ADD,
  AND,
  BROADCAST,
  COMPARE_EXCHANGE,
  EXCHANGE,
  LOAD,
  LOCK,
  OR,
  PAUSE,
  READ,
  RELEASE,
  SIGNAL,
  SPAWN,
  STORE,
  SUB,
  TRY_LOCK,
  UNLOCK,
  UNTIL,
  WAIT,
  WRITE,
  XOR,
} from './semantics.ts';
import type { Cell, Condition, Mutex, Plain, Semaphore, Thread } from './shared.ts';
import type { ThreadState } from './thread.ts';

/** A {@link Cell} that holds `initial`, an integer of 32 bits. */
export function cell(initial: number, name?: string): Cell {
  return new SharedCell(wholeNumber(initial), name);
}

/** {@link Plain} data that is `initial` at first. */
export function plain<T>(initial: T, name?: string): Plain<T> {
  return new SharedPlain(initial, name);
}

/** A {@link Mutex} that nobody holds. */
export function mutex(name?: string): Mutex {
  return new SharedMutex(name);
}

/** A {@link Condition} on which nobody waits. */
export function condition(name?: string): Condition {
  return new SharedCondition(name);
}

/** A {@link Semaphore} with `permits`, a whole number. */
export function semaphore(permits: number, name?: string): Semaphore {
  return new SharedSemaphore(wholePermits(permits), name);
}

/**
 * Makes a thread, which can take its first step at once. Its result is the thread, to join on. Who
 * does not join on it does not wait for it; the execution does.
 */
export function spawn<Result>(name: string, body: ThreadBody<Result>): ThreadStep<Thread<Result>> {
  const token = make<Thread<Result>>(SPAWNING, SPAWN, 0, 0);
  made.value = { name, body };
  return token;
}

/**
 * Says that the thread has found nothing to do: it goes on once another has changed something, or
 * when no other can run. For loops that wait by looking again, which would otherwise be unfolded
 * without end; `cell.until` says the same in one step.
 */
export function pause(): ThreadStep<void> {
  return make(PAUSING, PAUSE, 0, 0);
}

export class SharedCell extends SharedObject implements Cell {
  now: number;

  constructor(initial: number, name: string | undefined) {
    super(name, made.home);
    this.now = initial;
  }

  get kind(): string {
    return 'cell';
  }
  get value(): number {
    return this.now;
  }
  set value(next: number) {
    beginEdit(this, 'store');
    this.now = wholeNumber(next);
  }
  load(): ThreadStep<number> {
    return make(this, LOAD, 0, 0);
  }
  store(value: number): ThreadStep<number> {
    return make(this, STORE, value | 0, 0);
  }
  add(amount: number): ThreadStep<number> {
    return make(this, ADD, amount | 0, 0);
  }
  sub(amount: number): ThreadStep<number> {
    return make(this, SUB, amount | 0, 0);
  }
  and(mask: number): ThreadStep<number> {
    return make(this, AND, mask | 0, 0);
  }
  or(mask: number): ThreadStep<number> {
    return make(this, OR, mask | 0, 0);
  }
  xor(mask: number): ThreadStep<number> {
    return make(this, XOR, mask | 0, 0);
  }
  exchange(value: number): ThreadStep<number> {
    return make(this, EXCHANGE, value | 0, 0);
  }
  compareExchange(expected: number, replacement: number): ThreadStep<number> {
    return make(this, COMPARE_EXCHANGE, expected | 0, replacement | 0);
  }
  until(holds: (value: number) => boolean): ThreadStep<number> {
    const token = make<number>(this, UNTIL, 0, 0);
    made.value = holds;
    return token;
  }
}

export class SharedPlain<T> extends SharedObject implements Plain<T> {
  now: T;
  /** Who wrote it last and who has read it since, see clocks.ts. */
  writer = -1;
  writtenAt = 0;
  reader = -1;
  readAt = 0;
  /** The last access of each thread and kind, if stacks are kept. */
  stacks: Map<string, string> | undefined = undefined;

  constructor(initial: T, name: string | undefined) {
    super(name, made.home);
    this.now = initial;
    if (made.home !== undefined) made.home.plain = true;
  }

  get kind(): string {
    return 'plain';
  }
  get value(): T {
    return this.now;
  }
  set value(next: T) {
    beginEdit(this, 'write');
    this.now = next;
  }
  read(): ThreadStep<T> {
    return make(this, READ, 0, 0);
  }
  write(value: T): ThreadStep<void> {
    const token = make<void>(this, WRITE, 0, 0);
    made.value = value;
    return token;
  }
}

export class SharedMutex extends SharedObject implements Mutex {
  holder: ThreadState | undefined = undefined;

  constructor(name: string | undefined) {
    super(name, made.home);
  }

  get kind(): string {
    return 'mutex';
  }
  lock(): ThreadStep<void> {
    return make(this, LOCK, 0, 0);
  }
  tryLock(): ThreadStep<boolean> {
    return make(this, TRY_LOCK, 0, 0);
  }
  unlock(): ThreadStep<void> {
    return make(this, UNLOCK, 0, 0);
  }
}

export class SharedCondition extends SharedObject implements Condition {
  /** First come first. */
  readonly sleepers: ThreadState[] = [];

  constructor(name: string | undefined) {
    super(name, made.home);
  }

  get kind(): string {
    return 'condition';
  }
  wait(mutex: Mutex): ThreadStep<void> {
    const token = make<void>(this, WAIT, 0, 0);
    made.value = mutex;
    return token;
  }
  signal(): ThreadStep<void> {
    return make(this, SIGNAL, 0, 0);
  }
  broadcast(): ThreadStep<void> {
    return make(this, BROADCAST, 0, 0);
  }
}

export class SharedSemaphore extends SharedObject implements Semaphore {
  permits: number;

  constructor(permits: number, name: string | undefined) {
    super(name, made.home);
    this.permits = permits;
  }

  get kind(): string {
    return 'semaphore';
  }
  acquire(): ThreadStep<void> {
    return make(this, ACQUIRE, 0, 0);
  }
  release(permits = 1): ThreadStep<void> {
    return make(this, RELEASE, wholePermits(permits), 0);
  }
}

function wholeNumber(value: number): number {
  if ((value | 0) === value) return value;
  throw new RangeError(`a cell holds an integer of 32 bits, not ${value}`);
}

function wholePermits(permits: number): number {
  if ((permits | 0) === permits && permits >= 0) return permits;
  throw new RangeError(`permits are a whole number below 2^31, not ${permits}`);
}

const SPAWNING = new Nothing();
const PAUSING = new Nothing(EVERYTHING);
