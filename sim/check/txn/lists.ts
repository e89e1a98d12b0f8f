import { type CycleOptions, findCycles } from './cycles.ts';
import { Graph, PROCESS, REALTIME, RW, WR, WW } from './graph.ts';
import { type LevelCheck, type LevelEnd, tooManySessions } from './level-check.ts';
import { inspectReads } from './list-append.ts';
import { listBecause } from './list-because.ts';
import { listDependencies } from './list-edges.ts';
import { type ListOrders, listOrders } from './list-orders.ts';
import { addRealtimeEdges, addSessionEdges } from './order-edges.ts';
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
  let mask = WW | WR | RW;
  if (sessions === 'ordered' || level === 'session-ser' || level === 'strict-ser') {
    addSessionEdges(txns, visible, edges);
    mask |= PROCESS;
  }
  let all = vertices;
  if (level === 'strict-ser') {
    all = addRealtimeEdges(txns, visible, edges, vertices);
    mask |= REALTIME;
  }
  const options: CycleOptions = { mask, sessions, because: listBecause(txns, orders) };
  const broken = findCycles(txns, new Graph(all, edges), options, findings);
  if (!broken.has(level)) return { end: 'holds', reason: 'no anomaly can be inferred', steps: all };
  return { end: 'broken', reason: 'the dependencies have a cycle', steps: all };
}

function checkForced(
  { txns, level, sessions, findings }: LevelCheck,
  orders: ListOrders,
): LevelEnd {
  const { edges } = listDependencies(txns, orders);
  const reads = readsFromLists(txns, orders);
  for (const weaker of level === 'causal' ? (['ra', 'causal'] as const) : (['ra'] as const)) {
    const end = checkWeakLevel(reads, weaker, { sessions, versions: edges }, findings);
    if (end === 'too-large') return tooManySessions(txns.sessions);
    if (end === 'broken')
      return { end, reason: 'reads force an order with a cycle', steps: txns.count };
  }
  return { end: 'holds', reason: 'no anomaly can be inferred', steps: txns.count };
}
