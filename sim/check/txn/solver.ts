// Chooses between pairs of edge sets so that a graph stays acyclic: a SAT search with conflict
// clauses, whose theory is a topological order that is repaired edge by edge.
//
// - An edge that agrees with the order costs nothing. One that does not moves the vertices between
//   its ends, or closes a cycle (Pearce and Kelly, "A dynamic topological sort algorithm", 2006).
// - The choices on a cycle cannot hold together: that is the conflict, from which a clause is learnt
//   as in any CDCL solver (first unique implication point, watched literals, move-to-front).
// - A choice is first tried the way that agrees with the order of the moment, so that a history that
//   has nothing wrong with it rarely meets a conflict.
//
// Deterministic: there is no randomness, and the limit counts edges and literals looked at.

import type { Graph } from './graph.ts';

/** Edges as tails and heads in turn; one set or the other has to be added. */
export interface Choice {
  readonly one: Int32Array;
  readonly other: Int32Array;
}

export interface Solved {
  readonly end: 'holds' | 'broken' | 'steps';
  readonly steps: number;
}

export function solve(
  graph: Graph,
  order: Int32Array,
  choices: readonly Choice[],
  stepsMax: number,
): Solved {
  if (choices.length === 0) return { end: 'holds', steps: 0 };
  const solver = new Solver(graph, order, choices, stepsMax);
  const end = solver.run();
  return { end, steps: solver.steps };
}

const NONE = -1;

/** Choice c is variable c; literal 2c says its first set, literal 2c + 1 its second. */
class Solver {
  steps = 0;
  readonly #choices: readonly Choice[];
  readonly #order: DynamicOrder;
  readonly #stepsMax: number;
  /** By variable: the literal that holds, or -1. */
  readonly #value: Int32Array;
  readonly #level: Int32Array;
  /** By variable: the clause that forced it, or -1 for a decision. */
  readonly #reason: Int32Array;
  readonly #trail: number[] = [];
  readonly #levelStart: number[] = [];
  readonly #clauses: number[][] = [];
  /** By literal: the clauses that watch it. */
  readonly #watchers: number[][];
  /** Variables, those of recent conflicts first. */
  readonly #queue: MoveToFront;
  #theoryHead = 0;
  #clauseHead = 0;

  constructor(graph: Graph, order: Int32Array, choices: readonly Choice[], stepsMax: number) {
    this.#choices = choices;
    this.#stepsMax = stepsMax;
    this.#order = new DynamicOrder(graph, order);
    this.#value = new Int32Array(choices.length).fill(NONE);
    this.#level = new Int32Array(choices.length);
    this.#reason = new Int32Array(choices.length).fill(NONE);
    this.#watchers = Array.from({ length: 2 * choices.length }, () => []);
    this.#queue = new MoveToFront(choices.length);
  }

  run(): 'holds' | 'broken' | 'steps' {
    for (;;) {
      const conflict = this.#propagate();
      this.steps += this.#order.takeSteps();
      if (this.steps > this.#stepsMax) return 'steps';
      if (conflict !== undefined) {
        if (!this.#learn(conflict)) return 'broken';
        continue;
      }
      const variable = this.#queue.first((v) => this.#value[v] === NONE);
      if (variable === NONE) return 'holds';
      this.#levelStart.push(this.#trail.length);
      this.#assign(this.#preferred(variable), NONE);
    }
  }

  /** The set whose first edge agrees with the order of the moment. */
  #preferred(variable: number): number {
    const { one } = this.#choices[variable]!;
    return 2 * variable + (this.#order.agrees(one[0]!, one[1]!) ? 0 : 1);
  }

  #assign(literal: number, reason: number): void {
    const variable = literal >> 1;
    this.#value[variable] = literal;
    this.#level[variable] = this.#levelStart.length;
    this.#reason[variable] = reason;
    this.#trail.push(literal);
  }

  #isTrue(literal: number): boolean {
    return this.#value[literal >> 1] === literal;
  }

