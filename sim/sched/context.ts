/** The stores of AsyncLocalStorage, which a callback has from the code that handed it over. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { insideWorld } from './inside-world.ts';
import { currentSink, type Sink } from './sink.ts';

/** Set by the first use of any AsyncLocalStorage: only then do callbacks have a context to keep. */
let contextsInUse = false;
/** What programs of a world have entered. */
const entered = new WeakMap<Sink, Set<AsyncLocalStorage<unknown>>>();

for (const method of ['run', 'enterWith'] as const) {
  const original = AsyncLocalStorage.prototype[method] as (...args: unknown[]) => unknown;
  AsyncLocalStorage.prototype[method] = function (
    this: AsyncLocalStorage<unknown>,
    ...args: unknown[]
  ) {
    contextsInUse = true;
    if (insideWorld()) note(this);
    return original.apply(this, args);
  } as never;
}

function note(storage: AsyncLocalStorage<unknown>): void {
  const sink = currentSink();
  if (sink === undefined) return;
  const storages = entered.get(sink);
  if (storages === undefined) entered.set(sink, new Set([storage]));
  else storages.add(storage);
}

/**
 * A world is over. Node.js keeps every storage that was entered, and all that it reaches, and (until
 * Node.js 24) marks all promises with it, those of later worlds too.
 */
export function leaveStorages(of: Sink): void {
  for (const storage of entered.get(of) ?? []) storage.disable();
  entered.delete(of);
}

/** The callback in the context of now. */
export function inContext(callback: () => void): () => void {
  if (!contextsInUse) return callback;
  const enter = AsyncLocalStorage.snapshot();
  return () => enter(callback);
}
