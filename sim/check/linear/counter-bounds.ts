// What a read of a counter can return at most and at least.
//
//   highest = initial + additions called before the read returned, unless they subtract
//                     + subtractions that returned before the read was called
//   lowest  = the same with the roles exchanged

import { firstAfter, firstFrom } from '../ascending.ts';
import type { History } from '../history.ts';

export interface OutOfBounds {
  /** Index of the read in the history. */
  readonly read: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Amounts added, in order of time, as running sums of the positive and of the negative ones. */
interface RunningSums {
  readonly at: readonly number[];
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** The first read outside its bounds. `part` has reads and additions, none of them failed. */
export function outOfBounds(
  history: History,
  part: ArrayLike<number>,
  initial: number,
): OutOfBounds | undefined {
  const called: [number, number][] = [];
  const returned: [number, number][] = [];
  for (const i of Array.from(part)) {
    const { name, input, outcome, ...at } = history[i]!;
    if (name === 'read') continue;
    called.push([at.called, input as number]);
    if (outcome === 'ok') returned.push([at.returned, input as number]);
  }
  const attempted = runningSums(called.sort((a, b) => a[0] - b[0]));
  const finished = runningSums(returned.sort((a, b) => a[0] - b[0]));
  for (const read of Array.from(part)) {
    const { name, outcome, output, called, returned } = history[read]!;
    if (name !== 'read' || outcome !== 'ok' || typeof output !== 'number') continue;
    const may = firstAfter(attempted.at, returned);
    const must = firstFrom(finished.at, called);
    const highest = initial + attempted.positive[may]! + finished.negative[must]!;
    const lowest = initial + attempted.negative[may]! + finished.positive[must]!;
    if (output < lowest || output > highest) return { read, lowest, highest };
  }
  return undefined;
}

function runningSums(amounts: readonly (readonly [time: number, amount: number])[]): RunningSums {
  const positive = [0];
  const negative = [0];
  for (const [i, [, amount]] of amounts.entries()) {
    positive.push(positive[i]! + Math.max(amount, 0));
    negative.push(negative[i]! + Math.min(amount, 0));
  }
  return { at: amounts.map(([time]) => time), positive, negative };
}
