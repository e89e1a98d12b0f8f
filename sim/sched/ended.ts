/**
 * What code meets that goes on after its process has ended: the rest of a microtask, or of a `try`
 * around `exit`. Live it would not run any more, so here nothing that it does has an effect.
 */
import type { Owner } from './kernel.ts';

/** Thrown through a program's code to end it at `exit` or `crash`; never seen by who catches errors. */
export class Ended extends Error {
  override readonly name = 'Ended';

  constructor(message = 'the process has ended') {
    super(message);
  }
}

/** @throws Ended */
export function checkAlive(owner: Owner): void {
  if (!owner.alive) throw new Ended();
}

/** What calls return that complete later: theirs never do. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
