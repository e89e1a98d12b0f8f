import type { History } from '../history.ts';

/** A history as it was read from a file. */
export interface Recorded {
  readonly history: History;
  /** By operation: the line on which it begins, from 1. */
  readonly lines: readonly number[];
  /** By operation: the line on which it ends, in formats where that may be another one. */
  readonly endLines?: readonly number[];
  /** What else happened, such as faults. */
  readonly marks?: readonly Mark[];
  /** How the text was read where it can be read in more than one way. */
  readonly readings?: readonly string[];
  /**
   * What makes the history impossible, whatever the system did: it was recorded wrongly and is not
   * to be judged.
   */
  readonly impossible?: { readonly message: string; readonly line: number };
}

export interface Mark {
  /** On the order of the operations' times. */
  readonly at: number;
  readonly label: string;
}
