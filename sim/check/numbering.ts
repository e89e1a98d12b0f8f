import type { Plain } from '../env/net.ts';
import { type Key, keyOf } from './plain.ts';

/**
 * Numbers values from 0 in the order in which they are first seen. Small natural numbers, which
 * most workloads write, go through an array, the rest through a Map.
 */
export class Numbering {
  count = 0;
  readonly #small: Int32Array;
  readonly #others = new Map<Key, number>();

  /** Natural numbers below `smallMax` take the fast way. */
  constructor(smallMax: number) {
    this.#small = new Int32Array(smallMax);
  }

  /** The value's number; a new value gets the next one. */
  add(value: Plain): number {
    if (this.#isSmall(value)) {
      const known = this.#small[value]! - 1;
      if (known >= 0) return known;
      this.#small[value] = ++this.count;
      return this.count - 1;
    }
    const key = keyOf(value);
    const known = this.#others.get(key);
    if (known !== undefined) return known;
    this.#others.set(key, this.count);
    return this.count++;
  }

  /** The value's number, or -1. */
  get(value: Plain): number {
    if (this.#isSmall(value)) return this.#small[value]! - 1;
    return this.#others.get(keyOf(value)) ?? -1;
  }

  #isSmall(value: Plain): value is number {
    return (
      typeof value === 'number' &&
      value >= 0 &&
      value < this.#small.length &&
      Number.isInteger(value)
    );
  }
}
