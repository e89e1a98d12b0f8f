/**
 * Integer mixing shared by draws, step identities and digests.
 *
 * `scramble` is the 32-bit finalizer of MurmurHash3 (A. Appleby, 2011): a bijection in which every
 * input bit flips each output bit with a chance close to one half.
 */
export function scramble(word: number): number {
  let h = word;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The 32-bit golden ratio: spreads small counters over the word before they are mixed in. */
export const GOLDEN: number = 0x9e3779b1 | 0;

/** FNV-1a over UTF-16 code units, scrambled: the hash of a name. */
export function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return scramble(h);
}

/** One word of two, which depends on their order. */
export function both(a: number, b: number): number {
  return scramble(Math.imul(a, GOLDEN) ^ b);
}
