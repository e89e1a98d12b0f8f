// What reads of append-only lists tell about the order of transactions.
//
// The longest read of a key is its version order, for elements are only ever added at the end and
// each is added once:
//
//   key x     e0       e1       e2      │ never read: e3, e4
//            T1 ──ww──► T2 ──ww──► T1 ──ww──► T5, T6
//                        └─wr─► reader of [e0 e1] ──rw──► T1
//
// On the way everything is found that is wrong without a cycle: reads that contradict each other or
// their own transaction, and what was read of transactions that failed or were not finished.
//
// Source: Kingsbury and Alvaro, "Elle: inferring isolation anomalies from experimental
// observations", VLDB 2020. Departures: elements that nobody appended are an anomaly, and an append
// that nobody read comes after the last one that somebody did.

import type { Plain } from '../../env/net.ts';
import { print, samePlain } from '../plain.ts';
import type { Findings } from './findings.ts';
import { type ListOrders, listAt } from './list-orders.ts';
import { ListReports } from './list-reports.ts';
import { APPEND, FAILED, type Transactions } from './transactions.ts';
import { microInWords, txnInWords } from './words.ts';

const NONE = -1;

/** Looks at every read: does it agree with its own transaction, and saw it only what was done? */
export function inspectReads(txns: Transactions, orders: ListOrders, findings: Findings): void {
  const { start, append, row, length } = orders;
  const { firstMicro, txnOf, kind, key, outcome } = txns;
  const unfinished = unfinishedAppends(txns);
  const unwritten = firstRows(orders, (at) => append[at] === NONE);
  const repeated = firstRows(orders, (at) => append[at] !== NONE && row[append[at]!] !== at);
  const failed = firstRows(
    orders,
    (at) => append[at] !== NONE && outcome[txnOf[append[at]!]!] === FAILED,
  );
  const reports = new ListReports(txns, findings);
  const view = new InnerView(txns, orders, findings);
  for (let t = 0; t < txns.count; t++) {
    if (outcome[t] === FAILED) continue;
    for (let m = firstMicro[t]!; m < firstMicro[t + 1]!; m++) {
      if (kind[m] === APPEND) {
        view.append(m);
        continue;
      }
      view.read(m);
      if (length[m]! <= 0) continue;
      const k = key[m]!;
      const end = start[k]! + length[m]!;
      const elementAt = (at: number) => listAt(txns, m)[at - start[k]!]!;
      if (unwritten[k]! < end) reports.thinAir(m, elementAt(unwritten[k]!));
      if (repeated[k]! < end) reports.duplicate(m, elementAt(repeated[k]!));
      if (failed[k]! < end) reports.aborted(m, append[failed[k]!]!);
      const last = append[end - 1]!;
      if (last !== NONE && unfinished[last] === 1 && txnOf[last] !== t) {
        reports.intermediate(m, last);
      }
    }
  }
  inspectVersions(txns, orders, findings);
}

/** By append: 1 when its transaction appends to the same key again. */
function unfinishedAppends(txns: Transactions): Uint8Array {
  const unfinished = new Uint8Array(txns.micros);
  const latest = new Int32Array(txns.keys.length).fill(NONE);
  for (let m = 0; m < txns.micros; m++) {
    if (txns.kind[m] !== APPEND) continue;
    const before = latest[txns.key[m]!]!;
    if (before !== NONE && txns.txnOf[before] === txns.txnOf[m]) unfinished[before] = 1;
    latest[txns.key[m]!] = m;
  }
  return unfinished;
}

/** By key: the first row of its order for which this is so, or one beyond all rows. */
function firstRows({ start, append }: ListOrders, is: (row: number) => boolean): Int32Array {
  const rows = new Int32Array(start.length - 1).fill(append.length);
  for (let k = 0; k < rows.length; k++) {
    for (let row = start[k]!; row < start[k + 1]!; row++) {
      if (!is(row)) continue;
      rows[k] = row;
      break;
    }
  }
  return rows;
}

/** What a transaction must see of the keys that it has touched itself. */
class InnerView {
  readonly #txns: Transactions;
  readonly #orders: ListOrders;
  readonly #findings: Findings;
  /** By key: the latest micro-operation on it, its last read in the same transaction, or -1. */
  readonly #latest: Int32Array;
  readonly #lastRead: Int32Array;
  /** By key: the longest read of the transaction that has read it last, or -1. */
  readonly #longestRead: Int32Array;
  /** By version (a row, or the end of a key's order): the first transaction to read it and append. */
  readonly #updater: Int32Array;

  constructor(txns: Transactions, orders: ListOrders, findings: Findings) {
    this.#txns = txns;
    this.#orders = orders;
    this.#findings = findings;
    this.#latest = new Int32Array(txns.keys.length).fill(NONE);
    this.#lastRead = new Int32Array(txns.keys.length).fill(NONE);
    this.#longestRead = new Int32Array(txns.keys.length).fill(NONE);
    this.#updater = new Int32Array(orders.append.length + txns.keys.length).fill(NONE);
  }

  append(m: number): void {
    const key = this.#txns.key[m]!;
    const before = this.#latestOf(m);
    if (before !== NONE) this.#checkOwnOrder(m);
    const read = before === NONE ? NONE : this.#lastRead[key]!;
    if (read !== NONE) {
      this.#checkFuture(m, this.#longestRead[key]!);
      if (before === read) this.#checkUpdate(m, read);
    }
    this.#latest[key] = m;
    this.#lastRead[key] = read;
  }

