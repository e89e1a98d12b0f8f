/**
 * - `bad-option`: an option's value makes no sense; the message names it
 * - `bad-program`: a role's program cannot be run: no such file, or not compiled
 * - `unsupported`: this platform lacks what live runs need
 * - `not-built`: the file that nodes start from is not there
 */
export type LiveErrorCode = 'bad-option' | 'bad-program' | 'unsupported' | 'not-built';

/** A live run that could not begin. It says nothing about the system under test. */
export class LiveError extends Error {
  override readonly name = 'LiveError';
  readonly code: LiveErrorCode;

  constructor(code: LiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
