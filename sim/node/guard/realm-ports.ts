/** Time and chance of realms, for what Node.js takes of them by itself, deep in its own objects. */
import { currentSink } from '../../sched/sink.ts';

export interface RealmPorts {
  wallMs(): number;
  /** Of `performance.now`. */
  monotonicMs(): number;
  /** As `crypto.randomInt`: from `min`, below `max`. */
  randomInt(min: number, max: number): number;
}

const kept = new WeakMap<object, RealmPorts>();

/** Steps of the owner are a realm's. */
export function keepPorts(owner: object, ports: RealmPorts): void {
  kept.set(owner, ports);
}

/** Of whoever runs the present step; programs have none, and ask `env`. */
export function portsNow(): RealmPorts | undefined {
  return kept.get(currentSink()?.current ?? kept);
}
