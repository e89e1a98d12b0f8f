import { type History, HistoryError } from './history.ts';

/** Why no system can have been recorded like this. */
export interface Impossibility {
  readonly message: string;
  /** Index into the history. */
  readonly operation: number;
}

/**
 * Refuses to judge what no system can have done: a verdict on it would be one on the recording.
 *
 * @throws HistoryError `impossible`
 */
export function requirePossible(history: History): void {
  const impossible = impossibilityOf(history);
  if (impossible === undefined) return;
  const { message, operation } = impossible;
  throw new HistoryError('impossible', `impossible history: ${message}`, { operation });
}

/**
 * The same, and that the operations of each process stand in the order of their calls, for those
 * who take the order of a session from the history.
 *
 * @throws HistoryError `impossible`, `bad-input`
 */
export function requireSessions(history: History): void {
  requirePossible(history);
  if (isInOrderOfCall(history)) return;
  const latest = new Map<string, number>();
  for (let operation = 0; operation < history.length; operation++) {
    const { process, name, called } = history[operation]!;
    if (called < (latest.get(process) ?? called)) {
      const message = `operations have to be in the order of their calls: ${name} by ${process} was called before the one that it follows`;
      throw new HistoryError('bad-input', message, { operation });
    }
    latest.set(process, called);
  }
}

/** No time, a return before its call, or a call while the process waits for another. */
export function impossibilityOf(history: History): Impossibility | undefined {
  const numbers = new Map<string, number>();
  const busyUntil: number[] = [];
  for (const operation of inOrderOfCall(history)) {
    const { process, name, outcome, called, returned } = history[operation]!;
    if (Number.isNaN(called) || Number.isNaN(returned)) {
      return { message: `the time of ${name} by ${process} is no number`, operation };
    }
    if (returned < called) {
      return { message: `${name} by ${process} returns before it is called`, operation };
    }
    let number = numbers.get(process);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(process, number);
      busyUntil.push(Number.NEGATIVE_INFINITY);
    }
    // Minus infinity: the call was not recorded, and can have been at any time before its end.
    if (called !== Number.NEGATIVE_INFINITY && called < busyUntil[number]!) {
      return { message: `${process} calls ${name} while its previous call is open`, operation };
    }
    if (outcome !== 'unknown' && returned !== Infinity) busyUntil[number] = returned;
  }
  return undefined;
}

function inOrderOfCall(history: History): Int32Array {
  const indices = Int32Array.from(history, (_, i) => i);
  return isInOrderOfCall(history)
    ? indices
    : indices.sort((a, b) => history[a]!.called - history[b]!.called || a - b);
}

function isInOrderOfCall(history: History): boolean {
  return history.every(({ called }, i) => i === 0 || called >= history[i - 1]!.called);
}
