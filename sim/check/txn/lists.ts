import { print } from '../plain.ts';
import { findCycles } from './cycles.ts';
import { type EdgeList, PROCESS, REALTIME, RW, RWP, WR, WW } from './graph.ts';
import { type LevelCheck, type LevelEnd, tooManySessions } from './level-check.ts';
import { inspectReads } from './list-append.ts';
import { listBecause } from './list-because.ts';
import { listDependencies } from './list-edges.ts';
import { type ListOrders, listOrders } from './list-orders.ts';
import { addSessionEdges } from './order-edges.ts';
import { decidePolygraph, type Written } from './polygraph.ts';
import { readsFromLists } from './reads-from.ts';
import { APPEND, type Transactions } from './transactions.ts';
import { checkWeakLevel } from './weak.ts';
import { txnInWords } from './words.ts';

const NONE = -1;
/** Histories with more transactions, or more pairs, are not looked at for {@link checkUnread}. */
const UNREAD_TXNS_MAX = 5_000;
const UNREAD_PAIRS_MAX = 200_000;
/** To tell which two cannot be ordered. */
const PAIRS_TRIED_ALONE = 100;

/**
 * Levels of append-only lists. `rc`, `si` and `ser` and their kin are decided by cycles of the
 * dependencies that reads tell (Adya); `ra` and `causal` by the order of writers that they force.
 */
export function checkLists(check: LevelCheck): LevelEnd {
  const { txns, writes, level, findings } = check;
  const orders = listOrders(txns, writes, findings);
  inspectReads(txns, orders, findings);
  return level === 'ra' || level === 'causal'
    ? checkForced(check, orders)
    : checkCycles(check, orders);
}

function checkCycles(check: LevelCheck, orders: ListOrders): LevelEnd {
  const { txns, level, sessions, findings } = check;
  const { edges, vertices, visible } = listDependencies(txns, orders);
  const ordered = sessions === 'ordered' || level === 'session-ser' || level === 'strict-ser';
  if (ordered) addSessionEdges(txns, visible, edges);
  const broken = findCycles(
    txns,
    edges,
    {
      vertices,
      visible,
      mask:
        WW |
        WR |
        RW |
        (txns.hasPredicates ? RWP : 0) |
        (ordered ? PROCESS : 0) |
        (level === 'strict-ser' ? REALTIME : 0),
      sessions,
      because: listBecause(txns, orders),
    },
    findings,
  );
  const steps = edges.count;
  if (broken.has(level)) return { end: 'broken', reason: 'the dependencies have a cycle', steps };
  if (level === 'si' && vertices === txns.count) return checkUnread(check, orders, edges, visible);
  return { end: 'holds', reason: 'no anomaly can be inferred', steps };
}

/**
 * Whether those who append to the same key, and whose elements nobody read, can be ordered. It
 * matters to snapshots alone: two of them that append to one key must not run at the same time.
 */
function checkUnread(
  { txns, findings, stepsMax }: LevelCheck,
  orders: ListOrders,
  edges: EdgeList,
  visible: Uint8Array,
): LevelEnd {
  const written = unreadWriters(txns, orders, visible);
  const pairs = written.reduce((sum, { writers }) => sum + writers.length ** 2 / 2, 0);
  const holds = { end: 'holds', reason: 'no anomaly can be inferred', steps: edges.count } as const;
  if (pairs === 0 || pairs > UNREAD_PAIRS_MAX || txns.count > UNREAD_TXNS_MAX) return holds;
  const reads = readsFromLists(txns, orders);
  const base = { level: 'si', order: edges, vertices: txns.count, chains: undefined } as const;
  const decide = (some: readonly Written[]) =>
    decidePolygraph(reads, { ...base, stepsMax, written: some });
  if (decide(written).verdict !== 'broken') return holds;
  const alone = pairsOf(written)
    .slice(0, PAIRS_TRIED_ALONE)
    .find((pair) => decide([pair]).verdict === 'broken');
  findings.add('not-snapshot-isolated', 'si', alone?.writers ?? [], () => {
    if (alone === undefined) {
      return 'Transactions whose appends nobody read cannot all be ordered, one after the other for each key.';
    }
    const [t, u] = alone.writers.map((txn) => txnInWords(txns, txn));
    return `${t} and ${u} both append to ${print(txns.keys[alone.key]!)}, and neither can have begun after the other committed.`;
  });
  return {
    end: 'broken',
    reason: 'appends that nobody read cannot be ordered',
    steps: edges.count,
  };
}

function pairsOf(written: readonly Written[]): readonly Written[] {
  return written.flatMap(({ key, writers }) =>
    writers.flatMap((t, i) => writers.slice(i + 1).map((u) => ({ key, writers: [t, u] }))),
  );
}

/** By key: who appended what nobody read, where there are several. */
function unreadWriters(
  { txnOf, kind, key, keys, micros }: Transactions,
  { row }: ListOrders,
  visible: Uint8Array,
): readonly Written[] {
  const byKey: number[][] = keys.map(() => []);
  for (let m = 0; m < micros; m++) {
    if (kind[m] !== APPEND || row[m] !== NONE || visible[txnOf[m]!] === 0) continue;
    const writers = byKey[key[m]!]!;
    if (writers.at(-1) !== txnOf[m]) writers.push(txnOf[m]!);
  }
  return byKey.flatMap((writers, of) => (writers.length < 2 ? [] : [{ key: of, writers }]));
}

function checkForced(
  { txns, level, sessions, findings }: LevelCheck,
  orders: ListOrders,
): LevelEnd {
  const { edges } = listDependencies(txns, orders);
  const reads = readsFromLists(txns, orders);
  const versions = { edges, because: listBecause(txns, orders) };
  for (const weaker of level === 'causal' ? (['ra', 'causal'] as const) : (['ra'] as const)) {
    const end = checkWeakLevel(reads, weaker, { sessions, defined: sessions, versions }, findings);
    if (end === 'too-large') return tooManySessions(txns.sessions);
    if (end === 'broken')
      return { end, reason: 'reads force an order with a cycle', steps: txns.count };
  }
  return { end: 'holds', reason: 'no anomaly can be inferred', steps: txns.count };
}
