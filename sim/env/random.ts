/**
 * Random choices of a program. Every draw names its site with a literal, `'client.key'`, so that
 * draws at other sites stay as they are when one is added or removed. A run may have 4,096 of them:
 * what is drawn again and again is drawn at one site. Recorded, shrunk and
 * replayed; the first outcome and the smallest number are the calmest, so a shrunk run tends there.
 */
export interface Random {
  /** A whole number from `min` to `max`, both included; `max - min` is below 2^53. */
  integer(site: string, range: { min: number; max: number }): number;

  /**
   * One of the named outcomes by weight (whole numbers, 0 or more, in the order written). An
   * outcome of weight 0 is never drawn; written first, it is one that only shrinking chooses:
   * `branch('client.next', { nothing: 0, read: 3, write: 1 })` lets a shrinker drop operations.
   */
  branch<Outcome extends string>(site: string, weights: Readonly<Record<Outcome, number>>): Outcome;

  /** One of `items`, which must not be empty. */
  pick<Item>(site: string, items: readonly Item[]): Item;

  /** `items` in another order. */
  shuffle<Item>(site: string, items: readonly Item[]): Item[];

  /** `count` bytes, 0 to 65,536. */
  bytes(site: string, count: number): Uint8Array;

  /** A version 4 UUID (RFC 9562). */
  uuid(site: string): string;
}
