/** Nanoseconds in a millisecond. Env speaks milliseconds, the kernel whole nanoseconds. */
export const NS_PER_MS = 1_000_000;

/** A duration from a port in whole ns, rounded up, so that nothing is early. */
export function nsOfMs(ms: number): number {
  return Math.ceil(ms * NS_PER_MS);
}

export function msOfNs(ns: number): number {
  return ns / NS_PER_MS;
}
