import type { Plain } from '../../env/net.ts';
import { type History, HistoryError } from '../history.ts';
import { isList, type Key, keyOf, print } from '../plain.ts';
import type { Anomaly, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { conclude, undecided } from './conclude.ts';

/** How often a value went in and came out, and where. Operations are indices into the history. */
interface Flow {
  readonly value: Plain;
  /** How many enqueues succeeded, and one of them, or else one that may have. */
  acknowledged: number;
  enqueue: number;
  /** Those that succeeded or may have. */
  readonly enqueues: number[];
  readonly dequeues: number[];
}

const OPERATIONS = new Set(['enqueue', 'dequeue', 'drain']);

/**
 * What goes into a queue comes out, once, whatever the order. Meant for histories that end by
 * draining the queue; values of which an acknowledged enqueue is not followed by a dequeue are lost.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `enqueue` | a value | |
 * | `dequeue` | | the value, or null when it was empty |
 * | `drain` | | a list of values |
 *
 * @throws HistoryError `bad-input`
 */
export function totalQueue(history: History): Verdict {
  const flows = new Map<Key, Flow>();
  const flowOf = (value: Plain): Flow => {
    const known = flows.get(keyOf(value));
    if (known !== undefined) return known;
    const flow = { value, acknowledged: 0, enqueue: -1, enqueues: [], dequeues: [] };
    flows.set(keyOf(value), flow);
    return flow;
  };
  /** How many values may have been taken by dequeues and drains whose answer nobody saw. */
  let unseen = 0;
  for (const [index, { name, input, output, outcome }] of history.entries()) {
    if (outcome === 'fail' || !OPERATIONS.has(name)) continue;
    if (name === 'enqueue') {
      const flow = flowOf(input);
      flow.enqueues.push(index);
      if (outcome === 'ok') flow.acknowledged++;
      if (outcome === 'ok' || flow.enqueue === -1) flow.enqueue = index;
    } else if (outcome === 'ok' && output !== undefined) {
      for (const value of valuesIn(name, output, index)) flowOf(value).dequeues.push(index);
    } else unseen += name === 'drain' ? Infinity : 1;
  }
  if (flows.size === 0)
    return undecided(history, 'total-queue', 'nothing was enqueued or dequeued');
  const anomalies: Anomaly[] = [];
  for (const { value, acknowledged, enqueue, enqueues, dequeues } of flows.values()) {
    const words = print(value);
    const attempted = enqueues.length;
    const early = takenTooEarly(history, enqueues, dequeues);
    if (attempted === 0) {
      const message = `${operationInWords(history[dequeues[0]!]!)} took ${words}, which nobody enqueued`;
      anomalies.push({ name: 'unexpected', message, operations: dequeues });
    } else if (dequeues.length > attempted) {
      const message = `${words} was enqueued ${times(attempted)} and dequeued ${times(dequeues.length)}`;
      anomalies.push({ name: 'duplicated', message, operations: [enqueue, ...dequeues] });
    } else if (early !== undefined) {
      const message = `${operationInWords(history[early]!)} took ${words} before it was enqueued`;
      anomalies.push({ name: 'unexpected', message, operations: [early, ...enqueues] });
    } else if (dequeues.length < acknowledged) {
      const missing = acknowledged - dequeues.length;
      if (unseen >= missing) unseen -= missing;
      else {
        const message = `${words} is lost: ${operationInWords(history[enqueue]!)} succeeded, and nobody dequeued it`;
        anomalies.push({ name: 'lost', message, operations: [enqueue] });
      }
    }
  }
  return conclude(history, 'total-queue', anomalies, `${flows.size} values went in and came out`);
}

/** A dequeue that returned before so many enqueues were called as there were dequeues by then. */
function takenTooEarly(
  history: History,
  enqueues: readonly number[],
  dequeues: readonly number[],
): number | undefined {
  const ins = enqueues.toSorted((a, b) => history[a]!.called - history[b]!.called);
  const outs = dequeues.toSorted((a, b) => history[a]!.returned - history[b]!.returned);
  return outs.find((out, i) => {
    const source = ins[i];
    return source !== undefined && history[out]!.returned < history[source]!.called;
  });
}

function valuesIn(name: string, output: Plain, operation: number): readonly Plain[] {
  if (name !== 'drain') return output === null ? [] : [output];
  if (isList(output)) return output;
  throw new HistoryError('bad-input', `drain returns a list, not ${print(output)}`, { operation });
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/**
 * No identifier is given out twice.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `generate` | | the identifier |
 */
export function uniqueIds(history: History): Verdict {
  const first = new Map<Key, number>();
  const anomalies: Anomaly[] = [];
  for (const [index, { name, outcome, output }] of history.entries()) {
    if (name !== 'generate' || outcome !== 'ok' || output === undefined) continue;
    const other = first.get(keyOf(output));
    if (other === undefined) first.set(keyOf(output), index);
    else {
      const [a, b] = [other, index].map((i) => operationInWords(history[i]!));
      const message = `${a} and ${b} were given the same identifier`;
      anomalies.push({ name: 'duplicated', message, operations: [other, index] });
    }
  }
  if (first.size === 0) return undecided(history, 'unique-ids', 'no identifier was generated');
  return conclude(history, 'unique-ids', anomalies, `${first.size} identifiers are all different`);
}