  #isFalse(literal: number): boolean {
    return this.#value[literal >> 1] === (literal ^ 1);
  }

  /** Literals that all hold and cannot hold together, or `undefined` when all is well. */
  #propagate(): readonly number[] | undefined {
    for (;;) {
      if (this.#clauseHead < this.#trail.length) {
        const conflict = this.#propagateClauses(this.#trail[this.#clauseHead++]!);
        if (conflict !== undefined) return conflict;
      } else if (this.#theoryHead < this.#trail.length) {
        const conflict = this.#addEdges(this.#trail[this.#theoryHead++]!);
        if (conflict !== undefined) return conflict;
      } else return undefined;
    }
  }

  #propagateClauses(literal: number): readonly number[] | undefined {
    const watchers = this.#watchers[literal ^ 1]!;
    let kept = 0;
    for (let i = 0; i < watchers.length; i++) {
      this.steps++;
      const clause = this.#clauses[watchers[i]!]!;
      if (clause[0] === (literal ^ 1)) [clause[0], clause[1]] = [clause[1]!, clause[0]!];
      const other = clause.findIndex((l, at) => at > 1 && !this.#isFalse(l));
      if (!this.#isTrue(clause[0]!) && other !== -1) {
        [clause[1], clause[other]] = [clause[other]!, clause[1]!];
        this.#watchers[clause[1]!]!.push(watchers[i]!);
        continue;
      }
      const number = watchers[i]!;
      watchers[kept++] = number;
      if (this.#isTrue(clause[0]!)) continue;
      if (this.#isFalse(clause[0]!)) {
        for (let j = i + 1; j < watchers.length; j++) watchers[kept++] = watchers[j]!;
        watchers.length = kept;
        return clause.map((l) => l ^ 1);
      }
      this.#assign(clause[0]!, number);
    }
    watchers.length = kept;
    return undefined;
  }

  #addEdges(literal: number): readonly number[] | undefined {
    const { one, other } = this.#choices[literal >> 1]!;
    const edges = (literal & 1) === 0 ? one : other;
    for (let e = 0; e < edges.length; e += 2) {
      const cycle = this.#order.add(edges[e]!, edges[e + 1]!, literal);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  }

  /** Learns from a conflict and goes back to where it helps. False if there is nothing to go back to. */
  #learn(conflict: readonly number[]): boolean {
    const deepest = Math.max(...conflict.map((literal) => this.#level[literal >> 1]!));
    if (deepest === 0) return false;
    this.#backtrack(deepest);
    const { clause, level } = this.#analyse(conflict, deepest);
    this.#backtrack(level);
    const number = this.#clauses.length;
    this.#clauses.push(clause);
    if (clause.length > 1) {
      this.#watchers[clause[0]!]!.push(number);
      this.#watchers[clause[1]!]!.push(number);
    }
    this.#assign(clause[0]!, clause.length > 1 ? number : NONE);
    return true;
  }

  /** The clause of the first unique implication point; its first literal is the one to assert. */
  #analyse(conflict: readonly number[], level: number): { clause: number[]; level: number } {
    const seen = new Set<number>();
    const lower: number[] = [];
    let open = 0;
    const visit = (literals: readonly number[]) => {
      for (const literal of literals) {
        const variable = literal >> 1;
        if (seen.has(variable) || this.#level[variable] === 0) continue;
        seen.add(variable);
        this.#queue.bump(variable);
        if (this.#level[variable] === level) open++;
        else lower.push(literal ^ 1);
      }
    };
    visit(conflict);
    let at = this.#trail.length;
    for (;;) {
      const literal = this.#trail[--at]!;
      if (!seen.has(literal >> 1)) continue;
      if (--open === 0) {
        lower.sort((a, b) => this.#level[b >> 1]! - this.#level[a >> 1]! || a - b);
        return {
          clause: [literal ^ 1, ...lower],
          level: lower.length === 0 ? 0 : this.#level[lower[0]! >> 1]!,
        };
      }
      const reason = this.#clauses[this.#reason[literal >> 1]!]!;
      visit(reason.filter((l) => l !== literal).map((l) => l ^ 1));
    }
  }

  #backtrack(level: number): void {
    if (level >= this.#levelStart.length) return;
    const keep = this.#levelStart[level]!;
    for (let i = keep; i < this.#trail.length; i++) {
      this.#value[this.#trail[i]! >> 1] = NONE;
      this.#queue.free(this.#trail[i]! >> 1);
    }
    this.#order.removeOf(this.#trail.slice(keep));
    this.#trail.length = keep;
    this.#levelStart.length = level;
    this.#theoryHead = Math.min(this.#theoryHead, keep);
    this.#clauseHead = Math.min(this.#clauseHead, keep);
  }
}

/** Items in a row; a bumped one goes to the front. Remembers before which all are taken. */
class MoveToFront {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Grows towards the front, to tell which of two comes first. */
  readonly #stamp: Float64Array;
  #front: number;
  #clock: number;
  #from: number;

  constructor(count: number) {
    this.#next = Int32Array.from({ length: count }, (_, i) => (i + 1 < count ? i + 1 : NONE));
    this.#previous = Int32Array.from({ length: count }, (_, i) => i - 1);
    this.#stamp = Float64Array.from({ length: count }, (_, i) => -i);
    this.#front = 0;
    this.#clock = 0;
    this.#from = 0;
  }

  /** The first item that is free. Items before it are taken to be taken until they are freed. */
  first(isFree: (item: number) => boolean): number {
    let item = this.#from;
    while (item !== NONE && !isFree(item)) item = this.#next[item]!;
    this.#from = item;
    return item;
  }

  free(item: number): void {
    if (this.#from === NONE || this.#stamp[item]! > this.#stamp[this.#from]!) this.#from = item;
  }

  bump(item: number): void {
    if (item === this.#front) return;
    const next = this.#next[item]!;
    const previous = this.#previous[item]!;
    if (this.#from === item) this.#from = next;
    this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#next[item] = this.#front;
    this.#previous[item] = NONE;
    this.#previous[this.#front] = item;
    this.#front = item;
    this.#stamp[item] = ++this.#clock;
  }
}

/** A topological order of a growing graph, from which the latest edges can be taken back. */
class DynamicOrder {
  readonly #graph: Graph;
  /** The known edges backwards: sources of v are those from #firstSource[v]. */
  readonly #firstSource: Int32Array;
  readonly #source: Int32Array;
  readonly #position: Int32Array;
  /** Added edges, as a stack, and by vertex the latest that leaves and that enters it. */
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #literal: number[] = [];
  readonly #nextOut: number[] = [];
  readonly #nextIn: number[] = [];
  readonly #out: Int32Array;
  readonly #in: Int32Array;
  /** In a search: by vertex, the vertex it was reached from, and the literal of the edge. */
  readonly #via: Int32Array;
  readonly #viaLiteral: Int32Array;
  #steps = 0;

  constructor(graph: Graph, order: Int32Array) {
    const { vertices, start, target } = graph;
    this.#graph = graph;
    this.#position = new Int32Array(vertices);
    for (const [i, v] of order.entries()) this.#position[v] = i;
    this.#firstSource = new Int32Array(vertices + 1);
    for (const w of target) this.#firstSource[w + 1]!++;
    for (let v = 0; v < vertices; v++) this.#firstSource[v + 1]! += this.#firstSource[v]!;
    const next = this.#firstSource.slice();
    this.#source = new Int32Array(target.length);
    for (let v = 0; v < vertices; v++) {
      for (let e = start[v]!; e < start[v + 1]!; e++) this.#source[next[target[e]!]!++] = v;
    }
    this.#out = new Int32Array(vertices).fill(NONE);
    this.#in = new Int32Array(vertices).fill(NONE);
    this.#via = new Int32Array(vertices).fill(NONE);
    this.#viaLiteral = new Int32Array(vertices);
  }

  /** Edges looked at since the last call. */
  takeSteps(): number {
    const steps = this.#steps;
    this.#steps = 0;
    return steps;
  }

  agrees(from: number, to: number): boolean {
    return this.#position[from]! < this.#position[to]!;
  }

  /** Adds an edge; or, if it closes a cycle, does not, and returns the literals of the cycle. */
  add(from: number, to: number, literal: number): readonly number[] | undefined {
    this.#steps++;
    if (from === to) return [literal];
    if (!this.agrees(from, to)) {
      const behind = this.#reached(to, from, 'forward');
      const cycle = this.#via[from] === NONE ? undefined : this.#literalsTo(from, to, literal);
      for (const v of behind) this.#via[v] = NONE;
      if (cycle !== undefined) return cycle;
      const ahead = this.#reached(from, to, 'backward');
      for (const v of ahead) this.#via[v] = NONE;
      this.#reorder(ahead, behind);
    }
    const edge = this.#from.length;
    this.#from.push(from);
    this.#to.push(to);
    this.#literal.push(literal);
    this.#nextOut.push(this.#out[from]!);
    this.#nextIn.push(this.#in[to]!);
    this.#out[from] = edge;
    this.#in[to] = edge;
    return undefined;
  }

  /** Takes back the edges of these literals, which are the latest ones. */
  removeOf(literals: readonly number[]): void {
    const removed = new Set(literals);
    while (this.#from.length > 0 && removed.has(this.#literal.at(-1)!)) {
      this.#out[this.#from.pop()!] = this.#nextOut.pop()!;
      this.#in[this.#to.pop()!] = this.#nextIn.pop()!;
      this.#literal.pop();
    }
  }

  /** The vertices reached from `start`, itself included, that lie between the two in the order. */
  #reached(start: number, end: number, direction: 'forward' | 'backward'): number[] {
    const forward = direction === 'forward';
    const limit = this.#position[end]!;
    const found = [start];
    this.#via[start] = start;
    const visit = (from: number, v: number, literal: number) => {
      this.#steps++;
      const within = forward ? this.#position[v]! <= limit : this.#position[v]! >= limit;
      if (!within || this.#via[v] !== NONE) return;
      this.#via[v] = from;
      this.#viaLiteral[v] = literal;
      found.push(v);
    };
    const first = forward ? this.#graph.start : this.#firstSource;
    const neighbour = forward ? this.#graph.target : this.#source;
    for (let i = 0; i < found.length; i++) {
      const v = found[i]!;
      for (let e = first[v]!; e < first[v + 1]!; e++) visit(v, neighbour[e]!, NONE);
      let e = forward ? this.#out[v]! : this.#in[v]!;
      while (e !== NONE) {
        visit(v, forward ? this.#to[e]! : this.#from[e]!, this.#literal[e]!);
        e = forward ? this.#nextOut[e]! : this.#nextIn[e]!;
      }
    }
    return found;
  }

  #literalsTo(end: number, start: number, closing: number): readonly number[] {
    const literals = new Set([closing]);
    for (let v = end; v !== start; v = this.#via[v]!) {
      if (this.#viaLiteral[v] !== NONE) literals.add(this.#viaLiteral[v]!);
    }
    return [...literals];
  }

  /** Puts all of `ahead` before all of `behind`, in the places that they have together. */
  #reorder(ahead: readonly number[], behind: readonly number[]): void {
    const byPosition = (a: number, b: number) => this.#position[a]! - this.#position[b]!;
    const vertices = [...ahead.toSorted(byPosition), ...behind.toSorted(byPosition)];
    const places = vertices.map((v) => this.#position[v]!).sort((a, b) => a - b);
    for (const [i, v] of vertices.entries()) this.#position[v] = places[i]!;
  }
}
