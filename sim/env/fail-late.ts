/**
 * Ends a promise with an error that comes on its own, as a refused connection does. It is made once the promise
 * follows another one: so V8 finds who awaits it, and the error's stack has those lines of the program,
 * where made at once it would have the event loop's.
 */
export function failLate(resolve: (failing: Promise<never>) => void, make: () => Error): void {
  // `resolve` follows in one microtask, and that must have run.
  const following = Promise.resolve().then(() => {});
  resolve(
    following.then(() => {
      throw make();
    }),
  );
}
