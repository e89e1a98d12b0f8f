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
