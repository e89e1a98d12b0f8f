/** Who waits for whom, in words. */
import { ThreadsError } from './errors.ts';
import { nameOf } from './operation.ts';
import type { ThreadState } from './thread.ts';

/**
 * Call when `thread` has come to a step that cannot run now.
 *
 * @throws ThreadsError `deadlock` if it never can: it waits for itself, at once or by way of
 * others, or for a mutex whose holder has ended.
 */
export function refuseCycle(thread: ThreadState): void {
  const chain = chainFrom(thread);
  const last = chain.at(-1)!;
  const next = blockerOf(last);
  if (next === thread) throw deadlock(inWords(fromLowest(chain)), chain);
  if (next?.ended) throw deadlock(inWords(chain), chain);
}

/** The error when `threads` have not ended and none of them can run. */
export function deadlockOf(threads: readonly ThreadState[]): ThreadsError {
  for (const thread of threads) {
    const chain = chainFrom(thread);
    const next = blockerOf(chain.at(-1)!);
    if (next === thread || next?.ended) return deadlock(inWords(chain), chain);
  }
  if (threads.length === 1) return deadlock(`${inWords(threads)}, and no other is left`, threads);
  const first = `${threads.length} threads wait, and no other is left to wake them`;
  const details = threads.map((thread) => inWords([thread]));
  return deadlock(first, threads, details);
}

function blockerOf(thread: ThreadState): ThreadState | undefined {
  return thread.operation!.waitsFor?.(thread);
}

/** The thread, the one that it waits for, and so on, each once. */
function chainFrom(thread: ThreadState): ThreadState[] {
  const chain = [thread];
  let next = blockerOf(thread);
  while (next !== undefined && !next.ended && !chain.includes(next)) {
    chain.push(next);
    next = blockerOf(next);
  }
  return chain;
}

/** Told from its lowest thread, a cycle reads the same whoever closed it. */
function fromLowest(cycle: readonly ThreadState[]): ThreadState[] {
  const indices = cycle.map(({ index }) => index);
  const lowest = indices.indexOf(Math.min(...indices));
  return [...cycle.slice(lowest), ...cycle.slice(0, lowest)];
}

function inWords(threads: readonly ThreadState[]): string {
  return threads
    .map((thread) => `${nameOf(thread)} ${thread.operation!.waiting!(thread)}`)
    .join('; ');
}

function deadlock(
  message: string,
  threads: readonly ThreadState[],
  details: readonly string[] = [],
): ThreadsError {
  return new ThreadsError('deadlock', message, { threads: threads.map(nameOf), details });
}
