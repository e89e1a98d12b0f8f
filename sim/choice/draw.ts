/**
 * Draws by a counter-based generator: word `index` of the draw that the step (`lo`, `hi`) makes at
 * a site for the `ordinal`-th time, under the run's keys. No state, so no draw shifts another.
 */
import { GOLDEN, scramble } from './mix.ts';
import type { Keys } from './seed.ts';

/** 32 bits, as an int32. */
export function drawWord(
  keys: Keys,
  siteHash: number,
  lo: number,
  hi: number,
  ordinal: number,
  index: number,
): number {
  const first = scramble(lo ^ keys.a ^ (siteHash + Math.imul(ordinal + 1, GOLDEN)));
  return scramble(first + (hi ^ keys.b) + Math.imul(index, 0x2c1b3c6d));
}

/** A fraction in [0, 1) from an int32. */
export function unitOf(word: number): number {
  return (word >>> 0) / 2 ** 32;
}

/** A fraction in [0, 1) with all 53 bits, for ranges beyond 2^32. */
export function unitOfTwo(high: number, low: number): number {
  return ((high >>> 0) * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}
