/** `timers/promises` (lib/timers/promises.js). */
import { define } from './host.ts';
import type { Immediate, Timeout, TimerFunctions } from './timers.ts';

interface Options {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

export interface PromisedTimers {
  setTimeout: <T>(delayMs?: number, value?: T, options?: Options) => Promise<T>;
  setImmediate: <T>(value?: T, options?: Options) => Promise<T>;
  setInterval: <T>(periodMs?: number, value?: T, options?: Options) => AsyncGenerator<T>;
  scheduler: object;
}

export function promisedTimers(timers: TimerFunctions): PromisedTimers {
  const setTimeout = <T>(delayMs?: number, value?: T, options: Options = {}): Promise<T> =>
    settled(options, (done) => timers.setTimeout(done, delayMs), value as T);

  const setImmediate = <T>(value?: T, options: Options = {}): Promise<T> =>
    settled(options, (done) => timers.setImmediate(done), value as T);

  async function* setInterval<T>(
    periodMs?: number,
    value?: T,
    options: Options = {},
  ): AsyncGenerator<T> {
    const { signal, ref = true } = options;
    if (signal?.aborted) throw abortError(signal);
    let elapsed = 0;
    let wake: (() => void) | undefined;
    let stop: ((error: unknown) => void) | undefined;
    const interval = timers.setInterval(() => {
      elapsed++;
      wake?.();
      wake = undefined;
    }, periodMs);
    if (!ref) interval.unref();
    const abort = (): void => {
      timers.clearInterval(interval);
      stop?.(abortError(signal!));
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      while (!signal?.aborted) {
        if (elapsed === 0) {
          await new Promise<void>((resolve, reject) => {
            wake = resolve;
            stop = reject;
          });
        }
        for (; elapsed > 0; elapsed--) yield value as T;
      }
      throw abortError(signal);
    } finally {
      timers.clearInterval(interval);
      signal?.removeEventListener('abort', abort);
    }
  }

  const scheduler = {};
  define(scheduler, {
    wait: (delayMs: number, options?: Options) => setTimeout(delayMs, undefined, options),
    yield: () => setImmediate(),
  });
  return { setTimeout, setImmediate, setInterval, scheduler };
}

function settled<T>(
  { signal, ref = true }: Options,
  start: (done: () => void) => Timeout | Immediate,
  value: T,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    const pending = start(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    });
    if (!ref) pending.unref();
    const abort = (): void => {
      pending.close();
      reject(abortError(signal!));
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function abortError({ reason }: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: reason });
  Object.defineProperty(error, 'name', { value: 'AbortError', configurable: true, writable: true });
  return Object.assign(error, { code: 'ABORT_ERR' });
}
