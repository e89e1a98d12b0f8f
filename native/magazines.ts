// The way of most allocations and frees in a live program: a few words are read and written in
// native memory, and native code is not entered. It is what pool/pool.h and alloc/heap.h do, on the
// same words; they take over when a magazine is empty or full, and when anything looks wrong.
//
//   a magazine, 64 words:   count | capacity | top | below[0..60]
//   before a block's bytes: bytes | tag | check | canary, and behind them the rear canary
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

const FRONT_BYTES = 16;
const WORDS = 64;
const COUNT = 0;
const CAPACITY = 1;
const TOP = 2;
const BELOW = 3;

/** A slab has 4,096 units. */
const SLAB_UNITS_SHIFT = 12;

/** Blocks above this, guards included, have no class. */
const BYTES_MAX = 64 * 1024 - FRONT_BYTES - 4;
/** From this many bytes on, `fill` is faster than a loop. */
const FILL_FROM_BYTES = 1024;

export class Magazines {
  /** Blocks and their bytes, allocated here less freed here. */
  blocks = 0;
  bytes = 0;
  readonly #magazines: Int32Array;
  readonly #slabClasses: Uint8Array;
  readonly #classOfUnits: Uint8Array;
  /** From a block's first word to its last, by its class. */
  readonly #lastWord: Uint32Array;
  /** Where what is read ahead goes, so that the reading is not left out. */
  readonly #readAhead = new Int32Array(1);
  readonly #words: Int32Array;
  readonly #pairs: Float64Array;
  readonly #region: Uint8Array;
  readonly #zeroed: boolean;
  readonly #canary: number;
  readonly #freed: number;
  readonly #salt: number;

  constructor(parts: MagazineParts, region: ArrayBuffer, zeroed: boolean) {
    const { ledger, magazines, slabClasses } = parts;
    this.#magazines = new Int32Array(ledger, magazines.offset, magazines.bytes / 4);
    this.#slabClasses = new Uint8Array(ledger, slabClasses.offset, slabClasses.bytes);
    this.#classOfUnits = parts.classOfUnits;
    this.#lastWord = lastWords(parts.classOfUnits);
    this.#words = new Int32Array(region);
    this.#pairs = new Float64Array(region);
    this.#region = new Uint8Array(region);
    this.#zeroed = zeroed;
    this.#canary = parts.canary;
    this.#freed = parts.freed;
    this.#salt = parts.salt;
  }

  /** An offset, or -1 when native code has to do it. */
  allocate(bytes: number, tag: number): number {
    if (!(bytes > 0 && bytes <= BYTES_MAX) || (bytes | 0) !== bytes) return -1;
    const magazines = this.#magazines;
    const at = this.#classOfUnits[unitsAround(bytes)]! * WORDS;
    const count = magazines[at + COUNT]!;
    if (count === 0) return -1;
    const unit = magazines[at + TOP]!;
    magazines[at + TOP] = magazines[at + BELOW + count - 1]!;
    magazines[at + COUNT] = count - 1;

    const words = this.#words;
    const front = unit << 2;
    words[front] = bytes;
    words[front + 1] = tag;
    words[front + 2] = check(unit ^ this.#salt, bytes, tag);
    words[front + 3] = this.#canary;
    if (this.#zeroed) this.#zero(front + 4, bytes);
    this.#setRear(front + 4, bytes);
    this.blocks += 1;
    this.bytes += bytes;
    return unit * 16 + FRONT_BYTES;
  }

  /** Whether it was freed. If not, native code has to do it, or knows what is wrong. */
  free(offset: number): boolean {
    if (offset >>> 0 !== offset || (offset & 15) !== 0 || offset === 0) return false;
    const words = this.#words;
    const front = (offset >>> 2) - 4;
    const unit = front >>> 2;
    // The blocks of a slab have one class, so neither the way to the rear guard nor the magazine
    // waits for the block's own words: misses of several frees overlap.
    let size = this.#slabClasses[unit >>> SLAB_UNITS_SHIFT]!;
    this.#readAhead[0] = words[front + this.#lastWord[size]!]!;
    const bytes = words[front]!; // undefined outside of the region
    if (words[front + 3] !== this.#canary || !(bytes > 0 && bytes <= BYTES_MAX)) return false;
    if (words[front + 2] !== check(unit ^ this.#salt, bytes, words[front + 1]!)) return false;
    if (!this.#rearHolds(front + 4, bytes)) return false;

    const magazines = this.#magazines;
    if (size === 0) size = this.#classOfUnits[unitsAround(bytes)]!;
    const at = size * WORDS;
    const count = magazines[at + COUNT]!;
    if (count === magazines[at + CAPACITY]) return false;
    magazines[at + BELOW + count] = magazines[at + TOP]!;
    magazines[at + TOP] = unit;
    magazines[at + COUNT] = count + 1;
    words[front + 3] = this.#freed;
    this.blocks -= 1;
    this.bytes -= bytes;
    return true;
  }

  /** Up to fifteen bytes more, which lie in the block: the rear canary is set afterwards. */
  #zero(firstWord: number, bytes: number): void {
    if (bytes >= FILL_FROM_BYTES) {
      this.#region.fill(0, firstWord * 4, firstWord * 4 + bytes);
      return;
    }
    const pairs = this.#pairs;
    const end = (firstWord + ((bytes + 15) >>> 4) * 4) >>> 1;
    for (let at = firstWord >>> 1; at < end; at += 2) {
      pairs[at] = 0;
      pairs[at + 1] = 0;
    }
  }

  // Two words, which are one where the bytes fill theirs: no branch waits for a block's words.

  #setRear(firstWord: number, bytes: number): void {
    const words = this.#words;
    const last = firstWord + (bytes >>> 2);
    const users = usersPart(bytes);
    words[last] = (words[last]! & users) | (this.#canary & ~users);
    words[firstWord + ((bytes + 3) >>> 2)] = this.#canary;
  }

  #rearHolds(firstWord: number, bytes: number): boolean {
    const words = this.#words;
    const last = words[firstWord + (bytes >>> 2)]! ^ this.#canary;
    const whole = words[firstWord + ((bytes + 3) >>> 2)]! ^ this.#canary;
    return ((last & ~usersPart(bytes)) | whole) === 0;
  }
}

/** Of the word in which a block's bytes end, the bits that are the user's. */
function usersPart(bytes: number): number {
  return (1 << ((bytes & 3) * 8)) - 1;
}

function lastWords(classOfUnits: Uint8Array): Uint32Array {
  const words = new Uint32Array(256);
  for (const [units, size] of classOfUnits.entries()) words[size] = Math.max(0, units * 4 - 1);
  return words;
}

/** The units of a block with its guards. */
function unitsAround(bytes: number): number {
  return (FRONT_BYTES + ((bytes + 3) & ~3) + 4 + 15) >>> 4;
}

/** As `Guard::check` in alloc/guard.h. */
function check(saltedUnit: number, bytes: number, tag: number): number {
  return (Math.imul(saltedUnit, 0x9e3779b1) - bytes) ^ tag;
}
