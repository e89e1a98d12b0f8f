// A limit on real time, for whoever asks for one: then, and only then, may the same history give
// another verdict on another day. The limit, and Ctrl-C, hold inside slow steps of a model too, and
// inside loops that never end, because the engine itself stops the code.

import { createContext, Script } from 'node:vm';
import type { Verdict } from './verdict.ts';

/** What `check` returns, or `unknown` when it takes longer than `limitMs` milliseconds. */
export function withinMs<Checked extends Verdict>(
  limitMs: number,
  named: Pick<Verdict, 'model' | 'operations'>,
  check: () => Checked,
): Checked | Verdict {
  return stoppable(check, { timeout: limitMs }, 'ERR_SCRIPT_EXECUTION_TIMEOUT', () => {
    const reason = `undecided after ${limitMs} ms of real time`;
    return { verdict: 'unknown', ...named, reason, anomalies: [], steps: 0 };
  });
}

/** What `body` returns, or `undefined` when Ctrl-C ended it; listeners of the signal do not hear it. */
export function untilInterrupted<Result>(body: () => Result): Result | undefined {
  const stopped = () => undefined;
  return stoppable(body, { breakOnSigint: true }, 'ERR_SCRIPT_EXECUTION_INTERRUPTED', stopped);
}

const CALL: Script = new Script('body()');

/** The errors are told apart by their code alone: they belong to the other context. */
function stoppable<Result, Stopped>(
  body: () => Result,
  options: { readonly timeout?: number; readonly breakOnSigint?: boolean },
  code: string,
  stopped: () => Stopped,
): Result | Stopped {
  try {
    return CALL.runInContext(createContext({ body }), options) as Result;
  } catch (error) {
    if ((error as { code?: string }).code !== code) throw error;
    return stopped();
  }
}
