/**
 * New inputs from old ones: a few edits, one on top of the other, as in AFL's "havoc" stage
 * (M. Zalewski, "Technical whitepaper for afl-fuzz"), with the words of the format and pieces of
 * other inputs among what is put in.
 */
import type { FuzzRandom } from './random.ts';

export interface MutationSource {
  readonly words: readonly Uint8Array[];
  readonly bytesMax: number;
  /** At least one. */
  readonly corpus: readonly Uint8Array[];
}

const EDITS_MAX = 8;
const PIECE_MAX = 32;
const DIGITS = { first: 0x30, last: 0x39 };

/** Values at which things change: signs, sizes, the ends of UTF-8's lengths. */
const EDGE_BYTES = [0, 1, 2, 7, 8, 16, 32, 64, 100, 127, 128, 129, 191, 192, 224, 240, 254, 255];

type Edit = (input: Uint8Array, random: FuzzRandom, source: MutationSource) => Uint8Array;

export function mutated(input: Uint8Array, random: FuzzRandom, source: MutationSource): Uint8Array {
  let edited = random.of(EDITS)(input, random, source);
  // Mostly few: of what is almost right, little should change.
  for (let more = 1; more < EDITS_MAX && random.chance(2); more++) {
    edited = random.of(EDITS)(edited, random, source);
  }
  return edited.subarray(0, source.bytesMax);
}

const EDITS: readonly Edit[] = [
  function flipBit(input, random) {
    return withByte(input, random, (byte) => byte ^ (1 << random.below(8)));
  },
  function setByte(input, random) {
    return withByte(input, random, () => random.below(256));
  },
  function setEdgeByte(input, random) {
    return withByte(input, random, () => random.of(EDGE_BYTES));
  },
  function addToByte(input, random) {
    return withByte(input, random, (byte) => byte + random.below(33) - 16);
  },
  function setDigit(input, random) {
    const from = placeIn(input, random);
    const at = input.findIndex((byte, i) => i >= from && isDigit(byte));
    if (at < 0) return input;
    return spliced(input, at, 1, Uint8Array.of(DIGITS.first + random.below(10)));
  },
  function insertBytes(input, random) {
    const bytes = Uint8Array.from({ length: 1 + random.below(4) }, () => random.below(256));
    return spliced(input, placeIn(input, random), 0, bytes);
  },
  function insertWord(input, random, { words }) {
    if (words.length === 0) return input;
    return spliced(input, placeIn(input, random), 0, random.of(words));
  },
  function replaceByWord(input, random, { words }) {
    if (words.length === 0) return input;
    const { at, length } = pieceOf(input, random);
    return spliced(input, at, length, random.of(words));
  },
  function removePiece(input, random) {
    const { at, length } = pieceOf(input, random);
    return spliced(input, at, length, NOTHING);
  },
  function repeatPiece(input, random) {
    const { at, length } = pieceOf(input, random);
    return spliced(input, at, 0, input.slice(at, at + length));
  },
  function movePiece(input, random) {
    const { at, length } = pieceOf(input, random);
    const rest = spliced(input, at, length, NOTHING);
    return spliced(rest, placeIn(rest, random), 0, input.slice(at, at + length));
  },
  function pieceOfAnother(input, random, { corpus }) {
    const other = random.of(corpus);
    const { at, length } = pieceOf(other, random);
    const piece = other.slice(at, at + length);
    return spliced(input, placeIn(input, random), random.chance(2) ? length : 0, piece);
  },
  function endOfAnother(input, random, { corpus }) {
    const other = random.of(corpus);
    const at = placeIn(input, random);
    return spliced(input, at, input.length - at, other.slice(placeIn(other, random)));
  },
];

const NOTHING = new Uint8Array(0);

function withByte(
  input: Uint8Array,
  random: FuzzRandom,
  change: (byte: number) => number,
): Uint8Array {
  if (input.length === 0) return input;
  const copy = input.slice();
  const at = random.below(input.length);
  copy[at] = change(copy[at]!);
  return copy;
}

function isDigit(byte: number): boolean {
  return byte >= DIGITS.first && byte <= DIGITS.last;
}

function placeIn(input: Uint8Array, random: FuzzRandom): number {
  return random.below(input.length + 1);
}

/** Short pieces more often than long ones. */
function pieceOf(input: Uint8Array, random: FuzzRandom): { at: number; length: number } {
  const at = placeIn(input, random);
  const most = random.chance(8) ? input.length : PIECE_MAX >> random.below(5);
  return { at, length: Math.min(input.length - at, 1 + random.below(Math.max(1, most))) };
}

/** With `count` bytes at `at` replaced. */
function spliced(input: Uint8Array, at: number, count: number, bytes: Uint8Array): Uint8Array {
  const end = Math.min(input.length, at + count);
  const out = new Uint8Array(at + bytes.length + input.length - end);
  out.set(input.subarray(0, at));
  out.set(bytes, at);
  out.set(input.subarray(end), at + bytes.length);
  return out;
}
