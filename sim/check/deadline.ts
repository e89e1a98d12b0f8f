// A limit on real time, for whoever asks for one: then, and only then, may the same history give
// another verdict on another day.

import { executionAsyncId } from 'node:async_hooks';
import { createContext, Script } from 'node:vm';
import { leaveAsyncScopes } from '../sched/watchdog.ts';
import type { Verdict } from './verdict.ts';

const CALL: Script = new Script('check()');

/**
 * What `check` returns, or `unknown` when it takes longer than `limitMs` milliseconds. Holds inside
 * slow steps of a model too, and inside loops that never end. A step that is cut off inside an
 * async scope of its own takes the caller's scopes with it, until the macrotask ends.
 */
export function withinMs<Checked extends Verdict>(
  limitMs: number,
  named: Pick<Verdict, 'model' | 'operations'>,
  check: () => Checked,
): Checked | Verdict {
  const scope = executionAsyncId();
  try {
    return CALL.runInContext(createContext({ check }), { timeout: limitMs }) as Checked;
  } catch (error) {
    if (!isTimeout(error)) throw error;
    if (executionAsyncId() !== scope) leaveAsyncScopes();
    const reason = `undecided after ${limitMs} ms of real time`;
    return { verdict: 'unknown', ...named, reason, anomalies: [], steps: 0 };
  }
}

/** By its code alone: the error belongs to the other context, and is not an `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
