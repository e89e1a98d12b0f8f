// Operations whose order is known up to ranks: each has a lowest and a highest rank, operations of
// lower rank take effect first, and within a rank every order is legal. The history is linearizable
// iff each operation can have a rank that is not below those of the operations that returned before
// it was called. The least such ranks are found in one sweep over time.

import { firstAfter } from '../ascending.ts';
import type { History } from '../history.ts';

/** By position in the part. An operation with a lowest rank of `Infinity` is left out. */
export interface Ranks {
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
}

/** Two positions: `early` returned before `late` was called, and yet ranks above it. */
export interface Inversion {
  readonly early: number;
  readonly late: number;
}

const NONE = -1;

/** `part` is in order of call. */
export function inversionOf(
  history: History,
  part: Int32Array,
  { lowest, highest }: Ranks,
): Inversion | undefined {
  const called = Float64Array.from(part, (i) => history[i]!.called);
  /** By position: of the operations that are known to be over from here on, the highest one. */
  const over = new Int32Array(part.length + 1).fill(NONE);
  for (let early = 0; early < part.length; early++) {
    const { outcome, returned } = history[part[early]!]!;
    if (outcome !== 'ok' || lowest[early] === Infinity) continue;
    const from = firstAfter(called, returned);
    if (over[from] === NONE || lowest[early]! > lowest[over[from]!]!) over[from] = early;
  }
  let early = NONE;
  for (let late = 0; late < part.length; late++) {
    const other = over[late]!;
    if (early === NONE || (other !== NONE && lowest[other]! > lowest[early]!)) early = other;
    if (early === NONE || lowest[late] === Infinity) continue;
    if (lowest[early]! > highest[late]!) return { early, late };
  }
  return undefined;
}
