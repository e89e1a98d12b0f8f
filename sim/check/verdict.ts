/** One thing that is wrong with a history. */
export interface Anomaly {
  /** The field's own name for it, such as `G-single` or `lost-update`. */
  readonly name: string;
  /** Says in full sentences which operations and values contradict each other. */
  readonly message: string;
  /** The operations that take part, as indices into the history. */
  readonly operations: readonly number[];
  /** Of a cycle: its edges, one after another. */
  readonly edges?: readonly CycleEdge[];
}

/** One transaction comes before another, and why. */
export interface CycleEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: 'ww' | 'wr' | 'rw' | 'process' | 'realtime';
  /** A clause: "because …". */
  readonly because: string;
}

/**
 * What a checker says of a history. Plain data.
 *
 * `unknown` means that a limit was reached or that the history is impossible, never that a clock
 * ran out, unless the caller has set a limit on real time: the same history and limits give the
 * same verdict.
 */
export interface Verdict {
  readonly verdict: 'valid' | 'invalid' | 'unknown';
  /** The model it was judged by, as the command line names it. */
  readonly model: string;
  /** One sentence: how it was decided, what is wrong, or which limit was reached. */
  readonly reason: string;
  /** Empty unless the verdict is `invalid`. */
  readonly anomalies: readonly Anomaly[];
  /** How many operations the history has, failed and unknown ones included. */
  readonly operations: number;
  /** Steps spent, in the unit of {@link Limits.stepsMax}. */
  readonly steps: number;
}

/** How much a checker may spend before it answers `unknown`. Deterministic. */
export interface Limits {
  /** Steps of the model, and what the model's own `spend` adds. */
  readonly stepsMax?: number;
  /**
   * Distinct configurations kept in memory, about 30 bytes each plus 4 for 32 open operations; the
   * states of the model may take twice as much together.
   */
  readonly configurationsMax?: number;
}
