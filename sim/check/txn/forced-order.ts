// The order of writers that a level forces. When t3 reads x from t1, and t2 wrote x too, then t2
// comes before t1 if
//
//   rc      t3 had read something else from t2 before
//   ra      t3 reads something from t2, or t2 came earlier in t3's session
//   causal  t2 happened before t3, through any chain of reads and sessions
//
// Definitions: Biswas and Enea, "On the complexity of checking transactional consistency", OOPSLA
// 2019. Algorithms: "AWDIT: an optimal weak database isolation tester", PLDI 2025: only the latest
// such t2 of each session is looked at, and only the first such read after each t2.

import type { Sessions } from './findings.ts';
import { INITIAL, type ReadsFrom, writeOf, writesKey } from './reads-from.ts';
import { OK, type Transactions } from './transactions.ts';

const NONE = -1;

/** Why one writer comes before another: a word for each line of the definition. */
export type ForcedBy = 'monotonic' | 'session' | 'read' | 'causal';

export interface ForcedOrder {
  readonly first: number;
  /** A transaction, or {@link INITIAL}: then nothing can come first, and the level is broken. */
  readonly second: number;
  /** The read from `second`, a row of the reads, and the transaction that has it. */
  readonly read: number;
  readonly reader: number;
  readonly by: ForcedBy;
}

export function monotonicOrder(reads: ReadsFrom): ForcedOrder[] {
  const { txns, firstRead, readKey, readFrom, readMicro, firstWrite, writeKey } = reads;
  const forced: ForcedOrder[] = [];
  // Of the reads further on, by key: the first one, and the first one from another writer.
  const next = new Int32Array(txns.keys.length).fill(NONE);
  const other = new Int32Array(txns.keys.length).fill(NONE);
  const earliestFrom = new Map<number, number>();
  for (let reader = 0; reader < txns.count; reader++) {
    const begin = firstRead[reader]!;
    const end = firstRead[reader + 1]!;
    if (end - begin < 2) continue;
    earliestFrom.clear();
    for (let r = end - 1; r >= begin; r--) earliestFrom.set(readFrom[r]!, r);
    const keys: number[] = [];
    const forceFrom = (r: number) => {
      const writer = readFrom[r]!;
      if (writer === INITIAL || earliestFrom.get(writer) !== r) return;
      const force = (key: number) => {
        const read =
          next[key]! === NONE || readFrom[next[key]!] !== writer ? next[key]! : other[key]!;
        if (read === NONE) return;
        forced.push({ first: writer, second: readFrom[read]!, read, reader, by: 'monotonic' });
      };
      const from = firstWrite[writer]!;
      const to = firstWrite[writer + 1]!;
      if (to - from <= keys.length) for (let w = from; w < to; w++) force(writeKey[w]!);
      else for (const key of keys) if (writesKey(reads, writer, key)) force(key);
    };
    // What one read by predicate saw has no order: all of it is passed before any of it counts.
    for (let rest = end; rest > begin; ) {
      const last = rest - 1;
      let first = last;
      while (first > begin && isOneRead(txns, readMicro[first - 1]!, readMicro[last]!)) first--;
      for (let r = last; r >= first; r--) forceFrom(r);
      for (let r = last; r >= first; r--) {
        const key = readKey[r]!;
        if (next[key] === NONE) keys.push(key);
        if (next[key] !== NONE && readFrom[next[key]!] !== readFrom[r]) other[key] = next[key]!;
        next[key] = r;
      }
      rest = first;
    }
    for (const key of keys) next[key] = other[key] = NONE;
  }
  return forced;
}

/** Whether two reads of keys are parts of one read by predicate. */
function isOneRead({ predicateRow }: Transactions, a: number, b: number): boolean {
  const row = predicateRow(a);
  return row !== undefined && row.read === predicateRow(b)?.read;
}

export function atomicOrder(reads: ReadsFrom, sessions: Sessions): ForcedOrder[] {
  return [...(sessions === 'ordered' ? orderBySession(reads) : []), ...orderByReads(reads)];
}

/** The latest earlier writer of the same session, if the read is from another one. */
function orderBySession(reads: ReadsFrom): ForcedOrder[] {
  const { txns, firstRead, readKey, readFrom, firstWrite, writeKey, isKnownBefore } = reads;
  const forced: ForcedOrder[] = [];
  /** By session and key: the row of the latest write. */
  const latest = new Map<number, number>();
  const writer = new Int32Array(writeKey.length);
  const idOf = (txn: number, key: number) => txns.session[txn]! * txns.keys.length + key;
  for (let reader = 0; reader < txns.count; reader++) {
    if (txns.outcome[reader] !== OK) continue;
    for (let read = firstRead[reader]!; read < firstRead[reader + 1]!; read++) {
      const write = latest.get(idOf(reader, readKey[read]!));
      if (write === undefined || isKnownBefore(write, read)) continue;
      const first = writer[write]!;
      if (first === readFrom[read]) continue;
      forced.push({ first, second: readFrom[read]!, read, reader, by: 'session' });
    }
    for (let w = firstWrite[reader]!; w < firstWrite[reader + 1]!; w++) {
      writer[w] = reader;
      latest.set(idOf(reader, writeKey[w]!), w);
    }
  }
  return forced;
}

/** Whoever is seen, before whoever else a key that it wrote is read from. */
function orderByReads(reads: ReadsFrom): ForcedOrder[] {
  const { txns, firstRead, readKey, readFrom, firstWrite, writeKey, isKnownBefore } = reads;
  const forced: ForcedOrder[] = [];
  // Of the transaction's reads, by key: the first one, and the first one from another writer.
  const one = new Int32Array(txns.keys.length).fill(NONE);
  const other = new Int32Array(txns.keys.length).fill(NONE);
  // By writer: the latest reader that it was looked at for.
  const lookedAt = new Int32Array(txns.count).fill(NONE);
  for (let reader = 0; reader < txns.count; reader++) {
    const begin = firstRead[reader]!;
    const end = firstRead[reader + 1]!;
    const keys: number[] = [];
    for (let r = begin; r < end; r++) {
      const key = readKey[r]!;
      if (one[key] === NONE) {
        keys.push(key);
        one[key] = r;
      } else if (other[key] === NONE && readFrom[one[key]!] !== readFrom[r]) other[key] = r;
    }
    const force = (writer: number, write: number) => {
      const key = writeKey[write]!;
      const read = one[key]! !== NONE && readFrom[one[key]!] === writer ? other[key]! : one[key]!;
      if (read === NONE || isKnownBefore(write, read)) return;
      forced.push({ first: writer, second: readFrom[read]!, read, reader, by: 'read' });
    };
    const lookAt = (writer: number) => {
      if (lookedAt[writer] === reader) return;
      lookedAt[writer] = reader;
      const from = firstWrite[writer]!;
      const to = firstWrite[writer + 1]!;
      if (to - from <= keys.length) {
        for (let w = from; w < to; w++) force(writer, w);
        return;
      }
      for (const key of keys) {
        const write = writeOf(reads, writer, key);
        if (write !== NONE) force(writer, write);
      }
    };
    if (keys.length > 0) reads.forEachSeen(reader, lookAt);
    for (const key of keys) one[key] = other[key] = NONE;
  }
  return forced;
}
