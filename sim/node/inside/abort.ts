import { define, type Host } from './host.ts';
import type { TimerFunctions } from './timers.ts';

/** `AbortSignal` of Node.js, but its `timeout` runs on virtual time. */
export function installAbortSignal({ main }: Host, { setTimeout }: TimerFunctions): void {
  const Real = main.AbortSignal;
  function AbortSignal(): never {
    throw new TypeError('Illegal constructor');
  }
  Object.defineProperty(AbortSignal, 'prototype', { value: Real.prototype, writable: false });
  define(AbortSignal, {
    abort: (reason?: unknown) => Real.abort(reason),
    any: (signals: AbortSignal[]) => Real.any(signals),
    timeout: (delayMs: number) => {
      const controller = new main.AbortController();
      const message = 'The operation was aborted due to timeout';
      const abort = (): void => controller.abort(new main.DOMException(message, 'TimeoutError'));
      setTimeout(abort, delayMs).unref();
      return controller.signal;
    },
  });
  define(globalThis, { AbortSignal });
}
