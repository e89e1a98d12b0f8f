/**
 * Ends code that never yields: a synchronous loop, or microtasks without end. V8's own time-out is
 * the one thing that interrupts both from within the thread; arming it costs 20 to 70 µs, so whole
 * slices of worlds run under one.
 */
import vm from 'node:vm';
import { assert } from '../env/assert.ts';

const SLICE = Symbol.for('groundhog.slice');
const holder = globalThis as { [SLICE]?: (() => void) | undefined };
const script = new vm.Script('globalThis[Symbol.for("groundhog.slice")]()', {
  filename: 'groundhog:slice',
});

/** `hung`: `slice` was cut off after `limitMs` of real time, in the middle of what it did. */
export function underWatch(limitMs: number, slice: () => void): 'done' | 'hung' {
  assert(holder[SLICE] === undefined, 'one slice runs at a time');
  holder[SLICE] = slice;
  try {
    script.runInThisContext({ timeout: limitMs });
    return 'done';
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'hung';
    throw error;
  } finally {
    holder[SLICE] = undefined;
  }
}

type FatalException = (error: unknown, fromPromise: boolean) => boolean;

/**
 * A time-out runs no `finally`: the async-hook scopes that it cuts (of a `queueMicrotask`, an
 * `AsyncResource`, a promise under an `AsyncLocalStorage`) stay entered, and Node.js aborts the
 * process when it leaves the one around them. What it does after an uncaught error empties that
 * stack, and is the only way to; nobody is told of an error, since there is none. To be called in the
 * macrotask of the slice that hung, where the real world may be called: Node.js sets an immediate.
 */
export function leaveAsyncScopes(): void {
  const emit = Object.getOwnPropertyDescriptor(process, 'emit');
  const { _fatalException } = process as unknown as { readonly _fatalException?: FatalException };
  assert(_fatalException !== undefined, 'this Node.js has process._fatalException');
  Object.defineProperty(process, 'emit', { value: () => true, configurable: true, writable: true });
  try {
    _fatalException(new Error('cut off by the watchdog'), false);
  } finally {
    if (emit === undefined) Reflect.deleteProperty(process, 'emit');
    else Object.defineProperty(process, 'emit', emit);
  }
}
