// Edges that come from outside the data: the order of a session, and real time.

import { type EdgeList, FREE, PROCESS, REALTIME } from './graph.ts';
import type { Transactions } from './transactions.ts';
import { OK } from './transactions.ts';

const NONE = -1;
/** An order this far off, on average, is left to a general sort. */
const MOVES_MAX = 100;

/**
 * From each transaction to the next of its session. After one of unknown outcome the session goes
 * on while it may still take effect, so nothing follows from that one.
 */
export function addSessionEdges(txns: Transactions, visible: Uint8Array, edges: EdgeList): void {
  const latest = new Int32Array(txns.sessions).fill(NONE);
  for (let t = 0; t < txns.count; t++) {
    if (visible[t] === 0) continue;
    const session = txns.session[t]!;
    if (latest[session] !== NONE) edges.add(latest[session]!, t, PROCESS);
    if (txns.outcome[t] === OK) latest[session] = t;
  }
}

/**
 * From each of the transactions to those that were called after it returned, through a chain of
 * joints in the order of the returns: t ─► its joint ─► the next joint ─► … ─► u. Returns the
 * number of vertices with the joints.
 */
export function addRealtimeEdges(
  { called, returned }: Pick<Transactions, 'called' | 'returned'>,
  txns: Int32Array,
  edges: EdgeList,
  vertices: number,
): number {
  const byCall = sortedByTime(txns, called);
  const byReturn = sortedByTime(txns, returned);
  let finished = byReturn.length;
  while (finished > 0 && returned[byReturn[finished - 1]!] === Infinity) finished--;
  for (let i = 0; i < finished; i++) {
    edges.add(byReturn[i]!, vertices + i, REALTIME);
    if (i > 0) edges.add(vertices + i - 1, vertices + i, FREE);
  }
  let over = 0;
  for (let i = 0; i < byCall.length; i++) {
    const t = byCall[i]!;
    while (over < finished && returned[byReturn[over]!]! < called[t]!) over++;
    if (over > 0) edges.add(vertices + over - 1, t, FREE);
  }
  return vertices + finished;
}

/** Those that are known to have taken effect. */
export function visibleOnes(visible: Uint8Array): Int32Array {
  return Int32Array.from({ length: visible.length }, (_, t) => t).filter((t) => visible[t] === 1);
}

/**
 * Insertion sort, for calls are sorted in a history and returns out of order by no more than the
 * number of open transactions.
 */
export function sortedByTime(txns: Int32Array, time: Float64Array): Int32Array {
  const sorted = txns.slice();
  let moves = 0;
  for (let i = 1; i < sorted.length; i++) {
    const txn = sorted[i]!;
    let at = i;
    while (at > 0 && time[sorted[at - 1]!]! > time[txn]!) {
      sorted[at] = sorted[at - 1]!;
      at--;
    }
    sorted[at] = txn;
    moves += i - at;
    if (moves > MOVES_MAX * sorted.length) {
      return sorted.sort((a, b) => time[a]! - time[b]! || a - b);
    }
  }
  return sorted;
}
