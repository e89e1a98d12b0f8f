import type { Plain } from '../../env/net.ts';
import { type History, HistoryError } from '../history.ts';
import { isList, type Key, keyOf, print } from '../plain.ts';
import type { Anomaly, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { conclude, undecided } from './conclude.ts';

/** How often a value went in and came out, and where. */
interface Flow {
  readonly value: Plain;
  /** Enqueues that succeeded, and that may have. */
  acknowledged: number;
  attempted: number;
  enqueue: number;
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
    const flow = { value, acknowledged: 0, attempted: 0, enqueue: -1, dequeues: [] };
    flows.set(keyOf(value), flow);
    return flow;
  };
  let unknownDequeues = 0;
  for (const [index, { name, input, output, outcome }] of history.entries()) {
    if (outcome === 'fail' || !OPERATIONS.has(name)) continue;
    if (name === 'enqueue') {
      const flow = flowOf(input);
      flow.attempted++;
      if (outcome === 'ok') flow.acknowledged++;
      if (outcome === 'ok' || flow.enqueue === -1) flow.enqueue = index;
    } else if (outcome === 'ok' && output !== undefined) {
      for (const value of valuesIn(name, output, index)) flowOf(value).dequeues.push(index);
    } else unknownDequeues++;
  }
  if (flows.size === 0)
    return undecided(history, 'total-queue', 'nothing was enqueued or dequeued');
  const anomalies: Anomaly[] = [];
  for (const { value, acknowledged, attempted, enqueue, dequeues } of flows.values()) {
    const words = print(value);
    if (attempted === 0) {
      const message = `${operationInWords(history[dequeues[0]!]!)} took ${words}, which nobody enqueued`;
      anomalies.push({ name: 'unexpected', message, operations: dequeues });
    } else if (dequeues.length > attempted) {
      const message = `${words} was enqueued ${times(attempted)} and dequeued ${times(dequeues.length)}`;
      anomalies.push({ name: 'duplicated', message, operations: [enqueue, ...dequeues] });
    } else if (dequeues.length < acknowledged) {
      const missing = acknowledged - dequeues.length;
      // A dequeue that nobody saw may have taken it.
      if (unknownDequeues >= missing) unknownDequeues -= missing;
      else {
        const message = `${words} is lost: ${operationInWords(history[enqueue]!)} succeeded, and nobody dequeued it`;
        anomalies.push({ name: 'lost', message, operations: [enqueue] });
      }
    }
  }
  return conclude(history, 'total-queue', anomalies, `${flows.size} values went in and came out`);
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
