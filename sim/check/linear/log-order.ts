// Linearizability of a log whose entries are all different, in one pass.
//
// Whole reads, reads by offset and the answers of appends tell the offsets of entries, and these
// put the operations into ranks:
//
//   append at offset i               2i + 1
//   append at an offset not told     above all told ones
//   read of n entries                2n
//   read at offset i, an entry       2i + 2 or higher
//   read at offset i, null           2i or lower

import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { Numbering } from '../numbering.ts';
import { isList, print } from '../plain.ts';
import { operationInWords } from '../words.ts';
import type { Decision } from './model.ts';
import { inversionOf, type Ranks } from './ranks.ts';

const METHOD = 'ranks';
const NONE = -1;

/** One operation's testimony that an entry stands at an offset. */
interface Telling {
  readonly by: number;
  readonly entry: Plain;
  readonly offset: number;
}

interface Entries {
  readonly numbers: Numbering;
  /** By entry: the position of its append, and its offset or -1. */
  readonly appendOf: readonly number[];
  readonly offsetOf: Int32Array;
  /** By offset: who told it first. */
  readonly toldBy: readonly Telling[];
}

/** `undefined` when an entry is appended twice, or what is told of the offsets has gaps. */
export function decideLog(history: History, part: Int32Array): Decision | undefined {
  const numbers = new Numbering(4 * part.length);
  const appendOf: number[] = [];
  for (let i = 0; i < part.length; i++) {
    const { name, input } = history[part[i]!]!;
    if (name !== 'append') continue;
    if (numbers.add(input) !== appendOf.length) return undefined;
    appendOf.push(i);
  }
  const offsetOf = new Int32Array(appendOf.length).fill(NONE);
  const toldBy: Telling[] = [];
  for (let i = 0; i < part.length; i++) {
    for (const telling of tellings(history, part, i)) {
      const { entry, offset } = telling;
      const number = numbers.get(entry);
      if (number === NONE) {
        const message = `${words(history, part, i)} saw ${print(entry)}, which nobody appended`;
        return invalid(part, [i], message);
      }
      const other = toldBy[offset];
      if (offsetOf[number] === offset) continue;
      if (offsetOf[number] !== NONE || other !== undefined) {
        const contradicted = other ?? toldBy[offsetOf[number]!]!;
        const message = `${words(history, part, contradicted.by)} and ${words(history, part, i)} do not agree on the offset of ${print(entry)}`;
        return invalid(part, [contradicted.by, i], message);
      }
      offsetOf[number] = offset;
      toldBy[offset] = telling;
    }
  }
  for (let offset = 0; offset < toldBy.length; offset++) {
    if (toldBy[offset] === undefined) return undefined;
  }
  const ranks = ranksOf(history, part, { numbers, appendOf, offsetOf, toldBy });
  if (ranks === undefined) return undefined;
  const inversion = inversionOf(history, part, ranks);
  if (inversion === undefined) return { valid: true, by: METHOD };
  const { early, late } = inversion;
  const message = `${words(history, part, early)} returned before ${words(history, part, late)} was called, but the offsets put it after`;
  return invalid(part, [early, late], message);
}

function tellings(history: History, part: Int32Array, by: number): readonly Telling[] {
  const { name, input, output, outcome } = history[part[by]!]!;
  if (outcome !== 'ok') return [];
  if (name === 'append') {
    return typeof output === 'number' ? [{ by, entry: input, offset: output }] : [];
  }
  if (input === null) {
    return isList(output) ? output.map((entry, offset) => ({ by, entry, offset })) : [];
  }
  if (output === undefined || output === null) return [];
  return [{ by, entry: output, offset: input as number }];
}

/** `undefined` when a read found nothing at an offset that entries not told may have reached. */
function ranksOf(
  history: History,
  part: Int32Array,
  { numbers, offsetOf, toldBy }: Entries,
): Ranks | undefined {
  const lowest = new Float64Array(part.length).fill(Infinity);
  const highest = new Float64Array(part.length).fill(Infinity);
  const told = toldBy.length;
  let untold = false;
  let farthestNull = NONE;
  for (let i = 0; i < part.length; i++) {
    const { name, input, output, outcome } = history[part[i]!]!;
    if (name === 'append') {
      const offset = offsetOf[numbers.get(input)]!;
      if (offset === NONE && outcome !== 'ok') continue;
      if (offset === NONE) untold = true;
      lowest[i] = highest[i] = 2 * (offset === NONE ? told : offset) + 1;
    } else if (outcome !== 'ok' || output === undefined) {
    } else if (isList(output) && input === null) {
      lowest[i] = highest[i] = 2 * output.length;
    } else if (output === null) {
      lowest[i] = 0;
      highest[i] = 2 * (input as number);
      farthestNull = Math.max(farthestNull, input as number);
    } else {
      lowest[i] = 2 * (input as number) + 2;
    }
  }
  return untold && farthestNull > told ? undefined : { lowest, highest };
}

function words(history: History, part: Int32Array, position: number): string {
  return operationInWords(history[part[position]!]!);
}

function invalid(part: Int32Array, positions: readonly number[], message: string): Decision {
  const operations = positions.map((position) => part[position]!);
  return { valid: false, by: METHOD, message, operations };
}
