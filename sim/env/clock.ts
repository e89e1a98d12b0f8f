/** What time a node believes it is. Two nodes need not agree. */
export interface Clock {
  /**
   * Wall clock: milliseconds since the Unix epoch, as this node believes. Off by the node's offset
   * and drift, and may jump in either direction.
   */
  wallMs(): number;

  /**
   * Monotonic clock: milliseconds since a fixed moment of this incarnation, with fractions. Never
   * goes back; runs at the node's own rate, so it drifts but does not jump.
   */
  monotonicMs(): number;
}
