/** Something that takes bytes of which nothing is known. */
export interface FuzzTarget {
  readonly name: string;
  /** Words of the format, which mutations put in. */
  readonly words: readonly string[];
  readonly bytesMax: number;
  /** Where to begin, besides the kept corpus. */
  readonly starts: readonly Uint8Array[];
  /** Throws when the input is mishandled; an input that is refused as documented is not. */
  run(input: Uint8Array): void;
}

/** An input broke a promise of the code under test. */
class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

export function promise(held: boolean, message: string): asserts held {
  if (!held) throw new BrokenPromise(message);
}
