/** Thrown by {@link assert}: a mistake in the code that asserts, never bad input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/**
 * States a fact that only a mistake in our own code can break. Stays on in live runs.
 *
 * @throws AssertionError with `fact`, which is written as the sentence that should have held.
 */
export function assert(condition: boolean, fact: string): asserts condition {
  if (!condition) throw new AssertionError(`assertion failed: ${fact}`);
}

/** Ends a switch over a union: a new variant no longer compiles here. */
export function neverReached(variant: never): never {
  throw new AssertionError(`assertion failed: unknown variant ${JSON.stringify(variant)}`);
}
