// The original: programs under test may run while it is replaced.
const { setImmediate } = globalThis;

/**
 * Runs `body` where worlds can run: not inside a promise's callback, in which nothing drains (see
 * `drain.ts`). Settles with what it returns or throws.
 */
export function inMacrotask<Result>(body: () => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(body());
      } catch (error) {
        reject(error);
      }
    });
  });
}
