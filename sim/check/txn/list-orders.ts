// The version orders of append-only lists, as the longest read of each key tells them, and the reads
// that do not fit.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { isList, print, samePlain } from '../plain.ts';
import type { Findings } from './findings.ts';
import { ListReports } from './list-reports.ts';
import { FAILED, OK, READ, type Transactions } from './transactions.ts';
import { microInWords, txnName } from './words.ts';
import type { WriteTable } from './write-table.ts';

const NONE = -1;

/** The version order of every key, as far as reads tell. Appends and reads are micro-operations. */
export interface ListOrders {
  /** By key: the read that tells it, or -1. */
  readonly longest: Int32Array;
  /** The versions of key k are the rows from start[k] to start[k + 1]. */
  readonly start: Int32Array;
  /** By row: the append, or -1 for an element that nobody appended. */
  readonly append: Int32Array;
  /** By append: its first row, or -1 when nobody read it. */
  readonly row: Int32Array;
  /** By read: how many elements it saw; -1 when nobody knows, or when it does not fit the order. */
  readonly length: Int32Array;
}

/** @throws HistoryError `bad-input` for a read that did not return a list. */
export function listOrders(txns: Transactions, writes: WriteTable, findings: Findings): ListOrders {
  const longest = longestReads(txns);
  const start = new Int32Array(txns.keys.length + 1);
  for (let k = 0; k < txns.keys.length; k++) {
    start[k + 1] = start[k]! + (longest[k] === NONE ? 0 : listAt(txns, longest[k]!).length);
  }
  const append = new Int32Array(start[txns.keys.length]!);
  const row = new Int32Array(txns.micros).fill(NONE);
  for (let k = 0; k < txns.keys.length; k++) {
    if (longest[k] === NONE) continue;
    const list = listAt(txns, longest[k]!);
    for (let i = 0; i < list.length; i++) {
      const at = start[k]! + i;
      const m = writes.find(k, list[i]!);
      append[at] = m;
      if (m !== NONE && row[m] === NONE) row[m] = at;
    }
  }
  const length = new Int32Array(txns.micros).fill(NONE);
  const orders = { longest, start, append, row, length };
  fitReads(txns, writes, orders, findings);
  return orders;
}

/** What a read returned; null is the empty list. */
export function listAt({ value, txnOf }: Transactions, read: number): readonly Plain[] {
  const list = value(read);
  if (isList(list)) return list;
  if (list === null || list === undefined) return [];
  const message = `a read of a list returned ${print(list)}`;
  throw new HistoryError('bad-input', message, { operation: txnOf[read]! });
}

function longestReads(txns: Transactions): Int32Array {
  const longest = new Int32Array(txns.keys.length).fill(NONE);
  const lengths = new Int32Array(txns.keys.length);
  for (let m = 0; m < txns.micros; m++) {
    if (!isSeen(txns, m)) continue;
    const { length } = listAt(txns, m);
    const key = txns.key[m]!;
    if (longest[key] !== NONE && length <= lengths[key]!) continue;
    longest[key] = m;
    lengths[key] = length;
  }
  return longest;
}

function isSeen({ kind, outcome, txnOf, value }: Transactions, m: number): boolean {
  return kind[m] === READ && outcome[txnOf[m]!] === OK && value(m) !== undefined;
}

/** Every read must be a prefix of the longest one of its key. */
function fitReads(
  txns: Transactions,
  writes: WriteTable,
  orders: ListOrders,
  findings: Findings,
): void {
  for (let m = 0; m < txns.micros; m++) {
    if (!isSeen(txns, m)) continue;
    const list = listAt(txns, m);
    const longest = listAt(txns, orders.longest[txns.key[m]!]!);
    const differs = firstDifference(list, longest);
    if (differs === list.length) orders.length[m] = list.length;
    else reportMisfit(txns, writes, orders, findings, m, differs);
  }
}

function firstDifference(list: readonly Plain[], longer: readonly Plain[]): number {
  for (let i = 0; i < list.length; i++) {
    if (list[i] !== longer[i] && !samePlain(list[i]!, longer[i]!)) return i;
  }
  return list.length;
}

/** A read that does not fit may also have seen what it could not see on its own. */
function reportMisfit(
  txns: Transactions,
  writes: WriteTable,
  orders: ListOrders,
  findings: Findings,
  read: number,
  differs: number,
): void {
  const reader = txns.txnOf[read]!;
  const key = txns.key[read]!;
  const other = orders.longest[key]!;
  const operations = [reader, txns.txnOf[other]!];
  findings.add('incompatible-order', 'rc', operations, () => {
    const words = [read, other].map(
      (m) => `${txnName(txns.txnOf[m]!)} has ${microInWords(txns, m)}`,
    );
    return `${words.join(' and ')}, which do not agree on element ${differs}: neither is a prefix of the other.`;
  });
  const reports = new ListReports(txns, findings);
  const seen = new Set<number>();
  for (const element of listAt(txns, read)) {
    const m = writes.find(key, element);
    if (m === NONE) reports.thinAir(read, element);
    else if (seen.has(m)) reports.duplicate(read, element);
    else if (txns.outcome[txns.txnOf[m]!] === FAILED) reports.aborted(read, m);
    seen.add(m);
  }
}
