import { findCycles } from './cycles.ts';
import { PROCESS, REALTIME, RW, RWP, WR, WW } from './graph.ts';
import { type LevelCheck, type LevelEnd, tooManySessions } from './level-check.ts';
import { inspectReads } from './list-append.ts';
import { listBecause } from './list-because.ts';
import { listDependencies } from './list-edges.ts';
import { type ListOrders, listOrders } from './list-orders.ts';
import { addSessionEdges } from './order-edges.ts';
import { readsFromLists } from './reads-from.ts';
import { checkWeakLevel } from './weak.ts';

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

function checkCycles(
  { txns, level, sessions, findings }: LevelCheck,
  orders: ListOrders,
): LevelEnd {
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
  if (!broken.has(level)) return { end: 'holds', reason: 'no anomaly can be inferred', steps };
  return { end: 'broken', reason: 'the dependencies have a cycle', steps };
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
