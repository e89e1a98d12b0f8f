// Why one transaction comes before another, as far as lists tell. Looked for when it is asked.

import { print } from '../plain.ts';
import type { Because } from './cycles.ts';
import { isRw, RWP, WR, WW } from './graph.ts';
import type { ListOrders } from './list-orders.ts';
import { APPEND, type Transactions } from './transactions.ts';
import { microInWords, orderInWords, txnName } from './words.ts';

const NONE = -1;

export function listBecause(txns: Transactions, orders: ListOrders): Because {
  return (from, to, label) => {
    const found =
      label === WW
        ? overwrote(txns, orders, from, to)
        : label === WR
          ? observed(txns, orders, from, to)
          : isRw(label)
            ? missed(txns, orders, from, to, label === RWP)
            : orderInWords(txns, from, to, label);
    return found ?? `${txnName(from)} depends on ${txnName(to)}`;
  };
}

/** Pairs of micro-operations of two transactions on the same key. */
function* pairs(
  { firstMicro, key }: Transactions,
  from: number,
  to: number,
): Generator<readonly [number, number]> {
  for (let a = firstMicro[from]!; a < firstMicro[from + 1]!; a++) {
    for (let b = firstMicro[to]!; b < firstMicro[to + 1]!; b++) if (key[a] === key[b]) yield [a, b];
  }
}

function overwrote(
  txns: Transactions,
  orders: ListOrders,
  from: number,
  to: number,
): string | undefined {
  const { kind, key, keys, value } = txns;
  for (const [a, b] of pairs(txns, from, to)) {
    if (kind[a] !== APPEND || kind[b] !== APPEND || orders.row[a] === NONE) continue;
    const [first, second, list] = [value(a)!, value(b)!, keys[key[a]!]!].map(print);
    const start = `${txnName(from)} appended ${first} to ${list}`;
    if (orders.row[b] === NONE) {
      return `${start}, which was read, and ${txnName(to)} appended ${second}, which nobody read`;
    }
    if (follows(txns, orders, orders.row[a]!, orders.row[b]!)) {
      return `${start}, and ${txnName(to)} appended ${second} after it`;
    }
  }
  return undefined;
}

/** Whether no other transaction's append lies between two rows. */
function follows(
  { txnOf }: Transactions,
  { append }: ListOrders,
  row: number,
  later: number,
): boolean {
  if (later <= row) return false;
  const ends = [txnOf[append[row]!], txnOf[append[later]!]];
  for (let between = row + 1; between < later; between++) {
    if (append[between] !== NONE && !ends.includes(txnOf[append[between]!])) return false;
  }
  return true;
}

function observed(
  txns: Transactions,
  orders: ListOrders,
  from: number,
  to: number,
): string | undefined {
  const { key, value } = txns;
  for (const [a, b] of pairs(txns, from, to)) {
    const length = orders.length[b]!;
    if (length <= 0 || orders.append[orders.start[key[b]!]! + length - 1] !== a) continue;
    const read = microInWords(txns, b);
    return `${txnName(to)} has ${read}, whose last element ${print(value(a)!)} is from ${txnName(from)}`;
  }
  return seen(txns, orders, from, to);
}

/** An element that is not the last one. */
function seen(
  txns: Transactions,
  { row, start, length }: ListOrders,
  from: number,
  to: number,
): string | undefined {
  for (const [a, b] of pairs(txns, from, to)) {
    const at = row[a]! - start[txns.key[b]!]!;
    if (row[a] === NONE || at >= length[b]!) continue;
    const element = print(txns.value(a)!);
    return `${txnName(to)} has ${microInWords(txns, b)}, in which ${element} is from ${txnName(from)}`;
  }
  return undefined;
}

function missed(
  txns: Transactions,
  orders: ListOrders,
  from: number,
  to: number,
  phantom: boolean,
): string | undefined {
  const { key, kind, value } = txns;
  for (const [a, b] of pairs(txns, from, to)) {
    const length = orders.length[a]!;
    if (length === NONE || kind[b] !== APPEND) continue;
    if (phantom !== (txns.predicateRow(a)?.absent === true)) continue;
    const end = orders.start[key[a]!]! + length;
    if (orders.row[b] !== NONE && orders.row[b]! < end) continue;
    const read = microInWords(txns, a);
    if (phantom) return `${txnName(from)} has ${read}, to which ${txnName(to)} appended`;
    return `${txnName(from)} has ${read}, which lacks ${print(value(b)!)}, appended by ${txnName(to)}`;
  }
  return undefined;
}
