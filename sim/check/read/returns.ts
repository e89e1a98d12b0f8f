import { firstFrom } from '../ascending.ts';
import type { History } from '../history.ts';

/**
 * With a return for each `ok` call that does not tell its own and that another call of its process
 * follows: as late as it can have been, at the last moment before that call.
 */
export function withReturns(history: History): History {
  const next = new Map<string, number>();
  const ends: [index: number, before: number][] = [];
  for (let i = history.length - 1; i >= 0; i--) {
    const { process, outcome, called, returned } = history[i]!;
    const before = next.get(process);
    if (outcome === 'ok' && returned === Infinity && before !== undefined) ends.push([i, before]);
    next.set(process, called);
  }
  if (ends.length === 0) return history;
  const moments = Float64Array.from(
    history.flatMap(({ called, returned }) => [called, returned]),
  ).sort();
  const whole = [...history];
  for (const [i, before] of ends) {
    const { called } = history[i]!;
    const last = moments[firstFrom(moments, before) - 1] ?? called;
    whole[i] = { ...history[i]!, returned: Math.max(called, last) };
  }
  return whole;
}
