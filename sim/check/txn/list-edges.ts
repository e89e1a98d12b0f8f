// Dependencies between transactions on append-only lists:
//
//   ww  the writers of two neighbouring versions
//   wr  the writer of the last element of a read, and the reader
//   rw  a reader, and the writer of the version after the one it saw
//
// An append that nobody read comes after the last version that somebody did, if it is known to have
// happened.

import { EdgeList, FREE, RW, RWP, WR, WW } from './graph.ts';
import type { ListOrders } from './list-orders.ts';
import { APPEND, FAILED, OK, type Transactions } from './transactions.ts';

const NONE = -1;
/** Up to this many edges from many readers to many writers are written out. */
const WRITTEN_OUT_MAX = 64;

export interface Dependencies {
  readonly edges: EdgeList;
  /** Transactions, and then joints. */
  readonly vertices: number;
  /** By transaction: 1 if it is known to have taken effect. */
  readonly visible: Uint8Array;
}

/** By label of their edges, and by key: the readers of the latest version that anybody saw. */
type LatestReaders = readonly {
  readonly label: number;
  readonly byKey: ReadonlyMap<number, readonly number[]>;
}[];

export function listDependencies(txns: Transactions, orders: ListOrders): Dependencies {
  return new ListEdges(txns, orders).infer();
}

class ListEdges {
  readonly #txns: Transactions;
  readonly #orders: ListOrders;
  readonly #edges: EdgeList;
  readonly #visible: Uint8Array;
  /** By row: the transaction that wrote it, or -1 if it failed or does not exist. */
  readonly #writer: Int32Array;
  /** By row: the first row from it on that has a writer; the end of the key's rows if none has. */
  readonly #from: Int32Array;
  #vertices: number;

  constructor(txns: Transactions, orders: ListOrders) {
    this.#txns = txns;
    this.#orders = orders;
    this.#edges = new EdgeList(Math.max(64, 2 * txns.micros));
    this.#visible = txns.outcome.map((outcome) => (outcome === OK ? 1 : 0));
    this.#vertices = txns.count;
    this.#writer = this.#writers();
    this.#from = this.#nextWritten();
  }

