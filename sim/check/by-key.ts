// Histories of many independent objects, each operation with its object's key in front: the input
// is [key, input], and the output [key, output] or the bare output.

import type { Plain } from '../env/net.ts';
import { type History, HistoryError, type Operation } from './history.ts';
import type { Failure } from './linear/linearizable.ts';
import { isList, type Key, keyOf, print, samePlain } from './plain.ts';
import type { Anomaly, Verdict } from './verdict.ts';

/** A verdict that may say where a search came to its end. */
type Explained = Verdict & { readonly failure?: Failure };

/**
 * Judges each object by itself; together they are as bad as the worst.
 *
 * @throws HistoryError `bad-input` for what is not on one of many objects, transactions among them
 */
export function checkByKey(history: History, check: (history: History) => Explained): Explained {
  const objects = new Map<Key, { key: Plain; indices: number[] }>();
  for (const [index, operation] of history.entries()) {
    const { key } = keyed(operation, index);
    const object = objects.get(keyOf(key));
    if (object === undefined) objects.set(keyOf(key), { key, indices: [index] });
    else object.indices.push(index);
  }
  let worst: Explained | undefined;
  let steps = 0;
  const anomalies: Anomaly[] = [];
  for (const { key, indices } of objects.values()) {
    const verdict = checkPart(history, indices, check);
    steps += verdict.steps;
    for (const anomaly of verdict.anomalies) {
      const operations = anomaly.operations.map((i) => indices[i]!);
      anomalies.push({ ...anomaly, message: `${print(key)}: ${anomaly.message}`, operations });
    }
    if (worst !== undefined && RANK[verdict.verdict] <= RANK[worst.verdict]) continue;
    const reason =
      verdict.verdict === 'valid' ? verdict.reason : `${print(key)}: ${verdict.reason}`;
    const { failure } = verdict;
    worst = { ...verdict, reason, ...(failure && { failure: inWhole(failure, key, indices) }) };
  }
  if (worst === undefined) return check(history);
  return { ...worst, anomalies, operations: history.length, steps };
}

/**
 * Many registers as one key-value store, for what does not hold of a whole because it holds of its
 * parts: sequential consistency, session guarantees, isolation.
 *
 * @throws HistoryError `bad-input`, `unknown-operation` for what is no register
 */
export function asOneObject(history: History): History {
  return history.map((operation, index) => {
    const { key, input } = keyed(operation, index);
    const { name, output } = withoutKey(operation);
    if (name === 'read') return { ...operation, name: 'get', input: { key }, output };
    if (name === 'write')
      return { ...operation, name: 'put', input: { key, value: input }, output };
    if (name === 'cas' && isList(input) && input.length === 2) {
      const [from, to] = input as readonly [Plain, Plain];
      return { ...operation, input: { key, from, to }, output };
    }
    const message = `what holds of each object need not hold of all together; of many together only registers are known (read, write, cas of two values), not ${name}`;
    throw new HistoryError('unknown-operation', message, { operation: index });
  });
}

function keyed({ name, input }: Operation, index: number): { key: Plain; input: Plain } {
  if (name === 'txn' && isList(input) && input.length > 0 && input.every(isMicroOperation)) {
    const message =
      'a transaction names its keys itself, and is not on one of many objects: judge all together';
    throw new HistoryError('bad-input', message, { operation: index });
  }
  if (isList(input) && input.length === 2) return { key: input[0]!, input: input[1]! };
  const message = `an operation on one of many objects takes [key, input], not ${print(input)}`;
  throw new HistoryError('bad-input', message, { operation: index });
}

/** `['r', key, value]` and the like. */
function isMicroOperation(micro: Plain): boolean {
  return isList(micro) && micro.length >= 2 && KINDS.has(micro[0]!);
}

const KINDS: ReadonlySet<Plain> = new Set(['r', 'read', 'w', 'write', 'append', 'rp']);

function checkPart(
  history: History,
  indices: readonly number[],
  check: (history: History) => Explained,
): Explained {
  try {
    return check(indices.map((index) => withoutKey(history[index]!)));
  } catch (error) {
    if (!(error instanceof HistoryError) || error.place.operation === undefined) throw error;
    const operation = indices[error.place.operation]!;
    throw new HistoryError(error.code, error.message, { operation }, { cause: error });
  }
}

/** The failure of one object, in terms of the whole history. */
function inWhole({ blamed, orders }: Failure, key: Plain, indices: readonly number[]): Failure {
  return {
    part: print(key),
    blamed: indices[blamed]!,
    orders: orders.map((end) => ({ ...end, order: end.order.map((i) => indices[i]!) })),
  };
}

const RANK: Readonly<Record<Verdict['verdict'], number>> = { valid: 0, unknown: 1, invalid: 2 };

function withoutKey(operation: Operation): Operation {
  const [key, input] = operation.input as readonly [Plain, Plain];
  const { output } = operation;
  const tagged = isList(output) && output.length === 2 && samePlain(output[0]!, key);
  return { ...operation, input, output: tagged ? output[1]! : output };
}
