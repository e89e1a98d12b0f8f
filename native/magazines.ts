// The way of most allocations and frees in a live program: a few words are read and written in
// native memory, and native code is not entered. It is what pool/pool.h and alloc/heap.h do, on the
// same words; they take over when a magazine is empty or full, and when anything looks wrong.
//
//   a magazine, 64 words:   count | capacity | top | below[0..60]
//   before a block's bytes: bytes | tag | check | canary, and behind them the rear canary
//
// The words belong to one thread, as the way into the pool does.

/** What addon.cc says about the magazines of a pool. */
export interface MagazineParts {
  buffer: ArrayBuffer;
  classOfUnits: Uint8Array;
  canary: number;
  freed: number;
  salt: number;
}

const FRONT_BYTES = 16;
const WORDS = 64;
const COUNT = 0;
const CAPACITY = 1;
const TOP = 2;
const BELOW = 3;

/** Blocks above this, guards included, have no class. */
const BYTES_MAX = 64 * 1024 - FRONT_BYTES - 4;
/** From this many bytes on, `fill` is faster than a loop. */
const FILL_FROM_BYTES = 1024;

export class Magazines {
  /** Blocks and their bytes, allocated here less freed here. */
  blocks = 0;
  bytes = 0;
  readonly #magazines: Int32Array;
  readonly #classOfUnits: Uint8Array;
  readonly #words: Int32Array;
  readonly #pairs: Float64Array;
  readonly #region: Uint8Array;
  readonly #zeroed: boolean;
  readonly #canary: number;
  readonly #freed: number;
  readonly #salt: number;

  constructor(parts: MagazineParts, region: ArrayBuffer, zeroed: boolean) {
    this.#magazines = new Int32Array(parts.buffer);
    this.#classOfUnits = parts.classOfUnits;
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
    const bytes = words[front]!; // undefined outside of the region
    if (words[front + 3] !== this.#canary || !(bytes > 0 && bytes <= BYTES_MAX)) return false;
    const unit = front >>> 2;
    if (words[front + 2] !== check(unit ^ this.#salt, bytes, words[front + 1]!)) return false;
    if (!this.#rearHolds(front + 4, bytes)) return false;

    const magazines = this.#magazines;
    const at = this.#classOfUnits[unitsAround(bytes)]! * WORDS;
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

  /** Up to seven bytes more, which lie in the block: the rear canary is set afterwards. */
  #zero(firstWord: number, bytes: number): void {
    if (bytes >= FILL_FROM_BYTES) {
      this.#region.fill(0, firstWord * 4, firstWord * 4 + bytes);
      return;
    }
    const pairs = this.#pairs;
    const end = (firstWord >>> 1) + ((bytes + 7) >>> 3);
    for (let at = firstWord >>> 1; at < end; at += 1) pairs[at] = 0;
  }

  #setRear(firstWord: number, bytes: number): void {
    const words = this.#words;
    const last = firstWord + (bytes >>> 2);
    const left = bytes & 3;
    if (left === 0) {
      words[last] = this.#canary;
      return;
    }
    const users = (1 << (left * 8)) - 1;
    words[last] = (words[last]! & users) | (this.#canary & ~users);
    words[last + 1] = this.#canary;
  }

  #rearHolds(firstWord: number, bytes: number): boolean {
    const words = this.#words;
    const last = firstWord + (bytes >>> 2);
    const left = bytes & 3;
    if (left === 0) return words[last] === this.#canary;
    const users = (1 << (left * 8)) - 1;
    return words[last + 1] === this.#canary && ((words[last]! ^ this.#canary) & ~users) === 0;
  }
}

/** The units of a block with its guards. */
function unitsAround(bytes: number): number {
  return (FRONT_BYTES + ((bytes + 3) & ~3) + 4 + 15) >>> 4;
}

/** As `Guard::check` in alloc/guard.h. */
function check(saltedUnit: number, bytes: number, tag: number): number {
  let hash = Math.imul(saltedUnit, 0x9e3779b1);
  hash = Math.imul(hash ^ bytes, 0x85ebca77);
  return Math.imul(hash ^ tag, 0xc2b2ae3d);
}
