// The part of a graph that cycles lie in, and what lies between them: all that is left when vertices
// without predecessors are taken away again and again, and then those without successors. Mostly
// nothing, so that a valid history needs no more than this.
//
// Time is a predecessor without edges: a transaction may go when every transaction that returned
// before it was called has gone, which is a limit that only moves forward.

import type { Graph } from './graph.ts';
import { sortedByTime } from './order-edges.ts';
import type { Transactions } from './transactions.ts';

type Times = Pick<Transactions, 'called' | 'returned'>;

/** The vertices of the core, ascending. Without `times` only edges count. */
export function coreOf(graph: Graph, visible: Uint8Array, times?: Times): Int32Array {
  const left = new Uint8Array(graph.vertices).fill(1);
  for (let t = 0; t < visible.length; t++) left[t] = visible[t]!;
  peel(graph, left, times && forwards(times, left));
  const rest = indicesOf(left);
  if (rest.length === 0) return rest;
  const reversed = reverse(graph, rest, left);
  peel(reversed, left, times && backwards(times, left));
  return indicesOf(left);
}

/** Transactions in the order in which time lets them go. */
interface Clock {
  /** By transaction: at what time it is free to go, and up to when it holds others back. */
  readonly free: Float64Array;
  readonly held: Float64Array;
  readonly byFree: Int32Array;
  readonly byHeld: Int32Array;
}

function forwards({ called, returned }: Times, left: Uint8Array): Clock {
  const txns = indicesOf(left.subarray(0, called.length));
  return {
    free: called,
    held: returned,
    byFree: sortedByTime(txns, called),
    byHeld: sortedByTime(txns, returned),
  };
}

function backwards({ called, returned }: Times, left: Uint8Array): Clock {
  const minus = (time: number) => -time;
  return forwards({ called: returned.map(minus), returned: called.map(minus) }, left);
}

/** Takes away, again and again, what has no predecessor left. */
function peel(
  { vertices, start, target }: Graph,
  left: Uint8Array,
  clock: Clock | undefined,
): void {
  const waitsFor = new Int32Array(vertices);
  for (let v = 0; v < vertices; v++) {
    if (left[v] === 0) continue;
    for (let e = start[v]!; e < start[v + 1]!; e++) waitsFor[target[e]!]!++;
  }
  const ready = new Int32Array(vertices);
  let end = 0;
  const timed = clock === undefined ? 0 : clock.free.length;
  for (let v = timed; v < vertices; v++) if (left[v] === 1 && waitsFor[v] === 0) ready[end++] = v;
  const freed = new Uint8Array(timed);
  let held = 0;
  let nextFree = 0;
  for (let i = 0; ; i++) {
    if (i === end && clock !== undefined) {
      // Nothing more goes until the limit of time moves.
      const { byHeld, byFree } = clock;
      while (held < byHeld.length && left[byHeld[held]!] === 0) held++;
      const limit = held < byHeld.length ? clock.held[byHeld[held]!]! : Infinity;
      while (nextFree < byFree.length && clock.free[byFree[nextFree]!]! <= limit) {
        const t = byFree[nextFree++]!;
        freed[t] = 1;
        if (waitsFor[t] === 0) ready[end++] = t;
      }
    }
    if (i === end) return;
    const v = ready[i]!;
    left[v] = 0;
    for (let e = start[v]!; e < start[v + 1]!; e++) {
      const w = target[e]!;
      if (--waitsFor[w]! === 0 && left[w] === 1 && (w >= timed || freed[w] === 1)) ready[end++] = w;
    }
  }
}

/** The edges among the vertices that are left, turned round. */
function reverse(graph: Graph, rest: Int32Array, left: Uint8Array): Graph {
  const { vertices, start, target } = graph;
  const reversedStart = new Int32Array(vertices + 1);
  const forEach = (visit: (from: number, to: number) => void) => {
    for (let i = 0; i < rest.length; i++) {
      const v = rest[i]!;
      for (let e = start[v]!; e < start[v + 1]!; e++)
        if (left[target[e]!] === 1) visit(v, target[e]!);
    }
  };
  forEach((_, to) => {
    reversedStart[to + 1]!++;
  });
  for (let v = 0; v < vertices; v++) reversedStart[v + 1]! += reversedStart[v]!;
  const next = reversedStart.slice();
  const sources = new Int32Array(reversedStart[vertices]!);
  forEach((from, to) => {
    sources[next[to]!++] = from;
  });
  return { vertices, start: reversedStart, target: sources, label: new Uint8Array(0) };
}

function indicesOf(left: Uint8Array): Int32Array {
  let count = 0;
  for (let v = 0; v < left.length; v++) count += left[v]!;
  const indices = new Int32Array(count);
  for (let v = 0, next = 0; v < left.length; v++) if (left[v] === 1) indices[next++] = v;
  return indices;
}
