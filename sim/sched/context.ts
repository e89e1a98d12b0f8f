/** The stores of AsyncLocalStorage, which a callback has from the code that handed it over. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Set by the first use of any AsyncLocalStorage: only then do callbacks have a context to keep. */
let contextsInUse = false;
for (const method of ['run', 'enterWith'] as const) {
  const original = AsyncLocalStorage.prototype[method] as (...args: unknown[]) => unknown;
  AsyncLocalStorage.prototype[method] = function (this: unknown, ...args: unknown[]) {
    contextsInUse = true;
    return original.apply(this, args);
  } as never;
}

/** The callback in the context of now. */
export function inContext(callback: () => void): () => void {
  if (!contextsInUse) return callback;
  const enter = AsyncLocalStorage.snapshot();
  return () => enter(callback);
}
