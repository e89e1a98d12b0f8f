// What happened before what, and the order of writers that it forces.
//
// A clock holds, for each session, the position of its latest transaction that happened before:
// transactions of one session form a chain, so that one number stands for all that came earlier.
// A transaction of unknown outcome does not precede the rest of its session; it has a chain of its
// own.

import type { ForcedBy, ForcedOrder } from './forced-order.ts';
import { EdgeList, WW } from './graph.ts';
import { INITIAL, type ReadsFrom, writeOf } from './reads-from.ts';
import { OK } from './transactions.ts';

const NONE = -1;
/** The numbers that the clocks of a history may have, all together. */
const CLOCK_NUMBERS_MAX = 1 << 28;

/** Sessions as chains; a transaction of unknown outcome has one of its own. */
export interface SessionChains {
  readonly count: number;
  /** By transaction: its chain, and its position there from 1; 0 if it is not visible. */
  readonly of: Int32Array;
  readonly position: Int32Array;
  /** By transaction: its predecessor in its session, or -1. */
  readonly predecessor: Int32Array;
}

/** What happened before what. */
export interface Causality {
  readonly chains: SessionChains;
  /** For each transaction one number a chain: the latest position that happened before. */
  readonly clocks: Int32Array;
}

/**
 * `cyclic` when happened-before has a cycle, so that there are no clocks; `too-large` when there
 * are too many sessions for so many transactions.
 */
export function causalityOf(
  reads: ReadsFrom,
  versions?: EdgeList,
): Causality | 'cyclic' | 'too-large' {
  const chains = chainsOf(reads);
  if (chains.count * reads.txns.count > CLOCK_NUMBERS_MAX) return 'too-large';
  const order = topologicalOrder(reads, chains, versions);
  if (order === undefined) return 'cyclic';
  return { chains, clocks: clocksOf(reads, chains, order) };
}

export function happenedBefore({ chains, clocks }: Causality, a: number, b: number): boolean {
  return clocks[b * chains.count + chains.of[a]!]! >= chains.position[a]!;
}

export function causalOrder(
  reads: ReadsFrom,
  versions?: EdgeList,
): ForcedOrder[] | 'cyclic' | 'too-large' {
  const causality = causalityOf(reads, versions);
  return typeof causality === 'string' ? causality : forcedBy(reads, causality);
}

export function chainsOf({ txns, visible }: ReadsFrom): SessionChains {
  const of = new Int32Array(txns.count);
  const position = new Int32Array(txns.count);
  const predecessor = new Int32Array(txns.count).fill(NONE);
  const latest = new Int32Array(txns.sessions).fill(NONE);
  let count = txns.sessions;
  for (let t = 0; t < txns.count; t++) {
    if (visible[t] === 0) continue;
    const session = txns.session[t]!;
    predecessor[t] = latest[session]!;
    if (txns.outcome[t] === OK) {
      of[t] = session;
      position[t] = latest[session] === NONE ? 1 : position[latest[session]!]! + 1;
      latest[session] = t;
    } else {
      of[t] = count++;
      position[t] = 1;
    }
  }
  return { count, of, position, predecessor };
}

/**
 * Kahn's algorithm over sessions, reads and known orders of versions; `undefined` if there is a
 * cycle.
 */
function topologicalOrder(
  reads: ReadsFrom,
  { predecessor }: SessionChains,
  versions: EdgeList = new EdgeList(0),
): Int32Array | undefined {
  const { txns, visible, firstRead, readFrom } = reads;
  const waitsFor = new Int32Array(txns.count);
  const firstHead = new Int32Array(txns.count).fill(NONE);
  // Lists of those that wait for a transaction: links are numbered by read, then by transaction,
  // then by edge between versions.
  const firstVersion = readFrom.length + txns.count;
  const nextHead = new Int32Array(firstVersion + versions.count);
  const link = (before: number, at: number) => {
    nextHead[at] = firstHead[before]!;
    firstHead[before] = at;
  };
  for (let e = 0; e < versions.count; e++) {
    if (versions.label[e] !== WW) continue;
    link(versions.from[e]!, firstVersion + e);
    waitsFor[versions.to[e]!]!++;
  }
  const readerOf = new Int32Array(readFrom.length);
  let members = 0;
  const order = new Int32Array(txns.count);
  let ready = 0;
  for (let t = 0; t < txns.count; t++) {
    if (visible[t] === 0) continue;
    members++;
    for (let r = firstRead[t]!; r < firstRead[t + 1]!; r++) {
      readerOf[r] = t;
      if (readFrom[r] === INITIAL) continue;
      link(readFrom[r]!, r);
      waitsFor[t]!++;
    }
    if (predecessor[t] !== NONE) {
      link(predecessor[t]!, readFrom.length + t);
      waitsFor[t]!++;
    }
    if (waitsFor[t] === 0) order[ready++] = t;
  }
  const waiting = (link_: number) =>
    link_ < readFrom.length ? readerOf[link_]! : link_ - readFrom.length;
  for (let i = 0; i < ready; i++) {
    for (let at = firstHead[order[i]!]!; at !== NONE; at = nextHead[at]!) {
      const t = at < firstVersion ? waiting(at) : versions.to[at - firstVersion]!;
      if (--waitsFor[t]! === 0) order[ready++] = t;
    }
  }
  return ready === members ? order.subarray(0, ready) : undefined;
}

