import type { ThreadStep } from '../env/threads.ts';
import { ThreadsError } from './errors.ts';

/** What the body of a thread returns when it is called. */
export type Steps = Generator<ThreadStep<unknown>, unknown, unknown>;

/**
 * What a body has returned, as its steps.
 *
 * @throws ThreadsError `not-a-step` when it is no generator function.
 */
export function stepsOf(name: string, returned: unknown): Steps {
  if (typeof (returned as Steps | undefined)?.next === 'function') return returned as Steps;
  const message = `the body of ${name} is no generator function: write function*`;
  throw new ThreadsError('not-a-step', message);
}
