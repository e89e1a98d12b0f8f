import type { RunVerdict } from '../trace/run.ts';

/** Exit codes of all commands. */
export const EXIT: { readonly [Verdict in RunVerdict | 'usage' | 'interrupted']: number } = {
  passed: 0,
  violated: 1,
  usage: 2,
  diverged: 3,
  inconclusive: 4,
  vacuous: 4,
  interrupted: 130,
};

/** Wrong usage or bad input: one line that says what is wrong and what to do. Ends with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Survives the way from a worker process. */
  readonly isUserError = true;
}
