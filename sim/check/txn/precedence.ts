// Orders in time that an isolation level asks for, as a plain directed graph.
//
// Serializability has one point for each transaction. Snapshot isolation has two, a begin and a
// commit: whoever reads from another, or overwrites it, begins after it has committed, and whoever
// is overwritten after its read began before the other committed. In both the level holds iff the
// points can be put into one order.
//
//                 serializable     snapshot isolation
//   ww, wr, so    t ─► u           commit t ─► begin u
//   rw            t ─► u           begin t ─► commit u

import { EdgeList, FREE, Graph, isRw } from './graph.ts';
import type { Chains } from './reachability.ts';

export type Points = 'one' | 'two';

/** How transactions and joints map to the vertices of a graph of points. */
export class Precedence {
  readonly points: Points;
  readonly vertices: number;

  constructor(points: Points, txns: number) {
    this.points = points;
    this.vertices = points === 'one' ? txns : 2 * txns;
  }

  begin(txn: number): number {
    return this.points === 'one' ? txn : 2 * txn;
  }

  commit(txn: number): number {
    return this.points === 'one' ? txn : 2 * txn + 1;
  }

  /** The tail and head of an edge with this label. */
  tail(txn: number, label: number): number {
    return isRw(label) ? this.begin(txn) : this.commit(txn);
  }

  head(txn: number, label: number): number {
    return isRw(label) ? this.commit(txn) : this.begin(txn);
  }

  /** Chains of transactions as chains of points. */
  chains(chains: Chains): Chains {
    if (this.points === 'one') return chains;
    const of = new Int32Array(this.vertices);
    const position = new Int32Array(this.vertices);
    for (let txn = 0; txn < chains.of.length; txn++) {
      of[this.begin(txn)] = of[this.commit(txn)] = chains.of[txn]!;
      position[this.begin(txn)] = 2 * chains.position[txn]! - 1;
      position[this.commit(txn)] = 2 * chains.position[txn]!;
    }
    return { count: chains.count, of, position };
  }

  /** The graph of points of labelled edges between transactions. */
  graph(edges: EdgeList): Graph {
    const list = new EdgeList(edges.count + this.vertices);
    for (let e = 0; e < edges.count; e++) {
      const label = edges.label[e]!;
      list.add(this.tail(edges.from[e]!, label), this.head(edges.to[e]!, label), label);
    }
    if (this.points === 'two') {
      for (let v = 0; v < this.vertices; v += 2) list.add(v, v + 1, FREE);
    }
    return new Graph(this.vertices, list);
  }
}
