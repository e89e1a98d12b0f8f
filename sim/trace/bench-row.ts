/** One line of `npm run bench` or `npm run score`: a number, or why there is none. */
export type BenchRow = MeasuredRow | SkippedRow;

export interface MeasuredRow {
  /** `part/what`. */
  readonly name: string;
  /** As measured on this machine. */
  readonly raw: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /**
   * How the value depends on the machine's speed: absolute rates and times are normalised to one
   * whose `kernel/bare-async` is 2.5 million steps a second.
   */
  readonly scales: 'rate' | 'time' | 'none';
  /** As the issue writes it: `>= 0.5`. */
  readonly target?: string;
  /** What was measured beside it in the same run. */
  readonly against?: string;
}

interface SkippedRow {
  readonly name: string;
  readonly skipped: string;
}

/** A part's rows, in order, as they become known. */
export type Rows = AsyncIterable<BenchRow>;
