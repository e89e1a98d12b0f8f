// Who read from whom in registers, and what is wrong with a read by itself.
//
// Names are those of Plume: a read of a value that nobody wrote is thin air; a transaction must not
// read what it writes later, nor, of a key that it wrote itself, anything but its last write; and of
// others it must not read what was aborted, or was not their last write.
//
// Source: Liu, Gu, Wei and Basin, "Plume: efficient and complete black-box checking of weak
// isolation levels", OOPSLA 2024.

import type { Plain } from '../../env/net.ts';
import { print, samePlain } from '../plain.ts';
import type { Findings } from './findings.ts';
import { INITIAL, type ReadsFrom, readsFromWriters } from './reads-from.ts';
import { FAILED, type Transactions, WRITE } from './transactions.ts';
import { microInWords, txnInWords, txnName } from './words.ts';
import type { WriteTable } from './write-table.ts';

const NONE = -1;

export function readsFromRegisters(
  txns: Transactions,
  writes: WriteTable,
  initial: Plain,
  findings: Findings,
): ReadsFrom {
  const own = new OwnWrites(txns);
  const { txnOf, key, value, outcome } = txns;
  return readsFromWriters(txns, (read) => {
    const t = txnOf[read]!;
    const seen = value(read);
    if (seen === undefined) return undefined;
    const mine = own.before(read);
    if (mine !== NONE) {
      if (!samePlain(value(mine)!, seen)) reportOwn(txns, findings, read, mine);
      return undefined;
    }
    if (samePlain(seen, initial)) return INITIAL;
    const write = writes.find(key[read]!, seen);
    if (write === NONE) {
      findings.add('thin-air-read', 'rc', [t], () => {
        return `${txnInWords(txns, t)} has ${microInWords(txns, read)}, which no transaction wrote.`;
      });
      return undefined;
    }
    const writer = txnOf[write]!;
    if (writer === t) {
      findings.add('future-read', 'rc', [t], () => {
        return `${txnInWords(txns, t)} has ${microInWords(txns, read)}, which it wrote itself, but later.`;
      });
      return undefined;
    }
    if (outcome[writer] === FAILED) {
      findings.add('G1a', 'rc', [t, writer], () => {
        return `Aborted read: ${txnName(t)} has ${microInWords(txns, read)}, but ${txnInWords(txns, writer)} failed.`;
      });
      return undefined;
    }
    if (!own.isLast(write)) {
      findings.add('G1b', 'rc', [t, writer], () => {
        return `Intermediate read: ${txnName(t)} has ${microInWords(txns, read)}, which ${txnInWords(txns, writer)} overwrote itself.`;
      });
    }
    return writer;
  });
}

function reportOwn(txns: Transactions, findings: Findings, read: number, last: number): void {
  const { txnOf, firstMicro, kind, key, value } = txns;
  const t = txnOf[read]!;
  let earlier = false;
  for (let m = firstMicro[t]!; m < last; m++) {
    if (kind[m] === WRITE && key[m] === key[read] && samePlain(value(m)!, value(read)!))
      earlier = true;
  }
  findings.add(earlier ? 'not-my-last-write' : 'not-my-own-write', 'rc', [t], () => {
    return `${txnInWords(txns, t)} has ${microInWords(txns, read)} after its own write of ${print(value(last)!)}.`;
  });
}

/** The writes of each transaction to each key, in program order. */
class OwnWrites {
  /** By micro-operation: the latest write of the same transaction to the same key before it. */
  readonly #before: Int32Array;
  /** By write: 1 when it is the transaction's last one to its key. */
  readonly #last: Uint8Array;

  constructor(txns: Transactions) {
    const { micros, kind, key, txnOf } = txns;
    this.#before = new Int32Array(micros).fill(NONE);
    this.#last = new Uint8Array(micros);
    const latest = new Int32Array(txns.keys.length).fill(NONE);
    for (let m = 0; m < micros; m++) {
      const write = latest[key[m]!]!;
      if (write !== NONE && txnOf[write] === txnOf[m]) this.#before[m] = write;
      if (kind[m] !== WRITE) continue;
      if (this.#before[m] !== NONE) this.#last[this.#before[m]!] = 0;
      this.#last[m] = 1;
      latest[key[m]!] = m;
    }
  }

  before(m: number): number {
    return this.#before[m]!;
  }

  isLast(write: number): boolean {
    return this.#last[write] === 1;
  }
}
