/**
 * A node's clocks over the world's one: `local = anchor + (now - since) * rate`, which drifts; the
 * wall clock adds an offset, which jumps. Times are ns; a rate is in parts per million off true.
 */
import type { Clock } from '../env/clock.ts';
import type { Kernel } from '../sched/kernel.ts';
import { msOfNs, NS_PER_MS } from './units.ts';

/** Epoch milliseconds of every run's start, unless told: 2026-01-01T00:00:00Z. */
export const EPOCH_MS = 1_767_225_600_000;

const DRIFT_PPM_MAX = 500_000;

/** Reads in one step before each costs time, so that waiting in a loop for a clock ends. */
const FREE_READS = 1000;
const READ_NS = 10_000;

export class NodeClock implements Clock {
  private readonly kernel: Kernel;
  private readonly epochMs: number;
  private sinceNs = 0;
  private anchorNs = 0;
  /** The sum of all drifts, and the part of it that counts. */
  private driftsPpm = 0;
  private driftPpm = 0;
  private offsetNs = 0;

  constructor(kernel: Kernel, epochMs: number) {
    this.kernel = kernel;
    this.epochMs = epochMs;
  }

  wallMs(): number {
    this.countRead();
    return Math.floor(this.epochMs + msOfNs(this.localNs() + this.offsetNs));
  }

  monotonicMs(): number {
    this.countRead();
    return msOfNs(this.localNs());
  }

  /** Monotonic ns, unrounded and uncounted: for timestamps that the harness itself takes. */
  localNs(): number {
    const elapsedNs = this.kernel.nowNs - this.sinceNs;
    return this.anchorNs + elapsedNs + Math.floor((elapsedNs * this.driftPpm) / 1_000_000);
  }

  /** The world's ns until this clock has advanced by `localNs`, rounded up. */
  worldNs(localNs: number): number {
    return this.driftPpm === 0
      ? localNs
      : Math.ceil((localNs * 1_000_000) / (1_000_000 + this.driftPpm));
  }

  /**
   * From now on the clock gains this many microseconds a second more than so far; negative ones
   * lose. Several add up, to half its speed at most; one ends by its negative.
   */
  drift(ppm: number): void {
    this.anchorNs = this.localNs();
    this.sinceNs = this.kernel.nowNs;
    this.driftsPpm += ppm;
    this.driftPpm = Math.max(-DRIFT_PPM_MAX, Math.min(DRIFT_PPM_MAX, this.driftsPpm));
  }

  /** The wall clock jumps by this much, forward or back. */
  jump(byMs: number): void {
    this.offsetNs += byMs * NS_PER_MS;
  }

  private countRead(): void {
    if (++this.kernel.reads > FREE_READS) this.kernel.nowNs += READ_NS;
  }
}
