// What a queue holds, as a state of a search that may have thousands of values in it. Printing each
// state would take time and memory in the square of their number.
//
//   list  │ gone │ a │ b │ c │ later states' │
//                from        to
//
// States share lists: nobody changes what is in one, and whoever enqueues adds behind its own end, or
// makes a copy when another state has added something else there. Contents are found again by a
// hash that follows from the one before, and compared value by value, so that a collision of hashes
// cannot change a verdict.

import type { Plain } from '../../env/net.ts';
import { type Key, keyOf, print, samePlain } from '../plain.ts';
import type { Abstraction } from './model.ts';

export interface QueueContents {
  readonly list: Plain[];
  readonly from: number;
  readonly to: number;
  /** The values' hashes, each times a power of {@link BASE}: 1 for the newest. */
  readonly hash: number;
  /** {@link BASE} to the power of how many there are. */
  readonly power: number;
  /** How many values were copied for it. */
  readonly copied: number;
  /** Equal for equal contents, once {@link sameContents} has seen them. */
  readonly number?: number;
}

/** Odd, so that it has an inverse modulo 2^32. */
const BASE = 0x9e3779b1 | 0;
const INVERSE = inverseOf(BASE);
const CONTENTS_WORDS = 48;

export const EMPTY: QueueContents = { list: [], from: 0, to: 0, hash: 0, power: 1, copied: 0 };

export function enqueued(contents: QueueContents, value: Plain): QueueContents {
  const { from, to } = contents;
  const hash = (Math.imul(contents.hash, BASE) + hashOf(keyOf(value))) | 0;
  const power = Math.imul(contents.power, BASE);
  const { list } = contents;
  const isShared = from < to && (list.length === to || samePlain(list[to]!, value));
  if (!isShared) {
    const copy = list.slice(from, to);
    copy.push(value);
    return { list: copy, from: 0, to: copy.length, hash, power, copied: copy.length };
  }
  if (list.length === to) list.push(value);
  return { list, from, to: to + 1, hash, power, copied: 0 };
}

/** Without the oldest value; the same if there is none. */
export function dequeued(contents: QueueContents): QueueContents {
  const { list, from, to } = contents;
  if (from === to) return contents;
  const power = Math.imul(contents.power, INVERSE);
  const hash = (contents.hash - Math.imul(hashOf(keyOf(list[from]!)), power)) | 0;
  return { list, from: from + 1, to, hash, power, copied: 0 };
}

export function valuesOf({ list, from, to }: QueueContents): readonly Plain[] {
  return list.slice(from, to);
}

/** Takes equal contents to the same one, and numbers them. */
export function sameContents(): Abstraction<QueueContents> {
  const known = new Map<number, QueueContents[]>();
  let count = 0;
  return {
    represent(contents) {
      if (contents.number !== undefined) return contents;
      const alike = known.get(contents.hash) ?? [];
      const same = alike.find((other) => areEqual(other, contents));
      if (same !== undefined) return same;
      const numbered = { ...contents, number: count++ };
      known.set(contents.hash, alike);
      alike.push(numbered);
      return numbered;
    },
    words: ({ copied }) => CONTENTS_WORDS + 2 * copied,
  };
}

function areEqual(a: QueueContents, b: QueueContents): boolean {
  const length = a.to - a.from;
  if (length !== b.to - b.from) return false;
  if (a.list === b.list && a.from === b.from) return true;
  for (let i = 0; i < length; i++) {
    if (!samePlain(a.list[a.from + i]!, b.list[b.from + i]!)) return false;
  }
  return true;
}

function hashOf(key: Key): number {
  if (Number.isInteger(key)) return Math.imul((key as number) + 1, 0x85ebca6b);
  let hash = 0x811c9dc5 | 0;
  for (const char of typeof key === 'string' ? key : print(key)) {
    hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  }
  return hash;
}

/** Newton's method: each step doubles the number of right bits. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
}
