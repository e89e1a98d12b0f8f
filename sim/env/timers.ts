import { checkFunction } from './given.ts';

/** A pending callback of {@link Timers}. */
export interface Timer {
  /** The callback will not run (again). Calling it twice, or too late, does nothing. */
  cancel(): void;
}

/**
 * Timers of one node, measured on its monotonic clock. They are never early and may be late; of
 * those that are due together, equal delays run in the order of their creation, as in Node.js.
 *
 * Delays are milliseconds, 0 or more; fractions count in simulation and are rounded up to a whole
 * millisecond live. Negative or non-finite delays throw `RangeError`, and what is no number a `TypeError`.
 */
export interface Timers {
  /** Resolves after at least `delayMs`. */
  sleep(delayMs: number): Promise<void>;
  /** Runs `callback` once, after at least `delayMs`. */
  after(delayMs: number, callback: () => void): Timer;
  /** Runs `callback` again and again; each period (more than 0) starts when the last one ran. */
  every(periodMs: number, callback: () => void): Timer;
  /** Runs `callback` in the loop's next turn, after what is already waiting. */
  immediate(callback: () => void): void;
}

/** @throws RangeError, TypeError as {@link Timers} say */
export function checkDelay(delayMs: number): void {
  checkNumber('delay', delayMs);
  if (!(delayMs >= 0 && delayMs < Infinity)) {
    throw new RangeError(`a delay is 0 ms or more and finite, not ${delayMs}`);
  }
}

/** @throws TypeError */
export function checkCallback(name: 'after' | 'every' | 'immediate', callback: unknown): void {
  const delay = { after: 'delayMs, ', every: 'periodMs, ', immediate: '' }[name];
  checkFunction(`timers.${name}`, callback, `env.timers.${name}(${delay}() => { … })`);
}

/** TypeScript says so, and much of what calls is not TypeScript. */
function checkNumber(what: string, ms: unknown): void {
  if (typeof ms === 'number') return;
  const given = typeof ms === 'string' ? `'${ms}'` : String(ms);
  throw new TypeError(`a ${what} is a number of ms, not ${given}`);
}

/** {@link Timers.every} for those who have the rest. */
export function periodic(
  timers: Pick<Timers, 'after'>,
  periodMs: number,
  callback: () => void,
): Timer {
  checkNumber('period', periodMs);
  checkCallback('every', callback);
  if (!(periodMs > 0)) throw new RangeError(`a period is more than 0 ms, not ${periodMs}`);
  let timer: Timer;
  let cancelled = false;
  const run = (): void => {
    try {
      callback();
    } finally {
      if (!cancelled) timer = timers.after(periodMs, run);
    }
  };
  timer = timers.after(periodMs, run);
  return {
    cancel: () => {
      cancelled = true;
      timer.cancel();
    },
  };
}
