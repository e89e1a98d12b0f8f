// Linearizability of a register whose written values are all different, in one pass.
//
// The write of a value and the reads that return it must stand together in every linearization.
// Let f be the earliest return among them and s the latest call:
//
//   f < s  forward zone    w ├──┤      ├──┤ r        the register holds v from f to s at least
//                               f └────┘ s
//   s < f  backward zone   w ├───────────┤           one moment between s and f is enough
//                            r    ├─────────┤
//
// The history is linearizable iff no two values must each come before the other, that is, there
// are no v, w with f(v) < s(w) and f(w) < s(v): two forward zones that overlap, or a backward zone
// inside a forward one. Values are visited in the order of s, which is the order of their latest
// calls, so nothing is sorted.
//
// Source: Gibbons and Korach, "Testing shared memories", 1997, section 4.

import type { Plain } from '../../env/net.ts';
import type { Operation } from '../history.ts';
import { Numbering } from '../numbering.ts';
import { operationInWords } from '../words.ts';
import type { Decision } from './model.ts';

/** How the operations of a register are called. */
export interface RegisterTerms {
  readonly read: string;
  readonly write: string;
  readonly written: (write: Operation) => Plain;
  readonly initial: Plain;
}

const NONE = -1;
const METHOD = 'zones';

/** `undefined` when the part has other operations or a value is written twice. */
export function decideByZones(
  part: readonly Operation[],
  { read, write, written, initial }: RegisterTerms,
): Decision | undefined {
  const values = new Numbering(4 * part.length);
  const initially = values.add(initial);
  const touched = new Int32Array(part.length).fill(NONE);
  const writeOf = new Int32Array(part.length + 1).fill(NONE);
  for (let i = 0; i < part.length; i++) {
    const operation = part[i]!;
    if (operation.name === read) continue;
    if (operation.name !== write) return undefined;
    const value = values.add(written(operation));
    if (value === initially || writeOf[value] !== NONE) return undefined;
    writeOf[value] = i;
    touched[i] = value;
  }

  const count = values.count;
  /** By value: the operations with the earliest return and with the latest call. */
  const first = writeOf.slice(0, count);
  const last = writeOf.slice(0, count);
  for (let i = 0; i < part.length; i++) {
    const { name, outcome, output, returned } = part[i]!;
    if (name === write) continue;
    if (outcome !== 'ok' || output === undefined) continue;
    const value = values.get(output);
    if (value === NONE)
      return invalid([i], `${operationInWords(part[i]!)} read a value that nobody wrote`);
    touched[i] = value;
    if (value === initially) {
      last[value] = i;
      continue;
    }
    const source = part[writeOf[value]!]!;
    if (returned < source.called) {
      const message = `${operationInWords(part[i]!)} returned before ${operationInWords(source)} was called`;
      return invalid([i, writeOf[value]!], message);
    }
    if (returned < returnOf(part[first[value]!]!)) first[value] = i;
    if (last[value]! < i) last[value] = i;
  }
  return sweep({ part, touched, first, last, initially });
}

interface Zones {
  readonly part: readonly Operation[];
  /** By operation: the number of the value it wrote or read, or -1. */
  readonly touched: Int32Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly initially: number;
}

function sweep({ part, touched, first, last, initially }: Zones): Decision {
  const start = (value: number) =>
    value === initially ? Number.NEGATIVE_INFINITY : returnOf(part[first[value]!]!);
  const conflict = (a: number, b: number): Decision => {
    const [x, y] = a === initially ? [b, a] : [a, b];
    return invalid(
      [first[x]!, last[y]!, first[y]!, last[x]!].filter((i) => i !== NONE),
      y === initially ? overwritten(part, first[x]!, last[y]!) : twisted(part, first, last, x, y),
    );
  };

  let forward = NONE;
  let forwardEnd = Number.NEGATIVE_INFINITY;
  let backward: number[] = [];
  for (let i = 0; i < part.length; i++) {
    const value = touched[i]!;
    if (value === NONE || last[value] !== i) continue;
    const begin = start(value);
    const end = part[i]!.called;
    if (begin < forwardEnd) return conflict(forward, value);
    if (begin >= end) {
      backward.push(value);
      continue;
    }
    for (const inside of backward) {
      if (begin < part[last[inside]!]!.called && start(inside) < end)
        return conflict(value, inside);
    }
    backward = [];
    forward = value;
    forwardEnd = end;
  }
  return { valid: true, by: METHOD };
}

function overwritten(part: readonly Operation[], newer: number, stale: number): string {
  const now = operationInWords(part[newer]!);
  return `${operationInWords(part[stale]!)} returned the initial value after ${now} had returned`;
}

function twisted(
  part: readonly Operation[],
  first: Int32Array,
  last: Int32Array,
  x: number,
  y: number,
): string {
  const words = (i: number) => operationInWords(part[i]!);
  return (
    `${words(first[x]!)} returned before ${words(last[y]!)} was called, ` +
    `and ${words(first[y]!)} returned before ${words(last[x]!)} was called, ` +
    `so each of the two values must have been overwritten before the other was written`
  );
}

/** When the operation has taken effect for certain. */
function returnOf({ outcome, returned }: Operation): number {
  return outcome === 'ok' ? returned : Number.POSITIVE_INFINITY;
}

function invalid(operations: readonly number[], message: string): Decision {
  return { valid: false, by: METHOD, message, operations };
}
