// Transactions as columns: one row a transaction, one row a micro-operation, small integers only.
//
// A transaction is an operation named `txn` whose input is a list of micro-operations
//
//   ['r', key, null]     reads a key       the output has the value in place of null
//   ['w', key, value]    writes a register, with a value that nobody else writes to this key
//   ['append', key, v]   appends to a list, an element that nobody else appends to this key
//   ['rp', predicate, …] reads by predicate (predicates.ts), as a read of each key that satisfies it
//
// Single reads and writes of a register or of a key-value store are transactions of one operation.

import type { Plain } from '../../env/net.ts';
import { type History, HistoryError, type Operation, type Outcome } from '../history.ts';
import { Numbering } from '../numbering.ts';
import { isList, isRecord, print } from '../plain.ts';
import {
  type Expanded,
  expandPredicates,
  type PredicateRow,
  readsByPredicate,
} from './predicates.ts';

export const OK = 0;
const UNKNOWN = 1;
export const FAILED = 2;

export const READ = 0;
export const WRITE = 1;
export const APPEND = 2;

type Workload = 'list-append' | 'rw-register';

/** Transactions are numbered as their operations are in the history. */
export interface Transactions {
  readonly history: History;
  readonly workload: Workload;
  readonly count: number;
  /** {@link OK}, {@link UNKNOWN} or {@link FAILED}. */
  readonly outcome: Uint8Array;
  readonly session: Int32Array;
  readonly sessions: number;
  readonly called: Float64Array;
  /** `Infinity` unless the outcome is ok. */
  readonly returned: Float64Array;
  /** Micro-operations of transaction t are the rows from firstMicro[t] to firstMicro[t + 1]. */
  readonly firstMicro: Int32Array;
  readonly micros: number;
  readonly txnOf: Int32Array;
  readonly kind: Uint8Array;
  readonly key: Int32Array;
  readonly keys: readonly Plain[];
  /** What was written, or read; `undefined` for a read that nobody saw. */
  readonly value: (micro: number) => Plain | undefined;
  /** Of which read by predicate a read is a part; `undefined` for all others. */
  readonly predicateRow: (micro: number) => PredicateRow | undefined;
  readonly hasPredicates: boolean;
}

/**
 * `initial` is what a register holds that was never written.
 *
 * @throws HistoryError `unknown-operation`, `bad-input`
 */
export function transactionsOf(history: History, initial: Plain = null): Transactions {
  const recorded = history.map(microOperationsOf);
  const { lists, rows: predicateRows } = recorded.some(readsByPredicate)
    ? expandPredicates(recorded, (t) => isSeen(history[t]!))
    : { lists: recorded, rows: NO_ROWS };
  const count = history.length;
  const firstMicro = new Int32Array(count + 1);
  for (let t = 0; t < count; t++) firstMicro[t + 1] = firstMicro[t]! + lists[t]!.length;
  const micros = firstMicro[count]!;
  const txnOf = new Int32Array(micros);
  const kind = new Uint8Array(micros);
  const key = new Int32Array(micros);
  const keyNumbers = new Numbering(1 << 16);
  const keys: Plain[] = [];
  const values: (Plain | undefined)[] = new Array(micros);
  for (let t = 0, m = 0; t < count; t++) {
    const list = lists[t]!;
    const seen = isSeen(history[t]!);
    for (let i = 0; i < list.length; i++, m++) {
      const micro = list[i]!;
      const what = isList(micro) && micro.length === 3 ? kindOf(micro[0]!) : undefined;
      if (what === undefined) throw notMicroOperations(list, t);
      const [, of, value] = micro as MicroOperation;
      const number = keyNumbers.add(of);
      if (number === keys.length) keys.push(of);
      txnOf[m] = t;
      kind[m] = what;
      key[m] = number;
      values[m] = what === READ && !seen ? undefined : value;
    }
  }
  const workload = workloadOf(kind, txnOf, values);
  if (workload === 'rw-register') {
    for (const [t, marks] of predicateRows)
      for (const [i, { absent }] of marks) if (absent) values[firstMicro[t]! + i] = initial;
  }
  return {
    history,
    workload,
    count,
    ...rows(history),
    firstMicro,
    micros,
    txnOf,
    kind,
    key,
    keys,
    value: (m) => values[m],
    predicateRow:
      predicateRows.size === 0
        ? () => undefined
        : (m) => predicateRows.get(txnOf[m]!)?.get(m - firstMicro[txnOf[m]!]!),
    hasPredicates: predicateRows.size > 0,
  };
}