  infer(): Dependencies {
    this.#neighbours();
    const readersOfLatest = this.#reads();
    this.#unread(readersOfLatest);
    return { edges: this.#edges, vertices: this.#vertices, visible: this.#visible };
  }

  #writers(): Int32Array {
    const { txnOf, outcome } = this.#txns;
    return this.#orders.append.map((m) => {
      if (m === NONE || outcome[txnOf[m]!] === FAILED) return NONE;
      this.#visible[txnOf[m]!] = 1;
      return txnOf[m]!;
    });
  }

  #nextWritten(): Int32Array {
    const { start } = this.#orders;
    const from = new Int32Array(this.#writer.length);
    for (let k = this.#txns.keys.length - 1; k >= 0; k--) {
      let next = start[k + 1]!;
      for (let row = next - 1; row >= start[k]!; row--) {
        if (this.#writer[row] !== NONE) next = row;
        from[row] = next;
      }
    }
    return from;
  }

  #neighbours(): void {
    const { start } = this.#orders;
    for (let k = 0; k < this.#txns.keys.length; k++) {
      let before = NONE;
      for (let row = start[k]!; row < start[k + 1]!; row++) {
        const writer = this.#writer[row]!;
        if (writer === NONE) continue;
        if (before !== NONE && before !== writer) this.#edges.add(before, writer, WW);
        before = writer;
      }
    }
  }

  #labelOf(read: number): number {
    return this.#txns.predicateRow(read)?.absent === true ? RWP : RW;
  }

  /** Edges of the reads. Returns those that saw the latest version. */
  #reads(): LatestReaders {
    const { start, length } = this.#orders;
    const { key, txnOf } = this.#txns;
    const unread = this.#keysWithUnread();
    const latest = [RW, RWP].map((label) => ({ label, byKey: new Map<number, number[]>() }));
    for (let m = 0; m < this.#txns.micros; m++) {
      if (length[m] === NONE) continue;
      const reader = txnOf[m]!;
      const end = start[key[m]!]! + length[m]!;
      const limit = start[key[m]! + 1]!;
      if (length[m]! > 0) {
        const writer = this.#writer[end - 1]!;
        if (writer === reader) continue; // its own append, whose ww edges say the rest
        if (writer !== NONE) this.#edges.add(writer, reader, WR);
      }
      const next = end < limit ? this.#from[end]! : limit;
      if (next < limit) {
        if (this.#writer[next] !== reader) {
          this.#edges.add(reader, this.#writer[next]!, this.#labelOf(m));
        }
      } else if (unread[key[m]!] === 1) {
        const { byKey } = latest[this.#labelOf(m) === RW ? 0 : 1]!;
        const readers = byKey.get(key[m]!);
        if (readers === undefined) byKey.set(key[m]!, [reader]);
        else if (readers.at(-1) !== reader) readers.push(reader);
      }
    }
    return latest;
  }

  #isUnread(m: number): boolean {
    const { kind, txnOf } = this.#txns;
    return kind[m] === APPEND && this.#visible[txnOf[m]!] === 1 && this.#orders.row[m] === NONE;
  }

  #keysWithUnread(): Uint8Array {
    const keys = new Uint8Array(this.#txns.keys.length);
    for (let m = 0; m < this.#txns.micros; m++) if (this.#isUnread(m)) keys[this.#txns.key[m]!] = 1;
    return keys;
  }

  /** Appends that nobody read come after the latest version, in an order that is not known. */
  #unread(readersOfLatest: LatestReaders): void {
    const { start } = this.#orders;
    const appenders = new Map<number, number[]>();
    for (let m = 0; m < this.#txns.micros; m++) {
      if (!this.#isUnread(m)) continue;
      const list = appenders.get(this.#txns.key[m]!);
      const appender = this.#txns.txnOf[m]!;
      if (list === undefined) appenders.set(this.#txns.key[m]!, [appender]);
      else if (list.at(-1) !== appender) list.push(appender);
    }
    for (const [k, list] of appenders) {
      let latest = start[k + 1]! - 1;
      while (latest >= start[k]! && this.#writer[latest] === NONE) latest--;
      if (latest >= start[k]!) {
        const writer = this.#writer[latest]!;
        for (const appender of list) if (appender !== writer) this.#edges.add(writer, appender, WW);
      }
      for (const { label, byKey } of readersOfLatest) {
        this.#manyToMany(byKey.get(k) ?? [], list, label);
      }
    }
  }

  /** An rw edge of this label from each reader to each other transaction of the list. */
  #manyToMany(readers: readonly number[], appenders: readonly number[], label: number): void {
    if (readers.length * appenders.length <= WRITTEN_OUT_MAX) {
      for (const reader of readers) {
        for (const appender of appenders) {
          if (reader !== appender) this.#edges.add(reader, appender, label);
        }
      }
      return;
    }
    // Joint i of the first row leads to appenders 0 to i, of the second row to i and all that follow.
    const n = appenders.length;
    const upTo = this.#vertices;
    const onwards = upTo + n;
    this.#vertices += 2 * n;
    for (const [i, appender] of appenders.entries()) {
      this.#edges.add(upTo + i, appender, FREE);
      this.#edges.add(onwards + i, appender, FREE);
      if (i > 0) this.#edges.add(upTo + i, upTo + i - 1, FREE);
      if (i < n - 1) this.#edges.add(onwards + i, onwards + i + 1, FREE);
    }
    const indexOf = new Map(appenders.map((appender, i) => [appender, i]));
    for (const reader of readers) {
      const own = indexOf.get(reader) ?? n;
      if (own > 0) this.#edges.add(reader, upTo + own - 1, label);
      if (own < n - 1) this.#edges.add(reader, onwards + own + 1, label);
    }
  }
}
