import type { Draws } from '../choice/program-random.ts';
import { site } from '../choice/site.ts';
import type { Timer, Timers } from '../env/timers.ts';

const PAUSE = site('operation.pause');

/** The longest pause over the mean one, as in simulation (sim/node/operation.ts). */
const PAUSE_MAX = 60;

/** Operations of a node's workload, one after another or side by side. */
export class Operations {
  /** How many were asked for. */
  count = 0;
  private readonly timers: Timers;
  private readonly draws: Draws;
  private readonly pauses = new Set<() => void>();
  private over = false;
  private underWay = 0;
  private idle: (() => void) | undefined;

  constructor(options: { timers: Timers; draws: Draws }) {
    this.timers = options.timers;
    this.draws = options.draws;
  }

  async operate(thinkMs: number, body: () => Promise<void>): Promise<void> {
    this.count++;
    this.underWay++;
    try {
      await this.pause(thinkMs);
      if (!this.over) await body();
    } finally {
      this.underWay--;
      if (this.underWay === 0) this.idle?.();
    }
  }

  /** When none is under way: a program may not have awaited all that it has begun. */
  async allOver(): Promise<void> {
    while (this.underWay > 0) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    }
  }

  /** From now on operations are dropped, those that pause before they begin too. */
  windDown(): void {
    this.over = true;
    for (const end of this.pauses) end();
  }

  private pause(thinkMs: number): Promise<void> {
    // A workload without end still lets its process breathe.
    if (this.over) return new Promise((resolve) => this.timers.immediate(resolve));
    const shape = { min: 0, max: Math.ceil(PAUSE_MAX * thinkMs * 1000), spread: 'steep' } as const;
    const pauseMs = this.draws.value(PAUSE, shape) / 1000;
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const end = (): void => {
        timer?.cancel();
        this.pauses.delete(end);
        resolve();
      };
      this.pauses.add(end);
      timer = this.timers.after(pauseMs, end);
    });
  }
}
