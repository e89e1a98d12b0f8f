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
import type { History, Operation } from '../history.ts';
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

/** What is known of each value, by its number. Operations are positions in the part. */
interface Zones {
  /** The value of each operation, or -1. */
  readonly valueAt: Int32Array;
  /** The call of each operation. */
  readonly called: Float64Array;
  readonly write: Int32Array;
  /** The earliest return. */
  readonly start: Float64Array;
  /** The operation with the latest call. */
  readonly last: Int32Array;
  readonly initially: number;
}

/** `undefined` when the part has other operations or a value is written twice. */
export function decideByZones(
  history: History,
  part: Int32Array,
  terms: RegisterTerms,
): Decision | undefined {
  const values = new Numbering(2 * part.length);
  const zones = zonesOfValues(part.length, values.add(terms.initial));
  const { called, write, last } = zones;
  /** Reads that were called before the write of their value was, if there is one. */
  const ahead: number[] = [];
  let tooEarly = NONE;
  for (let i = 0; i < part.length; i++) {
    const operation = history[part[i]!]!;
    called[i] = operation.called;
    if (operation.name === terms.read) {
      const { outcome, output } = operation;
      if (outcome !== 'ok' || output === undefined) continue;
      const value = values.get(output);
      if (value === NONE) ahead.push(i);
      else if (!observe(zones, value, i, operation.returned)) tooEarly = i;
      continue;
    }
    if (operation.name !== terms.write) return undefined;
    const value = values.add(terms.written(operation));
    if (value === zones.initially || write[value] !== NONE) return undefined;
    write[value] = last[value] = i;
    zones.valueAt[i] = value;
    zones.start[value] = operation.outcome === 'ok' ? operation.returned : Infinity;
  }
  for (const i of ahead) {
    const { output, returned } = history[part[i]!]!;
    const value = values.get(output!);
    if (value === NONE) {
      const message = `${operationInWords(history[part[i]!]!)} read a value that nobody wrote`;
      return invalid(part, [i], message);
    }
    if (!observe(zones, value, i, returned)) tooEarly = i;
  }
  if (tooEarly === NONE) return sweep(history, part, zones);
  const source = write[zones.valueAt[tooEarly]!]!;
  const [read, written] = [tooEarly, source].map((i) => operationInWords(history[part[i]!]!));
  return invalid(part, [tooEarly, source], `${read} returned before ${written} was called`);
}

function zonesOfValues(operations: number, initially: number): Zones {
  const start = new Float64Array(operations + 1);
  start[initially] = Number.NEGATIVE_INFINITY;
  const write = new Int32Array(operations + 1).fill(NONE);
  const valueAt = new Int32Array(operations).fill(NONE);
  const called = new Float64Array(operations);
  return { valueAt, called, write, start, last: write.slice(), initially };
}

/** False when the read returned before the write of its value was called. */
function observe(
  { valueAt, called, write, start, last }: Zones,
  value: number,
  read: number,
  returned: number,
): boolean {
  valueAt[read] = value;
  if (last[value]! < read) last[value] = read;
  if (returned >= start[value]!) return true;
  start[value] = returned;
  return returned >= called[write[value]!]!;
}

/** Visits the values by the call of their last operation, and looks for two that conflict. */
function sweep(history: History, part: Int32Array, zones: Zones): Decision {
  const { valueAt, called, start, last } = zones;
  let forward = NONE;
  let forwardEnd = Number.NEGATIVE_INFINITY;
  let backward: number[] = [];
  for (let i = 0; i < part.length; i++) {
    const value = valueAt[i]!;
    if (value === NONE || last[value] !== i) continue;
    const begin = start[value]!;
    const end = called[i]!;
    if (begin < forwardEnd) return conflict(history, part, zones, forward, value);
    if (begin >= end) {
      backward.push(value);
      continue;
    }
    for (const other of backward) {
      if (begin < called[last[other]!]! && start[other]! < end) {
        return conflict(history, part, zones, value, other);
      }
    }
    backward = [];
    forward = value;
    forwardEnd = end;
  }
  return { valid: true, by: METHOD };
}

function conflict(
  history: History,
  part: Int32Array,
  { valueAt, start, last, initially }: Zones,
  a: number,
  b: number,
): Decision {
  const words = (position: number) => operationInWords(history[part[position]!]!);
  const first = (value: number) =>
    valueAt.findIndex((of, i) => of === value && history[part[i]!]!.returned === start[value]);
  const [x, y] = a === initially ? [b, a] : [a, b];
  if (y === initially) {
    const message = `${words(last[y]!)} returned the initial value after ${words(first(x))} had returned`;
    return invalid(part, [first(x), last[y]!], message);
  }
  const message =
    `${words(first(x))} returned before ${words(last[y]!)} was called, ` +
    `and ${words(first(y))} returned before ${words(last[x]!)} was called, ` +
    'so each of the two values was overwritten before the other was written';
  return invalid(part, [first(x), last[y]!, first(y), last[x]!], message);
}

function invalid(part: Int32Array, positions: readonly number[], message: string): Decision {
  const operations = positions.map((position) => part[position]!);
  return { valid: false, by: METHOD, message, operations };
}
