// Which transaction comes before which, and why: a directed graph with labelled edges on flat arrays.
//
// Edges are collected first and then laid out by their tails (compressed sparse rows). Vertices
// beyond the transactions are joints: an edge from many to many, or one that follows from time, goes
// in through a joint with its own label and out again with the label FREE, so that n readers and m
// writers need n + m edges instead of n * m.

/** Labels are bits, so that a set of them selects a part of the graph. */
export const WW: number = 1;
export const WR: number = 2;
export const RW: number = 4;
export const PROCESS: number = 8;
export const REALTIME: number = 16;
/** The second half of an edge through a joint; a part of every selection. */
export const FREE: number = 32;
/** An rw edge from a read by predicate that did not find the key. */
export const RWP: number = 64;

/** Whether it is an edge from a reader to who overwrote what it read. */
export function isRw(label: number): boolean {
  return (label & (RW | RWP)) !== 0;
}

export class EdgeList {
  count = 0;
  from: Int32Array;
  to: Int32Array;
  label: Uint8Array;

  constructor(capacity: number) {
    this.from = new Int32Array(capacity);
    this.to = new Int32Array(capacity);
    this.label = new Uint8Array(capacity);
  }

  add(from: number, to: number, label: number): void {
    if (this.count === this.from.length) this.#grow();
    this.from[this.count] = from;
    this.to[this.count] = to;
    this.label[this.count++] = label;
  }

  #grow(): void {
    const capacity = Math.max(64, this.from.length * 2);
    const [from, to, label] = [this.from, this.to, this.label];
    this.from = new Int32Array(capacity);
    this.to = new Int32Array(capacity);
    this.label = new Uint8Array(capacity);
    this.from.set(from);
    this.to.set(to);
    this.label.set(label);
  }
}

export class Graph {
  readonly vertices: number;
  /** The edges of vertex v are those from start[v] to start[v + 1]. */
  readonly start: Int32Array;
  readonly target: Int32Array;
  readonly label: Uint8Array;

  constructor(vertices: number, edges: EdgeList) {
    this.vertices = vertices;
    const start = new Int32Array(vertices + 1);
    for (let e = 0; e < edges.count; e++) start[edges.from[e]! + 1]!++;
    for (let v = 0; v < vertices; v++) start[v + 1]! += start[v]!;
    const next = start.slice();
    this.start = start;
    this.target = new Int32Array(edges.count);
    this.label = new Uint8Array(edges.count);
    for (let e = 0; e < edges.count; e++) {
      const at = next[edges.from[e]!]!++;
      this.target[at] = edges.to[e]!;
      this.label[at] = edges.label[e]!;
    }
  }
}

/** The strongly connected components of more than one vertex. */
export interface Components {
  readonly count: number;
  /** By vertex: the number of its component, or -1. */
  readonly of: Int32Array;
}

/**
 * Tarjan's algorithm without recursion, over the edges whose labels are in `mask`. Within `inside`,
 * if it is given: edges between vertices of different numbers there are left out, and all edges of
 * vertices whose number is -1.
 */
export function componentsOf(graph: Graph, mask: number, inside?: Int32Array): Components {
  const { vertices, start, target, label } = graph;
  const selected = mask | FREE;
  const of = new Int32Array(vertices).fill(-1);
  const index = new Int32Array(vertices);
  const low = new Int32Array(vertices);
  const edge = new Int32Array(vertices);
  const onStack = new Uint8Array(vertices);
  const stack = new Int32Array(vertices);
  const path = new Int32Array(vertices);
  let stacked = 0;
  let clock = 0;
  let count = 0;
  for (let root = 0; root < vertices; root++) {
    if (index[root] !== 0 || (inside !== undefined && inside[root] === -1)) continue;
    let depth = 0;
    path[0] = root;
    index[root] = low[root] = ++clock;
    edge[root] = start[root]!;
    stack[stacked++] = root;
    onStack[root] = 1;
    while (depth >= 0) {
      const v = path[depth]!;
      const e = edge[v]!;
      if (e < start[v + 1]!) {
        edge[v] = e + 1;
        if ((label[e]! & selected) === 0) continue;
        const w = target[e]!;
        if (inside !== undefined && inside[w] !== inside[v]) continue;
        if (index[w] === 0) {
          index[w] = low[w] = ++clock;
          edge[w] = start[w]!;
          stack[stacked++] = w;
          onStack[w] = 1;
          path[++depth] = w;
        } else if (onStack[w] === 1 && index[w]! < low[v]!) low[v] = index[w]!;
        continue;
      }
      depth--;
      if (depth >= 0 && low[v]! < low[path[depth]!]!) low[path[depth]!] = low[v]!;
      if (low[v] !== index[v]) continue;
      const size = stacked - lastIndexBefore(stack, stacked, v);
      const number = size > 1 ? count++ : -1;
      for (let i = 0; i < size; i++) {
        const w = stack[--stacked]!;
        onStack[w] = 0;
        of[w] = number;
      }
    }
  }
  return { count, of };
}

/** The index of `v`, which is on the stack. */
function lastIndexBefore(stack: Int32Array, end: number, v: number): number {
  let at = end - 1;
  while (stack[at] !== v) at--;
  return at;
}
