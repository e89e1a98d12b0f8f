import type { Plain } from './net.ts';

/**
 * One call in a history, from its invocation on. Exactly one of the three ends is reported; a call
 * that is never ended counts as `unknown`.
 */
export interface Invocation {
  /** It took effect and returned `output`. */
  ok(output?: Plain): void;
  /** It certainly took no effect. */
  fail(reason?: string): void;
  /** It may take effect, now or later: a time-out, a lost reply. */
  unknown(reason?: string): void;
}

/** What clients did and saw, for checkers such as `linearizable`. */
export interface History {
  /** Starts a call. `operation` and `input` are in the terms of the model it is checked against. */
  invoke(operation: string, input?: Plain): Invocation;
}
