import seedrandom from 'seedrandom';

/** What all draws of one run depend on. */
export interface Keys {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** Keys from a readable seed, any string (J. Baagøe's Alea, through seedrandom). */
export function keysOf(seed: string): Keys {
  const words = seedrandom.alea(seed);
  return { a: words.int32(), b: words.int32(), c: words.int32(), d: words.int32() };
}
