/**
 * - `no-such`: a step, node, branch or place that there is not
 * - `blind`: none of the node's code has run yet
 * - `over`: nothing can be changed any more
 * - `bad-code`: an expression that does not parse, or that is none
 * - `disturbs`: a condition that changes the run when it is asked
 * - `hung`: what was evaluated never ended
 * - `diverged`: the run was made again and became another
 * - `stopped`: the user pressed Ctrl-C
 */
export type DebugErrorCode =
  | 'no-such'
  | 'blind'
  | 'over'
  | 'bad-code'
  | 'disturbs'
  | 'hung'
  | 'diverged'
  | 'stopped';

/** What was asked cannot be answered; the message is one line that says why and what to do. */
export class DebugError extends Error {
  override readonly name = 'DebugError';
  readonly code: DebugErrorCode;

  constructor(code: DebugErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