/** The clocks of all transactions, one after another. */
function clocksOf(reads: ReadsFrom, chains: SessionChains, order: Int32Array): Int32Array {
  const { txns } = reads;
  const { count, of, position, predecessor } = chains;
  const clocks = new Int32Array(txns.count * count);
  const join = (t: number, before: number) => {
    const from = before * count;
    const to = t * count;
    for (let c = 0; c < count; c++)
      if (clocks[from + c]! > clocks[to + c]!) clocks[to + c] = clocks[from + c]!;
    const own = to + of[before]!;
    if (position[before]! > clocks[own]!) clocks[own] = position[before]!;
  };
  for (const t of order) {
    if (predecessor[t] !== NONE) join(t, predecessor[t]!);
    reads.forEachSeen(t, (writer) => {
      if (clocks[t * count + of[writer]!]! < position[writer]!) join(t, writer);
    });
  }
  return clocks;
}

/** The writers of each key, by chain and position: rows start[key] to start[key + 1]. */
interface Writers {
  readonly start: Int32Array;
  readonly txn: Int32Array;
  /** By row: the end of the rows of the same key and chain. */
  readonly end: Int32Array;
}

function writersOf(reads: ReadsFrom, { count, of }: SessionChains): Writers {
  const { txns, visible, firstWrite, writeKey } = reads;
  const all = Int32Array.from({ length: txns.count }, (_, t) => t).filter((t) => visible[t] === 1);
  // History order is the order of each chain, and sorting by counting keeps it.
  const byChain = sortedByCounting(all, count, (t) => of[t]!);
  const start = new Int32Array(txns.keys.length + 1);
  for (const key of writeKey) start[key + 1]!++;
  for (let key = 0; key < txns.keys.length; key++) start[key + 1]! += start[key]!;
  const next = start.slice();
  const txn = new Int32Array(writeKey.length);
  for (const t of byChain) {
    for (let w = firstWrite[t]!; w < firstWrite[t + 1]!; w++) txn[next[writeKey[w]!]!++] = t;
  }
  const end = new Int32Array(txn.length);
  for (let key = 0; key < txns.keys.length; key++) {
    for (let row = start[key + 1]! - 1; row >= start[key]!; row--) {
      const last = row + 1 === start[key + 1] || of[txn[row + 1]!] !== of[txn[row]!];
      end[row] = last ? row + 1 : end[row + 1]!;
    }
  }
  return { start, txn, end };
}

function sortedByCounting(
  items: Int32Array,
  count: number,
  numberOf: (item: number) => number,
): Int32Array {
  const next = new Int32Array(count + 1);
  for (const item of items) next[numberOf(item) + 1]!++;
  for (let number = 0; number < count; number++) next[number + 1]! += next[number]!;
  const sorted = new Int32Array(items.length);
  for (const item of items) sorted[next[numberOf(item)]!++] = item;
  return sorted;
}

function forcedBy(reads: ReadsFrom, causality: Causality): ForcedOrder[] {
  const { chains, clocks } = causality;
  const { txns, firstRead, readKey, readFrom } = reads;
  const { count, of, position } = chains;
  const writers = writersOf(reads, chains);
  const forced: ForcedOrder[] = [];
  for (let reader = 0; reader < txns.count; reader++) {
    for (let read = firstRead[reader]!; read < firstRead[reader + 1]!; read++) {
      const second = readFrom[read]!;
      const end = writers.start[readKey[read]! + 1]!;
      for (let row = writers.start[readKey[read]!]!; row < end; row = writers.end[row]!) {
        const chain = of[writers.txn[row]!]!;
        const first = latestUpTo(writers, position, row, clocks[reader * count + chain]!);
        if (first === NONE || first === second) continue;
        if (second !== INITIAL && happenedBefore(causality, first, second)) continue;
        if (reads.isKnownBefore(writeOf(reads, first, readKey[read]!), read)) continue;
        forced.push({
          first,
          second,
          read,
          reader,
          by: reasonFor(reads, chains, first, reader, read),
        });
      }
    }
  }
  return forced;
}

/** The latest writer of a segment whose position is not above the limit, or -1. */
function latestUpTo(
  { txn, end }: Writers,
  position: Int32Array,
  segment: number,
  limit: number,
): number {
  let low = segment;
  let high = end[segment]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (position[txn[middle]!]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low === segment ? NONE : txn[low - 1]!;
}

/** The weakest level that forces the order. */
function reasonFor(
  { firstRead, readFrom }: ReadsFrom,
  { of }: SessionChains,
  first: number,
  reader: number,
  read: number,
): ForcedBy {
  const earlier = readFrom.subarray(firstRead[reader]!, read);
  if (earlier.includes(first)) return 'monotonic';
  if (of[first] === of[reader]) return 'session';
  return readFrom.subarray(read, firstRead[reader + 1]!).includes(first) ? 'read' : 'causal';
}
