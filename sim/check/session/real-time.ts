import type { History, Operation } from '../history.ts';

type Timed = { -readonly [Field in keyof Operation]: Operation[Field] };

/**
 * The history at times of its own, where every operation with an answer returns before its session
 * goes on, and before what it had returned before is called. A linearization of it is an order that
 * keeps that of the sessions: equal times, and returns that nobody saw, leave that open otherwise.
 *
 * Indices stay. The history is in the order of calls.
 */
export function inRealTime(history: History): History {
  const timed: Timed[] = history.map((operation) => ({ ...operation, returned: Infinity }));
  /** By process: the operation with an answer that is open. */
  const open = new Map<string, number>();
  let now = 0;
  for (const [index, { process, outcome, called }] of history.entries()) {
    for (const [session, at] of open) {
      if (session !== process && history[at]!.returned >= called) continue;
      timed[at]!.returned = now++;
      open.delete(session);
    }
    timed[index]!.called = now++;
    if (outcome === 'ok') open.set(process, index);
    else if (outcome === 'fail') timed[index]!.returned = now++;
  }
  return timed;
}
