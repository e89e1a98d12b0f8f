/** Node.js takes longer ones for 1 ms. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Lets some wait for what others bring about. */
export class Changes {
  private readonly wakers = new Set<() => void>();

  /** Something has changed: whoever waits looks again. */
  tell(): void {
    for (const wake of this.wakers) wake();
  }

  /** Resolves as soon as `holds` does after a change, and after `forMs` in any case. */
  async until(holds: () => boolean, forMs: number): Promise<void> {
    const endMs = performance.now() + forMs;
    for (;;) {
      if (holds()) return;
      const restMs = endMs - performance.now();
      if (restMs <= 0) return;
      await this.next(restMs);
    }
  }

  private next(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(withinMs, TIMER_MS_MAX));
      this.wakers.add(wake);
    });
  }
}
