import { keysOf } from '../sim/choice/seed.ts';

/** Numbers for mutations: xoshiro128** (D. Blackman, S. Vigna, 2018), from a readable seed. */
export class FuzzRandom {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: string) {
    const { a, b, c, d } = keysOf(seed);
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d | 1;
  }

  /** A whole number from 0 to less than `limit`, which is at most 2^31. */
  below(limit: number): number {
    return this.word() % limit;
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  private word(): number {
    const five = Math.imul(this.b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }
}
