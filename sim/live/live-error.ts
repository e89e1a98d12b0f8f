/**
 * - `bad-scenario`: what is to run is no scenario
 * - `bad-option`: an option's value makes no sense; the message names it
 * - `bad-program`: a role's program cannot be run: no such file, or no such export
 * - `no-memory`: a program needs native memory, which is not built; the message says how to
 * - `exhausted`: the machine has no more addresses for live runs, or no more files or processes
 * - `unsupported`: this platform lacks what live runs need
 * - `not-built`: the file that nodes start from is not there
 */
export type LiveErrorCode =
  | 'bad-scenario'
  | 'bad-option'
  | 'bad-program'
  | 'no-memory'
  | 'exhausted'
  | 'unsupported'
  | 'not-built';

/** A live run that could not begin. It says nothing about the system under test. */
export class LiveError extends Error {
  override readonly name = 'LiveError';
  readonly code: LiveErrorCode;

  constructor(code: LiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
