import type { Clock } from '../env/clock.ts';

/** The machine's wall clock, and its monotonic one since this object was made. */
export class LiveClock implements Clock {
  private readonly startMs = performance.now();

  wallMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now() - this.startMs;
  }
}

/**
 * Nanoseconds on CLOCK_MONOTONIC, which all processes of one machine share, since the moment that
 * `originNs` names. Differences are exact for 104 days.
 */
export function machineNs(originNs: bigint): number {
  return Number(process.hrtime.bigint() - originNs);
}
