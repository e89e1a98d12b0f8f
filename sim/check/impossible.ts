import type { History } from './history.ts';

/** Why no system can have been recorded like this. */
export interface Impossibility {
  readonly message: string;
  /** Index into the history. */
  readonly operation: number;
}

/** A return before its call, or a call while the process waits for another. */
export function impossibilityOf(history: History): Impossibility | undefined {
  const numbers = new Map<string, number>();
  const busyUntil: number[] = [];
  for (const operation of inOrderOfCall(history)) {
    const { process, name, outcome, called, returned } = history[operation]!;
    if (returned < called) {
      return { message: `${name} by ${process} returns before it is called`, operation };
    }
    let number = numbers.get(process);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(process, number);
      busyUntil.push(Number.NEGATIVE_INFINITY);
    }
    if (called < busyUntil[number]!) {
      return { message: `${process} calls ${name} while its previous call is open`, operation };
    }
    const goesOn = outcome === 'unknown' || (outcome === 'fail' && returned === Infinity);
    if (!goesOn) busyUntil[number] = returned;
  }
  return undefined;
}

function inOrderOfCall(history: History): Int32Array {
  const indices = Int32Array.from(history, (_, i) => i);
  const isSorted = history.every(({ called }, i) => i === 0 || called >= history[i - 1]!.called);
  return isSorted
    ? indices
    : indices.sort((a, b) => history[a]!.called - history[b]!.called || a - b);
}
