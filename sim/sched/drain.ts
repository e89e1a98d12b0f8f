/**
 * Running what a step has made ready, to its end: ticks, microtasks, rejections, to a fixpoint.
 *
 * `process._tickCallback` does just that (DEP0134 warns only under `--pending-deprecation`). Two
 * conditions hold it up. It must be called from a macrotask: inside a microtask V8 does not nest
 * the queue. And no error may leave it, or Node's async-hook stack stays unpopped and the process
 * aborts later: so callbacks of `process.nextTick` are guarded while a world runs.
 */
import { assert } from '../env/assert.ts';
import { armGuard } from '../node/guard/arm.ts';
import { watch } from '../node/guard/watch.ts';
import { expectImmediateOfNode } from '../node/guard/wrapped.ts';
import { currentSink, routeTo } from './sink.ts';

const runTicks = (process as unknown as { _tickCallback?: () => void })._tickCallback;
const originalNextTick = process.nextTick;

/** Ticks in one drain before it counts as a hang: far above what a program does, far below forever. */
const TICKS_MAX = 1_000_000;

export class TickOverflow extends Error {
  override readonly name = 'TickOverflow';
}

export function drain(): void {
  assert(runTicks !== undefined, 'this Node.js has process._tickCallback');
  runTicks.call(process);
}

/** True while {@link guardDrains} is in force. */
export function drainsAreGuarded(): boolean {
  return guarded;
}

let guarded = false;

type Listener = (...args: unknown[]) => void;
const EVENTS = ['uncaughtException', 'unhandledRejection', 'rejectionHandled'] as const;

/**
 * Runs `body` with guarded ticks, with every uncaught error and unhandled rejection sent to the sink
 * of {@link routeTo} instead of to the process's own listeners, and with calls into the real world
 * caught as escapes.
 */
export function guardDrains<Result>(body: () => Result): Result {
  assert(!guarded, 'worlds run one after another');
  armGuard();
  guarded = true;
  const events = process as unknown as NodeJS.EventEmitter;
  const kept = EVENTS.map((event) => events.rawListeners(event) as Listener[]);
  for (const event of EVENTS) events.removeAllListeners(event);
  events.on('uncaughtException', (error: unknown) => {
    currentSink()?.uncaught(error);
    expectImmediateOfNode();
  });
  events.on('unhandledRejection', (reason: unknown, promise: Promise<unknown>) =>
    currentSink()?.uncaught(reason, promise),
  );
  events.on('rejectionHandled', () => {});
  process.nextTick = guardedNextTick as typeof process.nextTick;
  watch(true);
  try {
    return body();
  } finally {
    watch(false);
    routeTo(undefined);
    guarded = false;
    process.nextTick = originalNextTick;
    EVENTS.forEach((event, i) => {
      events.removeAllListeners(event);
      for (const listener of kept[i]!) events.on(event, listener);
    });
  }
}

function guardedNextTick(callback: unknown, ...args: unknown[]): void {
  if (typeof callback !== 'function') {
    // Node throws its own TypeError.
    originalNextTick.call(process, callback as () => void);
    return;
  }
  const owner = currentSink();
  originalNextTick.call(process, () => {
    if (owner === undefined) {
      callback(...args);
      return;
    }
    try {
      if (++owner.ticks > TICKS_MAX) throw new TickOverflow('process.nextTick never ends');
      callback(...args);
    } catch (error) {
      owner.uncaught(error);
    }
  });
}
