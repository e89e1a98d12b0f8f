import type { LiveBlock } from './binding.ts';

/** The tags of a pool's blocks, numbered in the order of their first use. */
export class Tags {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  numberOf(tag: string): number {
    let number = this.#numbers.get(tag);
    if (number === undefined) {
      number = this.#names.length;
      this.#numbers.set(tag, number);
      this.#names.push(tag);
    }
    return number;
  }

  nameOf(number: number): string | undefined {
    return this.#names[number];
  }

  /** Rows of offset, bytes, tag and whether it is intact, as the addon tells live blocks. */
  blocksOf(rows: Uint32Array): LiveBlock[] {
    return Array.from({ length: rows.length / 4 }, (_, row) => {
      const [offset, bytes, tag, intact] = rows.subarray(row * 4);
      return { offset: offset!, bytes: bytes!, tag: this.nameOf(tag!), intact: intact === 1 };
    });
  }
}
