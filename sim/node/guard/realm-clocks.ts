/** Clocks of realms, for objects of Node.js that take the time of their making for themselves. */
import { currentSink } from '../../sched/sink.ts';

export interface RealmClock {
  wallMs(): number;
  /** Of `performance.now`. */
  monotonicMs(): number;
}

const clocks = new WeakMap<object, RealmClock>();

/** Steps of the owner are a realm's. */
export function keepClock(owner: object, clock: RealmClock): void {
  clocks.set(owner, clock);
}

/** Of whoever runs the present step; programs have none, and ask `env`. */
export function clockNow(): RealmClock | undefined {
  return clocks.get(currentSink()?.current ?? clocks);
}
