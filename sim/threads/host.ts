import type { ThreadBody } from '../env/threads.ts';
import type { ThreadState } from './thread.ts';

/** What steps need of whoever drives their threads, and tell it. */
export interface Host {
  /** Set by a step after which other threads may have become able, or unable, to take theirs. */
  stale: boolean;
  /** Set by a step that might have changed its object and did not, as a failed compare-exchange. */
  onlyRead: boolean;
  /** Steps so far that changed something. */
  changes: number;
  /** Threads whose next step is a pause. */
  pausing: number;
  /** Which of `count` sleeping threads wakes, 2 or more; 0 is the first in line. */
  chooseSleeper(count: number): number;
  /** The running step has woken a thread that slept on a condition. */
  woken(sleeper: ThreadState): void;
  /** Makes a thread and runs its body to its first step. */
  spawned(creator: ThreadState, name: string, body: ThreadBody<unknown>): ThreadState;
}
