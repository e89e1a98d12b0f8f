// The memo of a search: which configurations (set of placed operations, state) were met before.
//
// An entry in the arena is
//
//   state │ first word │ words of the set │ words of the optional set │ … │ …
//
// where only the words between the first operation not placed and the last one placed are kept:
// everything before is placed, everything after is not. Entries are compared word by word, so a
// collision of hashes cannot change a verdict.

/** The set of placed operations, and what the memo needs to know of it. */
export interface PlacedSet {
  /** Words of the required operations, then of the optional ones. */
  readonly words: Int32Array;
  /** Where the optional operations' words begin. */
  readonly optionalFrom: number;
  /** The xor of {@link fingerprint} over the set. */
  hash: number;
}

export type Added = 'new' | 'known' | 'full';

const HEADER = 4;
/** Words of the arena for each configuration allowed: what most take. Sets can be much longer. */
const WORDS_EACH = 8;
const EMPTY = 0;
/** What the states of a model may take, as a multiple of what the configurations may. */
const STATES_SHARE = 2;
const STATE_WORDS_MIN = 1 << 20;

/** Words that the states of one part may take where there may be so many configurations. */
export function stateWords(configurationsMax: number): number {
  return Math.max(STATE_WORDS_MIN, STATES_SHARE * configurationsMax * WORDS_EACH);
}

/** Words that configurations and states of all parts may take. */
export function memoryWords(configurationsMax: number): number {
  return configurationsMax * WORDS_EACH + stateWords(configurationsMax);
}

export class Configurations {
  count = 0;
  readonly #max: number;
  #slots: Int32Array = new Int32Array(64);
  #hashes: Int32Array = new Int32Array(64);
  #arena: Int32Array = new Int32Array(512);
  /** Offset 0 stands for an empty slot. */
  #end = 1;

  constructor(max: number) {
    this.#max = max;
  }

  /** `low` and `high` are the first word that is not full and the last one that is not empty. */
  add(set: PlacedSet, state: number, low: number, high: number): Added {
    const { words, optionalFrom } = set;
    let optionalEnd = words.length;
    while (optionalEnd > optionalFrom && words[optionalEnd - 1] === 0) optionalEnd--;
    const requiredWords = high < low ? 0 : high - low + 1;
    const optionalWords = optionalEnd - optionalFrom;
    const hash = mix(set.hash ^ Math.imul(state + 1, 0x9e3779b1));

    const arena = this.#arena;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let at = this.#slots[slot]!; at !== EMPTY; at = this.#slots[slot]!) {
      if (this.#hashes[slot] === hash) {
        let same =
          arena[at] === state &&
          arena[at + 1] === low &&
          arena[at + 2] === requiredWords &&
          arena[at + 3] === optionalWords;
        let word = at + HEADER;
        for (let i = 0; same && i < requiredWords; i++) same = arena[word++] === words[low + i];
        for (let i = 0; same && i < optionalWords; i++) {
          same = arena[word++] === words[optionalFrom + i];
        }
        if (same) return 'known';
      }
      slot = (slot + 1) & mask;
    }
    const size = HEADER + requiredWords + optionalWords;
    if (this.count >= this.#max || this.words + size > this.#max * WORDS_EACH) return 'full';

    if (this.#end + size > arena.length) this.#growArena(size);
    let at = this.#end;
    this.#slots[slot] = at;
    this.#hashes[slot] = hash;
    const to = this.#arena;
    to[at++] = state;
    to[at++] = low;
    to[at++] = requiredWords;
    to[at++] = optionalWords;
    for (let i = 0; i < requiredWords; i++) to[at++] = words[low + i]!;
    for (let i = 0; i < optionalWords; i++) to[at++] = words[optionalFrom + i]!;
    this.#end = at;
    this.count++;
    if (this.count * 2 > this.#slots.length) this.#growSlots();
    return 'new';
  }

  /** How much of the arena is in use. */
  get words(): number {
    return this.#end - 1;
  }

  #growArena(size: number): void {
    const arena = new Int32Array(Math.max(this.#arena.length * 2, this.#end + size));
    arena.set(this.#arena);
    this.#arena = arena;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const hashes = new Int32Array(slots.length);
    const mask = slots.length - 1;
    for (let i = 0; i < this.#slots.length; i++) {
      const at = this.#slots[i]!;
      if (at === EMPTY) continue;
      const hash = this.#hashes[i]!;
      let slot = hash & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = at;
      hashes[slot] = hash;
    }
    this.#slots = slots;
    this.#hashes = hashes;
  }
}

/** A fixed pseudo-random word for each operation (Zobrist hashing). */
export function fingerprint(operation: number): number {
  return mix(Math.imul(operation + 1, 0x85ebca6b));
}

/** The finalizer of MurmurHash3. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
