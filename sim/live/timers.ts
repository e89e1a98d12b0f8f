import { checkCallback, checkDelay, periodic, type Timer, type Timers } from '../env/timers.ts';

/** Node keeps delays in 31 bits and takes longer ones for 1 ms. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** The process's own timers; they keep it running. */
export class LiveTimers implements Timers {
  private readonly pending = new Set<LiveTimer>();
  private closed = false;

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  after(delayMs: number, callback: () => void): Timer {
    checkDelay(delayMs);
    checkCallback('after', callback);
    const timer = new LiveTimer(this.pending, callback);
    if (!this.closed) timer.start(wholeMs(delayMs));
    return timer;
  }

  every(periodMs: number, callback: () => void): Timer {
    return periodic(this, periodMs, callback);
  }

  immediate(callback: () => void): void {
    checkCallback('immediate', callback);
    setImmediate(() => {
      if (!this.closed) callback();
    });
  }

  /** Nothing that waits here will run. */
  close(): void {
    this.closed = true;
    for (const timer of this.pending) timer.cancel();
  }
}

/**
 * Node counts from the loop's clock cut to whole milliseconds, so its timers are up to one early.
 * One more for each makes up for that, and equal delays stay equal, hence in order.
 */
function wholeMs(delayMs: number): number {
  return Math.ceil(delayMs) + 1;
}

class LiveTimer implements Timer {
  private readonly pending: Set<LiveTimer>;
  private readonly callback: () => void;
  private handle: NodeJS.Timeout | undefined;

  constructor(pending: Set<LiveTimer>, callback: () => void) {
    this.pending = pending;
    this.callback = callback;
  }

  start(delayMs: number): void {
    this.pending.add(this);
    const stageMs = Math.min(delayMs, DELAY_MS_MAX);
    this.handle = setTimeout(() => {
      if (stageMs < delayMs) {
        this.start(delayMs - stageMs);
        return;
      }
      this.pending.delete(this);
      this.callback();
    }, stageMs);
  }

  cancel(): void {
    this.pending.delete(this);
    clearTimeout(this.handle);
  }
}
