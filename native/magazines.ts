// The way of most allocations and frees in a live program: a few words are read and written in
// native memory, and native code is not entered. It is what pool/pool.h and alloc/heap.h do, on the
// same words; they take over when a magazine is empty or full, and when anything looks wrong.
//
//   a magazine, 64 words:   count | capacity | top | below[0..60]
//   before a block's bytes: bytes | tag | check | canary, and behind them the rear canary
//   a slab:                 4,096 units of 16 bytes, of which the first of a block is its front
//
// These numbers stand in the code as they are: a name of a module is looked up, and what counts here is
// how few instructions there are between one block's words and the next one's, so that the processor
// fetches both at once.
//
// The words belong to one thread, as the way into the pool does.

/** What addon/pools.cc says about the magazines of a pool. */
export interface MagazineParts {
  ledger: ArrayBuffer;
  /** Where in the ledger. */
  magazines: Part;
  /** A byte for each slab of 64 KiB: the class of its blocks, or 0. */
  slabClasses: Part;
  classOfUnits: Uint8Array;
  canary: number;
  freed: number;
  salt: number;
}

interface Part {
  readonly offset: number;
  readonly bytes: number;
}

/** Blocks above this, guards included, have no class. */
const BYTES_MAX = 64 * 1024 - 16 - 4;
/** From this many bytes on, `fill` is faster than a loop. */
const FILL_FROM_BYTES = 1024;

export class Magazines {
  /** Blocks and their bytes, allocated here less freed here. */
  blocks = 0;
  bytes = 0;
  private readonly magazines: Int32Array;
  private readonly slabClasses: Uint8Array;
  private readonly classOfUnits: Uint8Array;
  /** From a block's bytes to its last word, by its class. */
  private readonly lastWord: Int32Array;
  /** Where what is read ahead goes, so that the reading is not left out. */
  private readonly readAhead = new Int32Array(1);
  private readonly words: Int32Array;
  private readonly pairs: Float64Array;
  private readonly region: Uint8Array;
  private readonly isZeroed: boolean;
  private readonly canary: number;
  private readonly freed: number;
  private readonly salt: number;

  constructor(parts: MagazineParts, region: ArrayBuffer, zeroed: boolean) {
    const { ledger, magazines, slabClasses } = parts;
    this.magazines = new Int32Array(ledger, magazines.offset, magazines.bytes / 4);
    this.slabClasses = new Uint8Array(ledger, slabClasses.offset, slabClasses.bytes);
    this.classOfUnits = parts.classOfUnits;
    this.lastWord = lastWords(parts.classOfUnits);
    this.words = new Int32Array(region);
    this.pairs = new Float64Array(region);
    this.region = new Uint8Array(region);
    this.isZeroed = zeroed;
    this.canary = parts.canary;
    this.freed = parts.freed;
    this.salt = parts.salt;
  }

  /** An offset, or -1 when native code has to do it. */
  allocate(bytes: number, tag: number): number {
    const size = bytes | 0;
    if (size !== bytes || (size - 1) >>> 0 >= BYTES_MAX) return -1;
    const { magazines, words, canary } = this;
    const at = this.classOfUnits[unitsAround(size)]! << 6;
    const count = magazines[at]!;
    if (count === 0) return -1;
    const unit = magazines[at + 2]!;
    magazines[at + 2] = magazines[at + count + 2]!;
    magazines[at] = count - 1;

    const block = (unit << 2) + 4;
    words[block - 4] = size;
    words[block - 3] = tag;
    words[block - 2] = check(unit ^ this.salt, size, tag);
    words[block - 1] = canary;
    if (this.isZeroed) this.zero(block, size);
    // Two words, which are one where the bytes fill theirs: no branch depends on the size. The user's
    // part of the last one is zero, whatever was there: to keep it would be to wait for it.
    words[block + (size >>> 2)] = canary & behind(size);
    words[block + ((size + 3) >>> 2)] = canary;
    this.blocks += 1;
    this.bytes += size;
    return unit * 16 + 16;
  }

  /** Whether it was freed. If not, native code has to do it, or knows what is wrong. */
  free(offset: number): boolean {
    const { magazines, words, canary } = this;
    const unit = (offset >>> 4) - 1;
    if (unit * 16 + 16 !== offset) return false;
    const block = (unit << 2) + 4;
    // The blocks of a slab have one class, so neither the way to the rear guard nor the magazine
    // waits for the block's own words: misses of several frees overlap.
    const size = this.slabClasses[unit >>> 12]!;
    this.readAhead[0] = words[block + this.lastWord[size]!]!;
    const bytes = words[block - 4]!; // undefined outside of the region
    if ((bytes - 1) >>> 0 >= BYTES_MAX) return false;
    const wrong =
      (words[block - 1]! ^ canary) |
      (words[block - 2]! ^ check(unit ^ this.salt, bytes, words[block - 3]!)) |
      ((words[block + (bytes >>> 2)]! ^ canary) & behind(bytes)) |
      (words[block + ((bytes + 3) >>> 2)]! ^ canary);
    if (wrong !== 0) return false;

    const at = (size === 0 ? this.classOfUnits[unitsAround(bytes)]! : size) << 6;
    const count = magazines[at]!;
    if (count === magazines[at + 1]) return false;
    magazines[at + count + 3] = magazines[at + 2]!;
    magazines[at + 2] = unit;
    magazines[at] = count + 1;
    words[block - 1] = this.freed;
    this.blocks -= 1;
    this.bytes -= bytes;
    return true;
  }

  /** Up to fifteen bytes more, which lie in the block: the rear canary is set afterwards. */
  private zero(firstWord: number, bytes: number): void {
    if (bytes >= FILL_FROM_BYTES) {
      this.region.fill(0, firstWord * 4, firstWord * 4 + bytes);
      return;
    }
    const pairs = this.pairs;
    const end = (firstWord + ((bytes + 15) >>> 4) * 4) >>> 1;
    for (let at = firstWord >>> 1; at < end; at += 2) {
      pairs[at] = 0;
      pairs[at + 1] = 0;
    }
  }
}

/** Of the word in which a block's bytes end, the bits that are not the user's. */
function behind(bytes: number): number {
  return -1 << ((bytes & 3) * 8);
}

function lastWords(classOfUnits: Uint8Array): Int32Array {
  const words = new Int32Array(256);
  for (const [units, size] of classOfUnits.entries()) words[size] = Math.max(-4, units * 4 - 5);
  return words;
}

/** The units of a block with its guards. */
function unitsAround(bytes: number): number {
  return (((bytes + 3) & ~3) + 35) >>> 4;
}

/** As `Guard::check` in alloc/guard.h. */
function check(saltedUnit: number, bytes: number, tag: number): number {
  return (Math.imul(saltedUnit, 0x9e3779b1) - bytes) ^ tag;
}
