/**
 * What threads share. Every method makes a step and returns it as a token, which the thread's body
 * yields before it does anything else:
 *
 *     yield counter.add(1);                     the result is not wanted
 *     const seen = yield* counter.load();       it is, with its type
 *
 * The step runs when the scheduler says so, at once and as a whole; then the body goes on to its
 * next one. Objects belong to the execution, node or process in which they were made or first used.
 *
 * What is used wrongly ends the execution, or in a node and live its thread, with a ThreadsError:
 * `outside`, `not-yielded`, `not-a-step` or `foreign` for any of them, others as they say.
 */
import type { ThreadStep } from '../env/threads.ts';

/**
 * An atomic 32-bit integer, as one element of an `Int32Array` under `Atomics`: sequentially
 * consistent, never part of a data race, wrapping round at 2^31. A step that writes orders what its
 * thread did before against whatever reads the value written.
 */
export interface Cell {
  /** What it holds; for `check` and reports. A thread loads it. */
  readonly value: number;
  load(): ThreadStep<number>;
  /** Its result is the value stored. */
  store(value: number): ThreadStep<number>;
  /** Its result is the old value, as that of all below. */
  add(amount: number): ThreadStep<number>;
  sub(amount: number): ThreadStep<number>;
  and(mask: number): ThreadStep<number>;
  or(mask: number): ThreadStep<number>;
  xor(mask: number): ThreadStep<number>;
  exchange(value: number): ThreadStep<number>;
  /** Stores `replacement` if it holds `expected`, which is so when the old value is `expected`. */
  compareExchange(expected: number, replacement: number): ThreadStep<number>;
  /**
   * Loads it once `holds` is true of its value, and blocks until then: a spin loop in one step.
   * `holds` is called whenever the value has changed; it depends on its argument alone.
   */
  until(holds: (value: number) => boolean): ThreadStep<number>;
}

/**
 * Ordinary data of any type. Two threads that access it, one of them writing, with nothing that
 * orders the two accesses, have a data race, and the execution is violated.
 *
 * What a value itself holds is not watched: replace it rather than changing it from within, and
 * make an array of plain objects where elements are shared one by one.
 */
export interface Plain<T> {
  /** What it holds; for `check` and reports. A thread reads it. */
  readonly value: T;
  read(): ThreadStep<T>;
  write(value: T): ThreadStep<void>;
}

/** Held by one thread at a time. Who waits is not served in turn: all compete when it is free. */
export interface Mutex {
  /** Errors: `deadlock` when the thread holds it already, or would wait in a cycle. */
  lock(): ThreadStep<void>;
  /** True when the thread holds it now; false when somebody does already. */
  tryLock(): ThreadStep<boolean>;
  /** Errors: `not-owner`. */
  unlock(): ThreadStep<void>;
}

/**
 * Where threads wait for news from another. There are no spurious wake-ups; a signal that finds no
 * waiter is lost.
 */
export interface Condition {
  /**
   * Gives `mutex` back, sleeps until woken, and takes `mutex` again, competing with all others:
   * what was true when the signal was given need not be any more. Errors: `not-owner`.
   */
  wait(mutex: Mutex): ThreadStep<void>;
  /** Wakes one of those that wait. Which one is a decision: site `thread.wake`. */
  signal(): ThreadStep<void>;
  broadcast(): ThreadStep<void>;
}

/** A number of permits, of which none belongs to anybody. */
export interface Semaphore {
  /** Takes a permit, once there is one. */
  acquire(): ThreadStep<void>;
  /** Adds `permits`, 1 unless given. */
  release(permits?: number): ThreadStep<void>;
}

/** A thread that was made by another. */
export interface Thread<Result> {
  readonly name: string | undefined;
  /** Its result, once it has ended. Errors: `joins-itself`; `deadlock` in a cycle; what it threw. */
  join(): ThreadStep<Result>;
}
