/** Runs parts of worlds between a person's questions: in slices, under the watchdog, until done. */
import { guarded } from '../node/guard/guarded.ts';
import { inMacrotask } from '../sched/macrotask.ts';
import { now } from '../sched/real-clock.ts';
import { leaveAsyncScopes, underWatch } from '../sched/watchdog.ts';

export interface Pace {
  /** Real ms after which one slice counts as a hang; Infinity where a person may stop it. */
  readonly hangMs: number;
  /** Asked between slices: when true, the work is given up. */
  readonly stopped: () => boolean;
}

const SLICE_MS = 100;

/**
 * Calls `work` where worlds can run, again and again until it returns true. Each call is to be short;
 * what it throws ends it.
 */
export async function inSlices(
  work: () => boolean,
  { hangMs, stopped }: Pace,
): Promise<'done' | 'hung' | 'stopped'> {
  let done = false;
  const slice = (): void => {
    const until = now() + SLICE_MS;
    while (!done && now() < until) done = work();
  };
  while (!done) {
    if (stopped()) return 'stopped';
    const end = await inMacrotask(() => {
      const how = guarded(() => watched(hangMs, slice));
      if (how === 'hung') leaveAsyncScopes();
      return how;
    });
    if (end === 'hung') return 'hung';
  }
  return 'done';
}

function watched(hangMs: number, slice: () => void): 'done' | 'hung' {
  if (hangMs !== Infinity) return underWatch(hangMs, slice);
  slice();
  return 'done';
}
