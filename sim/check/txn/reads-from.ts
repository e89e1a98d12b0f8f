// Who read from whom: what registers and lists have in common.

import type { ListOrders } from './list-orders.ts';
import { FAILED, OK, READ, type Transactions } from './transactions.ts';

const NONE = -1;
/** Read from nobody: the value before the first write. */
export const INITIAL: number = -1;

/**
 * Reads of what other transactions wrote, and the keys that each transaction wrote. Rows of
 * transaction t run from first…[t] to first…[t + 1]; reads are in program order.
 */
export interface ReadsFrom {
  readonly txns: Transactions;
  /** By transaction: 1 if it is known to have taken effect. */
  readonly visible: Uint8Array;
  readonly firstRead: Int32Array;
  readonly readKey: Int32Array;
  /** By read: the transaction that wrote the value, or {@link INITIAL}. */
  readonly readFrom: Int32Array;
  readonly readMicro: Int32Array;
  /**
   * Visits the other transactions of which a transaction saw something, some more than once. In a
   * list these are all that have an element in it, though it reads from the last one.
   */
  readonly forEachSeen: (txn: number, visit: (writer: number) => void) => void;
  /**
   * Whether versions are known to have this write, a row of the writes, not after what this read
   * saw. Of registers nothing is known.
   */
  readonly isKnownBefore: (write: number, read: number) => boolean;
  readonly firstWrite: Int32Array;
  /** Each once, ascending. */
  readonly writeKey: Int32Array;
}

/** Of registers: `sourceOf` as in {@link readsFrom}. */
export function readsFromWriters(
  txns: Transactions,
  sourceOf: (read: number) => number | undefined,
): ReadsFrom {
  const visible = txns.outcome.map((outcome) => (outcome === OK ? 1 : 0));
  const reads = readsFrom(txns, visible, sourceOf);
  const { firstRead, readFrom } = reads;
  return {
    ...reads,
    forEachSeen: (t, visit) => {
      for (let r = firstRead[t]!; r < firstRead[t + 1]!; r++) {
        if (readFrom[r] !== INITIAL) visit(readFrom[r]!);
      }
    },
    isKnownBefore: () => false,
  };
}

/**
 * `sourceOf` tells for a read, a micro-operation of an ok transaction, who wrote what it saw: a
 * transaction, {@link INITIAL}, or `undefined` for a read that is not to be looked at. Whoever is
 * read from becomes visible.
 */
function readsFrom(
  txns: Transactions,
  visible: Uint8Array,
  sourceOf: (read: number) => number | undefined,
): Omit<ReadsFrom, 'forEachSeen' | 'isKnownBefore'> {
  const { count, firstMicro, kind, key, outcome, micros } = txns;
  const firstRead = new Int32Array(count + 1);
  const readKey = new Int32Array(micros);
  const readFrom = new Int32Array(micros);
  const readMicro = new Int32Array(micros);
  let reads = 0;
  for (let t = 0; t < count; t++) {
    if (outcome[t] === OK) {
      for (let m = firstMicro[t]!; m < firstMicro[t + 1]!; m++) {
        if (kind[m] !== READ) continue;
        const source = sourceOf(m);
        if (source === undefined || source === t) continue;
        if (source !== INITIAL) visible[source] = 1;
        readKey[reads] = key[m]!;
        readFrom[reads] = source;
        readMicro[reads++] = m;
      }
    }
    firstRead[t + 1] = reads;
  }
  const firstWrite = new Int32Array(count + 1);
  const writeKey = new Int32Array(micros);
  const writtenBy = new Int32Array(txns.keys.length).fill(NONE);
  let writes = 0;
  for (let t = 0; t < count; t++) {
    if (visible[t] === 1) {
      for (let m = firstMicro[t]!; m < firstMicro[t + 1]!; m++) {
        if (kind[m] === READ || writtenBy[key[m]!] === t) continue;
        writtenBy[key[m]!] = t;
        writeKey[writes++] = key[m]!;
      }
    }
    sortRange(writeKey, firstWrite[t]!, writes);
    firstWrite[t + 1] = writes;
  }
  return {
    txns,
    visible,
    firstRead,
    readKey: readKey.subarray(0, reads),
    readFrom: readFrom.subarray(0, reads),
    readMicro: readMicro.subarray(0, reads),
    firstWrite,
    writeKey: writeKey.subarray(0, writes),
  };
}

/** Whether a transaction writes a key. */
export function writesKey(reads: ReadsFrom, txn: number, key: number): boolean {
  return writeOf(reads, txn, key) !== NONE;
}

/** The row of a transaction's write of a key, or -1. */
export function writeOf(
  { firstWrite, writeKey }: Pick<ReadsFrom, 'firstWrite' | 'writeKey'>,
  txn: number,
  key: number,
): number {
  let low = firstWrite[txn]!;
  let high = firstWrite[txn + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (writeKey[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low < firstWrite[txn + 1]! && writeKey[low] === key ? low : NONE;
}

/** Insertion sort, for transactions write few keys; a general sort for those that do not. */
function sortRange(numbers: Int32Array, from: number, to: number): void {
  if (to - from > 32) {
    numbers.subarray(from, to).sort();
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const number = numbers[i]!;
    let at = i;
    for (; at > from && numbers[at - 1]! > number; at--) numbers[at] = numbers[at - 1]!;
    numbers[at] = number;
  }
}

/** Of lists: who appended the elements of each read that fits its key's order. */
export function readsFromLists(
  txns: Transactions,
  { length, start, append, row }: ListOrders,
): ReadsFrom {
  const { firstMicro, key, outcome, txnOf } = txns;
  const visible = outcome.map((o) => (o === OK ? 1 : 0));
  for (let m = 0; m < txns.micros; m++) {
    if (row[m] !== NONE && outcome[txnOf[m]!] !== FAILED) visible[txnOf[m]!] = 1;
  }
  const writerAt = (at: number) => {
    const m = append[at]!;
    return m === NONE || outcome[txnOf[m]!] === FAILED ? undefined : txnOf[m]!;
  };
  const reads = readsFrom(txns, visible, (read) => {
    if (length[read] === NONE) return undefined;
    return length[read] === 0 ? INITIAL : writerAt(start[key[read]!]! + length[read]! - 1);
  });
  const lastRow = lastRows(txns, row, reads);
  return {
    ...reads,
    forEachSeen: (t, visit) => {
      for (let m = firstMicro[t]!; m < firstMicro[t + 1]!; m++) {
        const from = start[key[m]!]!;
        for (let at = from + length[m]! - 1; at >= from; at--) {
          const writer = writerAt(at);
          if (writer !== undefined && writer !== t) visit(writer);
        }
      }
    },
    isKnownBefore: (write, read) => {
      const m = reads.readMicro[read]!;
      return lastRow[write]! < start[key[m]!]! + length[m]!;
    },
  };
}

/** By write: the row of the transaction's last append to the key; beyond all rows if nobody read it. */
function lastRows(
  { count, firstMicro, kind, key }: Transactions,
  row: Int32Array,
  writes: Pick<ReadsFrom, 'firstWrite' | 'writeKey'>,
): Int32Array {
  const last = new Int32Array(writes.writeKey.length).fill(0x7fffffff);
  for (let t = 0; t < count; t++) {
    for (let m = firstMicro[t]!; m < firstMicro[t + 1]!; m++) {
      if (kind[m] === READ || row[m] === NONE) continue;
      const write = writeOf(writes, t, key[m]!);
      if (write !== NONE) last[write] = row[m]!;
    }
  }
  return last;
}