  read(m: number): void {
    const key = this.#txns.key[m]!;
    const before = this.#latestOf(m);
    if (this.#txns.value(m) === undefined) return;
    if (before !== NONE) this.#checkInternal(m);
    this.#keepLongest(m);
    this.#latest[key] = m;
    this.#lastRead[key] = m;
  }

  #keepLongest(m: number): void {
    const longest = this.#longestRead[this.#txns.key[m]!]!;
    const isFirst = longest === NONE || this.#txns.txnOf[longest] !== this.#txns.txnOf[m];
    if (isFirst || listAt(this.#txns, m).length > listAt(this.#txns, longest).length) {
      this.#longestRead[this.#txns.key[m]!] = m;
    }
  }

  /** The latest micro-operation of the same transaction on the same key, or -1. */
  #latestOf(m: number): number {
    const latest = this.#latest[this.#txns.key[m]!]!;
    return latest !== NONE && this.#txns.txnOf[latest] === this.#txns.txnOf[m] ? latest : NONE;
  }

  /** A read after others of the key: what they showed, and at its end the transaction's appends. */
  #checkInternal(m: number): void {
    const { txnOf, key, kind, value } = this.#txns;
    const t = txnOf[m]!;
    const last = this.#lastRead[key[m]!]!;
    const known = last !== NONE && txnOf[last] === t ? last : NONE;
    const own: Plain[] = [];
    const since: Plain[] = [];
    for (let o = this.#txns.firstMicro[t]!; o < m; o++) {
      if (kind[o] !== APPEND || key[o] !== key[m]) continue;
      own.push(value(o)!);
      if (o > known) since.push(value(o)!);
    }
    const seen = listAt(this.#txns, m);
    const expected = known === NONE ? own : [...listAt(this.#txns, known), ...since];
    const isWhole = endsWith(seen, own);
    if (
      isWhole &&
      (known === NONE || (endsWith(seen, expected) && seen.length === expected.length))
    )
      return;
    const words = () => {
      const list = `${known === NONE ? '… ' : ''}${expected.map(print).join(' ')}`;
      return `${txnInWords(this.#txns, t)}: by what it did before, ${microInWords(this.#txns, m)} should have been [${list}].`;
    };
    this.#findings.add('internal', 'ra', [t], words);
    if (!isWhole) this.#findings.add('not-my-own-write', 'rc', [t], words);
  }

  /** A transaction's own appends must stand in the order in which it made them. */
  #checkOwnOrder(m: number): void {
    const { txnOf, key, kind, value, firstMicro } = this.#txns;
    const { row } = this.#orders;
    if (row[m] === NONE) return;
    for (let o = firstMicro[txnOf[m]!]!; o < m; o++) {
      if (kind[o] !== APPEND || key[o] !== key[m]) continue;
      if (row[o] !== NONE && row[o]! < row[m]!) continue;
      this.#findings.add('incompatible-order', 'rc', [txnOf[m]!], () => {
        const [first, second] = [value(o)!, value(m)!].map(print);
        return `${txnInWords(this.#txns, txnOf[m]!)} appended ${first} before ${second}, but reads have ${second} without ${first} in front of it.`;
      });
      return;
    }
  }

  /** The element was read before it was appended. */
  #checkFuture(m: number, read: number): void {
    const { key, value, txnOf } = this.#txns;
    const { start, row, length } = this.#orders;
    const fits = length[read] !== NONE;
    const future = fits
      ? row[m] !== NONE && row[m]! < start[key[m]!]! + length[read]!
      : listAt(this.#txns, read).some((element) => samePlain(element, value(m)!));
    if (!future) return;
    this.#findings.add('future-read', 'rc', [txnOf[m]!], () => {
      const t = txnInWords(this.#txns, txnOf[m]!);
      return `${t} read ${print(value(m)!)} before it appended it.`;
    });
  }

  /** Of two transactions that read the same version and append to it, one must not see the other. */
  #checkUpdate(m: number, read: number): void {
    const { key, txnOf, kind } = this.#txns;
    const { start, length } = this.#orders;
    const t = txnOf[m]!;
    if (length[read] === NONE) return;
    for (let o = this.#txns.firstMicro[t]!; o < read; o++) {
      if (kind[o] === APPEND && key[o] === key[m]) return;
    }
    const version = start[key[m]!]! + key[m]! + length[read]!;
    const other = this.#updater[version]!;
    if (other === NONE) this.#updater[version] = t;
    if (other === NONE || other === t) return;
    this.#findings.add('lost-update', 'si', [other, t], () => {
      const [a, b] = [other, t].map((txn) => txnInWords(this.#txns, txn));
      return `${a} and ${b} both read the same version of ${print(this.#txns.keys[key[m]!]!)} and then appended to it: one update was made without regard to the other.`;
    });
  }
}

function endsWith(list: readonly Plain[], end: readonly Plain[]): boolean {
  const from = list.length - end.length;
  return from >= 0 && end.every((element, i) => samePlain(element, list[from + i]!));
}

/** Dirty update: a version that was built on one whose transaction failed. */
function inspectVersions(txns: Transactions, orders: ListOrders, findings: Findings): void {
  const { start, append } = orders;
  for (let k = 0; k < txns.keys.length; k++) {
    let failed = NONE;
    for (let row = start[k]!; row < start[k + 1]!; row++) {
      const m = append[row]!;
      if (m === NONE) continue;
      const writer = txns.txnOf[m]!;
      if (txns.outcome[writer] === FAILED) failed = m;
      else if (failed !== NONE) {
        const aborted = failed;
        findings.add('dirty-update', 'rc', [txns.txnOf[aborted]!, writer], () => {
          const values = [aborted, m].map((append_) => print(txns.value(append_)!));
          return `${txnInWords(txns, txns.txnOf[aborted]!)} failed, but ${txnInWords(txns, writer)} appended ${values[1]} behind its ${values[0]}.`;
        });
        failed = NONE;
      }
    }
  }
}
