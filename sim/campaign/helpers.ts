/** Worker processes that make attempts for a shrinker. */
import { availableParallelism } from 'node:os';
import type { Tinypool } from 'tinypool';
import type { Candidate, Helpers, Setting, Tried } from '../shrink/attempt.ts';
import { processes } from './processes.ts';
import { type Sent, sentCandidate, triedOf } from './sent.ts';
import type { TargetRef } from './targets.ts';

export interface HelperTask {
  readonly target: TargetRef;
  readonly setting: Setting;
  readonly candidate: Sent;
  /** Real ms. */
  readonly forMs: number;
}

/** Real ms that a helper may take beyond its time before it is given up. */
const GRACE_MS = 10_000;

/** With fewer, loading the target anew and guessing wrong take more than they give. */
const WORTH_IT = 3;

/** Starts when first asked, since most shrinking is over before a process is up. */
export class HelperPool {
  private readonly target: TargetRef;
  private readonly count: number;
  private pool: Tinypool | undefined;

  constructor(target: TargetRef, count: number = availableParallelism()) {
    this.target = target;
    this.count = count;
  }

  /** For a shrinker's budget; undefined where two would be no quicker than one, which need not load anything. */
  readonly helpers = (): Helpers | undefined => {
    const { count } = this;
    if (count < WORTH_IT) return undefined;
    this.pool = processes(new URL('./helper-worker.js', import.meta.url), count);
    return { count, attempt: (...order) => this.attempt(...order) };
  };

  async close(): Promise<void> {
    await this.pool?.destroy();
  }

  private async attempt(setting: Setting, candidate: Candidate, forMs: number): Promise<Tried> {
    const task: HelperTask = {
      target: this.target,
      setting,
      candidate: sentCandidate(candidate),
      forMs,
    };
    const signal = AbortSignal.timeout(Math.ceil(forMs) + GRACE_MS);
    try {
      return triedOf(await this.pool!.run(task, { signal }));
    } catch (error) {
      // A worker that was lost has decided nothing; what it was to try is not tried.
      if ((error as Error).name === 'AbortError') return { is: 'stopped' };
      throw error;
    }
  }
}
