// Linearizability of a set that is only added to and read whole, in one pass.
//
// What the reads saw must form a chain. Its links are levels, and every operation has its place:
//
//   adds first seen at level 0 │ reads of level 0 │ adds first seen at level 1 │ … │ adds not seen
//            rank 0                  rank 1                  rank 2
//
// Adds that may not have happened, and that nobody saw, are left out.

import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { Numbering } from '../numbering.ts';
import { print } from '../plain.ts';
import { operationInWords } from '../words.ts';
import type { Decision } from './model.ts';
import { inversionOf } from './ranks.ts';

const METHOD = 'levels';
const NONE = -1;

interface Levels {
  readonly count: number;
  /** By element: the level at which it was first seen, or -1. */
  readonly ofElement: Int32Array;
  /** By position in the part: the level of a read. */
  readonly ofRead: ReadonlyMap<number, number>;
}

/** `undefined` when there are other operations, or an element is added twice. */
export function decideGrowOnlySet(history: History, part: Int32Array): Decision | undefined {
  const elements = new Numbering(4 * part.length);
  const addOf: number[] = [];
  const reads: number[] = [];
  for (let i = 0; i < part.length; i++) {
    const { name, input, output, outcome } = history[part[i]!]!;
    if (name === 'read') {
      if (outcome === 'ok' && output !== undefined) reads.push(i);
      continue;
    }
    if (name !== 'add' || output === false) return undefined;
    if (elements.add(input) !== addOf.length) return undefined;
    addOf.push(i);
  }
  const levels = levelsOf(history, part, reads, elements);
  if ('valid' in levels) return levels;
  const ranks = ranksOf(history, part, levels, addOf);
  const inversion = inversionOf(history, part, { lowest: ranks, highest: ranks });
  if (inversion === undefined) return { valid: true, by: METHOD };
  const { early, late } = inversion;
  const words = (position: number) => operationInWords(history[part[position]!]!);
  const message = `${words(early)} returned before ${words(late)} was called, but what the reads contain puts it after`;
  return invalid(part, [early, late], message);
}

function levelsOf(
  history: History,
  part: Int32Array,
  reads: readonly number[],
  elements: Numbering,
): Levels | Decision {
  const seenBy = (read: number) => history[part[read]!]!.output as readonly Plain[];
  const words = (read: number) => operationInWords(history[part[read]!]!);
  const distinct = new Map<number, Set<number>>();
  for (const read of reads) {
    const seen = new Set<number>();
    for (const element of seenBy(read)) {
      const number = elements.get(element);
      if (number === NONE) {
        const message = `${words(read)} contains ${print(element)}, which nobody added`;
        return invalid(part, [read], message);
      }
      seen.add(number);
    }
    distinct.set(read, seen);
  }
  const bySize = reads.toSorted((a, b) => distinct.get(a)!.size - distinct.get(b)!.size);
  const ofElement = new Int32Array(elements.count).fill(NONE);
  const ofRead = new Map<number, number>();
  let level = NONE;
  let smaller = NONE;
  let known = NONE;
  for (const read of bySize) {
    const seen = distinct.get(read)!;
    if (seen.size > known) level++;
    let newcomers = 0;
    for (const element of seen) {
      if (ofElement[element] !== NONE) continue;
      ofElement[element] = level;
      newcomers++;
    }
    if (smaller !== NONE && newcomers > seen.size - known) {
      const message = `${words(smaller)} and ${words(read)} each contain an element that the other does not`;
      return invalid(part, [smaller, read], message);
    }
    known = seen.size;
    smaller = read;
    ofRead.set(read, level);
  }
  return { count: level + 1, ofElement, ofRead };
}

/** By position in the part. */
function ranksOf(
  history: History,
  part: Int32Array,
  { count, ofElement, ofRead }: Levels,
  addOf: readonly number[],
): Float64Array {
  const ranks = new Float64Array(part.length).fill(Infinity);
  for (const [read, level] of ofRead) ranks[read] = 2 * level + 1;
  for (const [element, add] of addOf.entries()) {
    const level = ofElement[element]!;
    if (level !== NONE) ranks[add] = 2 * level;
    else if (history[part[add]!]!.outcome === 'ok') ranks[add] = 2 * count;
  }
  return ranks;
}

function invalid(part: Int32Array, positions: readonly number[], message: string): Decision {
  const operations = positions.map((position) => part[position]!);
  return { valid: false, by: METHOD, message, operations };
}
