/**
 * Running what a step has made ready, to its end: ticks, microtasks, rejections, to a fixpoint.
 *
 * `process._tickCallback` runs microtasks and reports rejections (DEP0134 warns only under
 * `--pending-deprecation`); it must be called from a macrotask, since inside a microtask V8 does not
 * nest the queue. Ticks are kept in a queue of our own while worlds run: an error or a time-out that
 * leaves Node's own would leave its async-hook stack unpopped, and the process aborts later.
 */
import { assert } from '../env/assert.ts';
import { inContext } from './context.ts';
import { currentSink, routeTo } from './sink.ts';

const runMicrotasks = (process as unknown as { _tickCallback?: () => void })._tickCallback;
const originalNextTick = process.nextTick;

/** Ticks in one drain before it counts as endless: far above what programs do. */
const TICKS_MAX = 1_000_000;

/** A program's ticks never end. */
export class TickOverflow extends Error {
  override readonly name = 'TickOverflow';
}

let guarded = false;
let ticks: (() => void)[] = [];

/** Only inside {@link guardDrains}. */
export function drain(): void {
  for (;;) {
    if (ticks.length > 0) runTicks();
    runMicrotasks!.call(process);
    if (ticks.length === 0) return;
  }
}

function runTicks(): void {
  for (let at = 0; at < ticks.length; at++) {
    try {
      if (at === TICKS_MAX) throw new TickOverflow('process.nextTick calls without end');
      ticks[at]!();
    } catch (error) {
      currentSink()?.uncaught(error);
      if (error instanceof TickOverflow) break;
    }
  }
  ticks = [];
}

type Listener = (...args: unknown[]) => void;
const EVENTS = ['uncaughtException', 'unhandledRejection', 'rejectionHandled'] as const;

/**
 * Runs `body` with ticks of our own, and with every uncaught error and unhandled rejection sent to
 * the sink of `routeTo` instead of to the process's listeners.
 */
export function guardDrains<Result>(body: () => Result): Result {
  assert(runMicrotasks !== undefined, 'this Node.js has process._tickCallback');
  assert(!guarded, 'worlds run one after another');
  guarded = true;
  const events = process as unknown as NodeJS.EventEmitter;
  const kept = EVENTS.map((event) => events.rawListeners(event) as Listener[]);
  for (const event of EVENTS) events.removeAllListeners(event);
  events.on('uncaughtException', (error: unknown) => currentSink()?.uncaught(error));
  events.on('unhandledRejection', (reason: unknown, promise: Promise<unknown>) =>
    currentSink()?.uncaught(reason, promise),
  );
  events.on('rejectionHandled', () => {});
  process.nextTick = nextTick as typeof process.nextTick;
  try {
    return body();
  } finally {
    routeTo(undefined);
    guarded = false;
    ticks = [];
    process.nextTick = originalNextTick;
    EVENTS.forEach((event, i) => {
      events.removeAllListeners(event);
      for (const listener of kept[i]!) events.on(event, listener);
    });
  }
}

function nextTick(callback: unknown, ...args: unknown[]): void {
  if (typeof callback !== 'function') {
    // Node throws its own TypeError.
    originalNextTick.call(process, callback as () => void);
    return;
  }
  ticks.push(inContext(args.length === 0 ? (callback as () => void) : () => callback(...args)));
}
