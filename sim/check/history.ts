import type { Plain } from '../env/net.ts';
import { bounded } from './words.ts';

/**
 * - `ok`: it took effect and returned `output`
 * - `fail`: it certainly took no effect
 * - `unknown`: it may have taken effect, or may do so at any later time: a time-out, a crash
 */
export type Outcome = 'ok' | 'fail' | 'unknown';

/**
 * One call, from its invocation to its return.
 *
 * `called` and `returned` lie on one total order of the whole history: event numbers in a
 * simulation, nanoseconds live. Where a call and a return are equal the call counts as first, so
 * the two operations overlap.
 */
export interface Operation {
  readonly process: string;
  readonly name: string;
  readonly input: Plain;
  readonly outcome: Outcome;
  /** `undefined` when nobody saw it; then every output is possible. */
  readonly output: Plain | undefined;
  /** Why it failed or is unknown, in the words of the system under test. */
  readonly reason?: string;
  readonly called: number;
  /**
   * `Infinity` when it never came back, or nobody knows when: it overlaps all that is called later,
   * which can only hide a fault.
   */
  readonly returned: number;
}

/** Operations in the order of their calls. */
export type History = readonly Operation[];

/**
 * - `malformed`: the text is not in the format
 * - `unknown-format`: the format has to be named
 * - `unknown-operation`: the model has no operation of this name
 * - `bad-input`: the operation's input or output is not of the form that the model asks for
 * - `impossible`: no system can have been recorded like this: a return before its call, or a call
 *   while the process waits for another
 * - `bad-option`: an option's value makes no sense for this model
 * - `bad-model`: a model of one's own does not keep to what models promise
 * - `unreadable`, `unwritable`: the file cannot be read, or written
 */
export type HistoryErrorCode =
  | 'malformed'
  | 'unknown-format'
  | 'unknown-operation'
  | 'bad-input'
  | 'impossible'
  | 'bad-option'
  | 'bad-model'
  | 'unreadable'
  | 'unwritable';

/** Where in its source an error lies: an operation's index, or a line of a file, from 1. */
export interface Place {
  readonly operation?: number;
  readonly line?: number;
  readonly file?: string;
}

/** A history that cannot be read or does not suit its model. It says nothing about the system. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly code: HistoryErrorCode;
  readonly place: Place;

  constructor(code: HistoryErrorCode, message: string, place: Place = {}, options?: ErrorOptions) {
    super(bounded(message), options);
    this.code = code;
    this.place = place;
  }
}