const NO_ROWS: Expanded['rows'] = new Map();

type MicroOperation = readonly [kind: string, key: Plain, value: Plain];

/** `read` and `write` may stand for `r` and `w`. */
function kindOf(name: Plain): number | undefined {
  if (name === 'r' || name === 'read') return READ;
  if (name === 'append') return APPEND;
  return name === 'w' || name === 'write' ? WRITE : undefined;
}

/** The key of a register that is the only one. */
const ONLY: Plain = 'register';

function microOperationsOf(operation: Operation, index: number): readonly Plain[] {
  const { name, input, output } = operation;
  switch (name) {
    case 'txn': {
      const list = isSeen(operation) ? output! : input;
      if (isList(list)) return list;
      throw notMicroOperations(list, index);
    }
    case 'read':
      return [['r', ONLY, output ?? null]];
    case 'write':
      return [['w', ONLY, input]];
    case 'get':
    case 'put': {
      const { key, value = null } = (isRecord(input) ? input : {}) as Record<string, Plain>;
      if (key !== undefined)
        return [name === 'get' ? ['r', key, output ?? null] : ['w', key, value]];
      const message = `${name} takes { key${name === 'get' ? '' : ', value'} }, not ${print(input)}`;
      throw new HistoryError('bad-input', message, { operation: index });
    }
    default: {
      const message = `there are no transactions of "${name}", only txn, read, write, get and put`;
      throw new HistoryError('unknown-operation', message, { operation: index });
    }
  }
}

function isSeen({ outcome, output }: Operation): boolean {
  return outcome === 'ok' && output !== undefined;
}

function notMicroOperations(list: Plain, operation: number): HistoryError {
  const none =
    'a transaction that was seen to end has its list of micro-operations as output, any other as input';
  if (list === null)
    return new HistoryError('bad-input', `${none}; here is neither`, { operation });
  const message = `a transaction is a list of ['r', key, null], ['w', key, value], ['append', key, value] or ['rp', predicate, null], not ${print(list)}`;
  return new HistoryError('bad-input', message, { operation });
}

function rows(
  history: History,
): Pick<Transactions, 'outcome' | 'session' | 'sessions' | 'called' | 'returned'> {
  const count = history.length;
  const sessions = new Numbering(0);
  const outcome = new Uint8Array(count);
  const session = new Int32Array(count);
  const called = new Float64Array(count);
  const returned = new Float64Array(count).fill(Infinity);
  for (let t = 0; t < count; t++) {
    const operation = history[t]!;
    outcome[t] = OUTCOMES[operation.outcome];
    session[t] = sessions.add(operation.process);
    called[t] = operation.called;
    if (outcome[t] === OK) returned[t] = operation.returned;
  }
  return { outcome, session, sessions: sessions.count, called, returned };
}

const OUTCOMES: Readonly<Record<Outcome, number>> = { ok: OK, unknown: UNKNOWN, fail: FAILED };

function workloadOf(
  kind: Uint8Array,
  txnOf: Int32Array,
  values: readonly (Plain | undefined)[],
): Workload {
  const append = kind.indexOf(APPEND);
  const write = kind.indexOf(WRITE);
  if (append !== -1 && write !== -1) {
    const later = txnOf[Math.max(append, write)]!;
    const message = 'a history appends to lists or writes registers, not both';
    throw new HistoryError('bad-input', message, { operation: later });
  }
  if (append !== -1) return 'list-append';
  if (write !== -1) return 'rw-register';
  return values.some(isList) ? 'list-append' : 'rw-register';
}
