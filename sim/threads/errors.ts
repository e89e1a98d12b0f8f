/**
 * - `outside`: an operation was called where no thread runs
 * - `not-yielded`: an operation was called, and another one after it, without a yield between
 * - `not-a-step`: something was yielded that is no operation, or one for the second time
 * - `foreign`: an object of another execution, node or program was used
 * - `not-owner`: a mutex was given back, or waited with, by a thread that does not hold it
 * - `joins-itself`: a thread waits for its own end
 * - `deadlock`: threads wait for each other, or for one that has ended
 * - `data-race`: two threads use plain data, one of them writes, and nothing orders them
 */
export type ThreadsErrorCode =
  | 'outside'
  | 'not-yielded'
  | 'not-a-step'
  | 'foreign'
  | 'not-owner'
  | 'joins-itself'
  | 'deadlock'
  | 'data-race';

/** A program of threads uses them wrongly. */
export class ThreadsError extends Error {
  override readonly name = 'ThreadsError';
  readonly code: ThreadsErrorCode;
  /** Names of the threads involved, if it is not the one in which it shows. */
  readonly threads: readonly string[];
  /** Lines about this occurrence: what each thread waits for, where the two accesses stand. */
  readonly details: string | undefined;

  constructor(
    code: ThreadsErrorCode,
    message: string,
    more: { readonly threads?: readonly string[]; readonly details?: readonly string[] } = {},
  ) {
    super(message);
    this.code = code;
    this.threads = more.threads ?? [];
    this.details = more.details?.length ? more.details.join('\n') : undefined;
  }
}

/** What a violation says was broken. */
export function propertyOf({ code }: ThreadsError): string {
  if (code === 'data-race') return 'data race';
  return code === 'deadlock' ? 'deadlock' : 'wrong use';
}
