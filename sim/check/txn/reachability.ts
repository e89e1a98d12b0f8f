// Which vertex of an acyclic graph reaches which: a row of bits for each vertex, or, where the
// vertices fall into few chains, a row with one number for each chain.

import type { Graph } from './graph.ts';

export interface Reachability {
  /** Whether a path of at least one edge leads from `a` to `b`. */
  reaches(a: number, b: number): boolean;
}

/** Chains of vertices, each of which reaches the next: by vertex its chain and position, from 1. */
export interface Chains {
  readonly count: number;
  readonly of: Int32Array;
  readonly position: Int32Array;
}

/** The 32-bit words that one answer may take. */
const WORDS_MAX = 1 << 27;

/** `too-large` when neither rows of bits nor rows of chains fit into memory. */
export function reachability(
  graph: Graph,
  order: Int32Array,
  chains: Chains | undefined,
): Reachability | 'too-large' {
  const words = graph.vertices * Math.ceil(graph.vertices / 32);
  const numbers = chains === undefined ? Infinity : graph.vertices * chains.count;
  if (Math.min(words, numbers) > WORDS_MAX) return 'too-large';
  return numbers < words ? new ClockRows(graph, order, chains!) : new BitRows(graph, order);
}

class BitRows implements Reachability {
  readonly #width: number;
  readonly #rows: Int32Array;

  constructor({ vertices, start, target }: Graph, order: Int32Array) {
    const width = Math.ceil(vertices / 32);
    const rows = new Int32Array(vertices * width);
    for (let i = order.length - 1; i >= 0; i--) {
      const v = order[i]!;
      const to = v * width;
      for (let e = start[v]!; e < start[v + 1]!; e++) {
        const w = target[e]!;
        const bit = 1 << (w & 31);
        if ((rows[to + (w >> 5)]! & bit) !== 0) continue; // reached already, and all behind it
        rows[to + (w >> 5)]! |= bit;
        const from = w * width;
        for (let k = 0; k < width; k++) rows[to + k]! |= rows[from + k]!;
      }
    }
    this.#width = width;
    this.#rows = rows;
  }

  reaches(a: number, b: number): boolean {
    return (this.#rows[a * this.#width + (b >> 5)]! & (1 << (b & 31))) !== 0;
  }
}

/** By vertex and chain: the latest position of the chain that reaches the vertex. */
class ClockRows implements Reachability {
  readonly #chains: Chains;
  readonly #rows: Int32Array;

  constructor({ vertices, start, target }: Graph, order: Int32Array, chains: Chains) {
    const width = chains.count;
    const rows = new Int32Array(vertices * width);
    for (const v of order) {
      const from = v * width;
      for (let e = start[v]!; e < start[v + 1]!; e++) {
        const to = target[e]! * width;
        const own = to + chains.of[v]!;
        if (rows[own]! >= chains.position[v]!) continue; // joined already
        for (let k = 0; k < width; k++)
          if (rows[from + k]! > rows[to + k]!) rows[to + k] = rows[from + k]!;
        if (chains.position[v]! > rows[own]!) rows[own] = chains.position[v]!;
      }
    }
    this.#chains = chains;
    this.#rows = rows;
  }

  reaches(a: number, b: number): boolean {
    const { count, of, position } = this.#chains;
    return this.#rows[b * count + of[a]!]! >= position[a]!;
  }
}

/**
 * The vertices in an order that follows the edges, lower numbers first where there is a choice;
 * `undefined` if there is a cycle.
 */
export function topologicalOrder({ vertices, start, target }: Graph): Int32Array | undefined {
  const waitsFor = new Int32Array(vertices);
  for (const w of target) waitsFor[w]!++;
  const ready = new MinHeap(vertices);
  for (let v = 0; v < vertices; v++) if (waitsFor[v] === 0) ready.push(v);
  const order = new Int32Array(vertices);
  let count = 0;
  while (ready.size > 0) {
    const v = ready.pop();
    order[count++] = v;
    for (let e = start[v]!; e < start[v + 1]!; e++)
      if (--waitsFor[target[e]!]! === 0) ready.push(target[e]!);
  }
  return count === vertices ? order : undefined;
}

class MinHeap {
  size = 0;
  readonly #items: Int32Array;

  constructor(capacity: number) {
    this.#items = new Int32Array(capacity);
  }

  push(item: number): void {
    const items = this.#items;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number {
    const items = this.#items;
    const least = items[0]!;
    const item = items[--this.size]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= item) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
    return least;
  }
}
