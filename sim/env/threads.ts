/**
 * A step of a simulated thread: one access to a shared cell or one call on a lock. Made by the
 * objects of `groundhog/threads`, handed to the scheduler with `yield`, or with `yield*` where its
 * result is wanted with its type.
 */
export interface ThreadStep<Result> {
  [Symbol.iterator](): Iterator<ThreadStep<unknown>, Result, unknown>;
}

/** The body of a thread: a generator that yields one step for each access to shared state. */
// biome-ignore lint/suspicious/noExplicitAny: a plain `yield` takes the result of whatever step it made.
export type ThreadBody<Result> = () => Generator<ThreadStep<unknown>, Result, any>;

/** Threads of one node over shared cells, interleaved at every step as the seed says. */
export interface Threads {
  /** Starts a thread; resolves with its result, rejects with what it threw. */
  spawn<Result>(name: string, body: ThreadBody<Result>): Promise<Result>;

  /**
   * Runs a native program, C++ threads on fibers, to its end within this step; they are interleaved
   * at every atomic operation, and what its memory model allows is chosen too, as the seed says.
   * Live, the calmest order is taken. Answers with what was found.
   *
   * @throws RangeError when no native program has that name
   */
  native(program: string): NativeVerdict;
}

export interface NativeVerdict {
  /** `passed`, `violated`, `race`, `deadlock`, `livelock`, `use after free`, `double free`, `leak`, `uninitialised`. */
  readonly verdict: string;
  readonly message: string;
}
