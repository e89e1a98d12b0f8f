// Finds a short cycle of a given kind within one strongly connected component.
//
// The kind is an automaton over the edges' labels, and the search is breadth first over pairs of
// vertex and automaton state, so that it needs no time-out: at most states * edges steps from each
// edge that it starts with. What it finds is a closed walk; where that visits a vertex twice, it
// falls into several cycles.

import { FREE, type Graph, isRw } from './graph.ts';

/**
 * How many rw edges the cycle may have: none, exactly one, any number of which no two follow each
 * other, or any number.
 */
export type Antidependencies = 'none' | 'single' | 'nonadjacent' | 'any';

export interface CycleKind {
  /** The labels that edges may have. */
  readonly mask: number;
  readonly rw: Antidependencies;
}

export interface StartEdge {
  readonly from: number;
  readonly to: number;
  readonly label: number;
}

/** One vertex after the other, each with the label of the edge that leaves it. */
export interface Walk {
  readonly vertices: readonly number[];
  readonly labels: readonly number[];
}

/** How many edges are followed for one component and kind at most. */
const STEPS_MAX = 4_000_000;
const NONE = -1;

export class CycleSearch {
  readonly #graph: Graph;
  readonly #inside: Int32Array;
  /** By vertex and state: where it was reached from, as 2 * vertex + state; and by which label. */
  readonly #reachedFrom: Int32Array;
  readonly #reachedBy: Uint8Array;
  readonly #layerOf: Int32Array;
  #steps = 0;

  /** `inside` numbers the components; edges between different ones are left out. */
  constructor(graph: Graph, inside: Int32Array) {
    this.#graph = graph;
    this.#inside = inside;
    this.#reachedFrom = new Int32Array(2 * graph.vertices).fill(NONE);
    this.#reachedBy = new Uint8Array(2 * graph.vertices);
    this.#layerOf = new Int32Array(2 * graph.vertices);
  }

  /** The shortest closed walk of this kind that begins with one of the edges, or `undefined`. */
  find(kind: CycleKind, starts: readonly StartEdge[]): Walk | undefined {
    this.#steps = 0;
    let best: Walk | undefined;
    for (const { from, to, label } of starts) {
      const walk = this.#close(kind, from, to, label);
      if (walk !== undefined && lengthOf(walk) < (best === undefined ? Infinity : lengthOf(best))) {
        best = walk;
      }
      if ((best !== undefined && lengthOf(best) === 2) || this.#steps > STEPS_MAX) break;
    }
    return best;
  }

  /**
   * The shortest walk that begins with this edge and is of this kind. The second halves of edges
   * through joints do not count: what they lead to belongs to the same layer.
   */
  #close(kind: CycleKind, from: number, to: number, label: number): Walk | undefined {
    const { start, target, label: labels } = this.#graph;
    const selected = kind.mask | FREE;
    const first = 2 * to + stateAfter(kind.rw, 0, label);
    const reached: number[] = [];
    const reach = (at: number, before: number, by: number, layer: number): boolean => {
      if (this.#reachedFrom[at] === NONE) reached.push(at);
      else if (this.#layerOf[at]! <= layer) return false;
      this.#reachedFrom[at] = before;
      this.#reachedBy[at] = by;
      this.#layerOf[at] = layer;
      return true;
    };
    reach(first, first, label, 0);
    let now = [first];
    let last = NONE;
    for (let layer = 0; now.length > 0 && last === NONE; layer++) {
      const next: number[] = [];
      for (let at = now.pop(); at !== undefined && last === NONE; at = now.pop()) {
        if (this.#layerOf[at] !== layer) continue; // reached by a shorter way since
        const v = at >> 1;
        if (v === from) {
          if (closes(kind.rw, at & 1, label)) last = at;
          continue;
        }
        for (let e = start[v]!; e < start[v + 1]!; e++) {
          this.#steps++;
          const w = target[e]!;
          const by = labels[e]!;
          if ((by & selected) === 0 || this.#inside[w] !== this.#inside[v]) continue;
          const state = stateAfter(kind.rw, at & 1, by);
          if (state === NONE) continue;
          if (by === FREE) {
            if (reach(2 * w + state, at, by, layer)) now.push(2 * w + state);
          } else if (reach(2 * w + state, at, by, layer + 1)) next.push(2 * w + state);
        }
      }
      now = next;
    }
    const walk = last === NONE ? undefined : this.#walkTo(last, first, label);
    for (const at of reached) this.#reachedFrom[at] = NONE;
    return walk;
  }

  /** The walk, which begins at the vertex that `last` stands for. */
  #walkTo(last: number, first: number, label: number): Walk {
    const vertices: number[] = [];
    const labels: number[] = [];
    for (let at = last; at !== first; at = this.#reachedFrom[at]!) {
      labels.push(this.#reachedBy[at]!);
      vertices.push(this.#reachedFrom[at]! >> 1);
    }
    return {
      vertices: [last >> 1, ...vertices.reverse()],
      labels: [label, ...labels.reverse()],
    };
  }
}

function lengthOf({ labels }: Walk): number {
  return labels.filter((label) => label !== FREE).length;
}

/** The automaton: for `single` whether an rw edge was taken, for `nonadjacent` whether just now. */
function stateAfter(rw: Antidependencies, state: number, label: number): number {
  if (label === FREE) return state;
  if (!isRw(label)) return rw === 'single' ? state : 0;
  switch (rw) {
    case 'none':
      return NONE;
    case 'any':
      return 0;
    case 'single':
    case 'nonadjacent':
      return state === 0 ? 1 : NONE;
  }
}

function closes(rw: Antidependencies, state: number, firstLabel: number): boolean {
  return rw !== 'nonadjacent' || !isRw(firstLabel) || state === 0;
}
