// Serializability and snapshot isolation of registers, completely, without knowing the order of
// versions.
//
// What is known: who read from whom, the order of sessions, time. What is not: of two transactions
// that write the same key, which came first. If t did, then everybody who read t's value of a key
// that both write comes before u as well, and so on: two sets of edges, of which one must hold. That
// is a polygraph (Papadimitriou 1979).
//
// 1. Known edges: reads, sessions, time; whoever overwrites what it read comes right after its
//    source; whoever read the initial value comes before all writers.
// 2. Pruning: one of two sets that would close a cycle with what is known cannot hold, so the other
//    one does. Repeated until nothing changes. Most histories are decided here.
// 3. What is left is searched: solver.ts.
//
// Sources: "PolySI" and "Cobra" for pruning; "Viper" for the two points of snapshot isolation.

import type { Level } from './findings.ts';
import { EdgeList, type Graph, RW, RWP, WR, WW } from './graph.ts';
import { Precedence } from './precedence.ts';
import { type Chains, type Reachability, reachability, topologicalOrder } from './reachability.ts';
import { INITIAL, type ReadsFrom, writesKey } from './reads-from.ts';
import { type Choice, solve } from './solver.ts';

export interface PolygraphOptions {
  readonly level: Extract<Level, 'si' | 'ser' | 'session-ser' | 'strict-ser'>;
  /** Edges between transactions, and joints behind them, that hold beside the reads. */
  readonly order: EdgeList;
  /** How many vertices these have, joints included. */
  readonly vertices: number;
  /** Chains of these vertices along the order, if there are few. */
  readonly chains: Chains | undefined;
  readonly stepsMax: number;
  /** The keys, and of each the writers, whose order is not known; all when left out. */
  readonly written?: readonly Written[];
}

/** Two transactions that write a common key, and the keys; `t` is assumed to come first. */
export interface Pair {
  readonly t: number;
  readonly u: number;
  readonly keys: readonly number[];
}

export interface PolygraphResult {
  readonly verdict: 'holds' | 'broken' | 'steps' | 'too-large' | 'too-many-pairs';
  /** Labelled edges that are known to hold. */
  readonly known: EdgeList;
  /** Of a broken level without a cycle in what is known: a pair that has one either way. */
  readonly pair?: Pair;
  /** How many pairs pruning left to the search, or there were when there were too many. */
  readonly searched: number;
  readonly steps: number;
}

/** More comparisons of writers than this take minutes. */
const COMPARED_MAX = 2_000_000_000;
/** Each open pair takes some hundred bytes. */
const OPEN_MAX = 4_000_000;

/** Who writes a key. */
export interface Written {
  readonly key: number;
  readonly writers: readonly number[];
}

interface Closure {
  readonly graph: Graph;
  readonly order: Int32Array;
  readonly reach: Reachability;
}

export function decidePolygraph(reads: ReadsFrom, options: PolygraphOptions): PolygraphResult {
  return new Polygraph(reads, options).decide();
}

/** Adds the labelled edges that hold if `t` comes before `u`. */
export function assumeOrder(reads: ReadsFrom, pair: Pair, edges: EdgeList): void {
  new Readers(reads).assume(pair, edges);
}

class Polygraph {
  readonly #reads: ReadsFrom;
  readonly #options: PolygraphOptions;
  readonly #precedence: Precedence;
  readonly #known: EdgeList;
  /** By key and writer: who read it from them. */
  readonly #readers: Readers;

  constructor(reads: ReadsFrom, options: PolygraphOptions) {
    this.#reads = reads;
    this.#options = options;
    this.#readers = new Readers(reads);
    this.#precedence = new Precedence(options.level === 'si' ? 'two' : 'one', options.vertices);
    this.#known = knownEdges(reads, options.order);
  }

  decide(): PolygraphResult {
    let closure = this.#close();
    if (typeof closure === 'string') return this.#result(closure);
    const written = this.#options.written ?? this.#keysThatMatter();
    const compared = written.reduce((sum, { writers }) => sum + writers.length ** 2, 0);
    const pairs = { searched: Math.ceil(compared / 2) };
    if (compared > COMPARED_MAX) return this.#result('too-many-pairs', pairs);
    if (compared > this.#options.stepsMax) return this.#result('steps', pairs);
    let open = this.#orderWriters(written, closure);
    if (open.length > OPEN_MAX) return this.#result('too-many-pairs', { searched: open.length });
    for (;;) {
      closure = this.#close();
      if (typeof closure === 'string') return this.#result(closure);
      const left: Pair[] = [];
      for (const pair of open) {
        const ways = [pair, turned(pair)].filter((way) =>
          this.#isPossible(way, closure as Closure),
        );
        if (ways.length === 0) return this.#result('broken', { pair });
        if (ways.length === 1) this.#readers.assume(ways[0]!, this.#known);
        else left.push(pair);
      }
      if (left.length === open.length) break;
      open = left;
    }
    const choices = open.map((pair) => this.#choice(pair));
    const { end, steps } = solve(closure.graph, closure.order, choices, this.#options.stepsMax);
    return this.#result(end, { searched: open.length, steps });
  }

  #result(
    verdict: PolygraphResult['verdict'],
    more: Partial<PolygraphResult> = {},
  ): PolygraphResult {
    return { verdict, known: this.#known, searched: 0, steps: 0, ...more };
  }

  #close(): Closure | 'broken' | 'too-large' {
    const graph = this.#precedence.graph(this.#known);
    const order = topologicalOrder(graph);
    if (order === undefined) return 'broken';
    const chains = this.#options.chains && this.#precedence.chains(this.#options.chains);
    const reach = reachability(graph, order, chains);
    return reach === 'too-large' ? reach : { graph, order, reach };
  }

  /**
   * Keys that nobody read do not matter to serializability: any order of their writers will do.
   * Where nothing was read at all, a serial order is one of snapshots too.
   */
  #keysThatMatter(): readonly Written[] {
    const { readKey } = this.#reads;
    const all = this.#readers.writers.map((writers, key) => ({ key, writers }));
    if (readKey.length === 0) return [];
    if (this.#options.level === 'si') return all;
    const read = new Set(readKey);
    return all.filter(({ key }) => read.has(key));
  }

  /**
   * Orders the writers of each key as far as what is known orders them, each before the ones right
   * after it. Returns the pairs that are open.
   */
  #orderWriters(written: readonly Written[], closure: Closure): Pair[] {
    const position = new Int32Array(closure.order.length);
    for (const [i, v] of closure.order.entries()) position[v] = i;
    const positionOf = (txn: number) => position[this.#precedence.begin(txn)]!;
    const open = new Map<number, { t: number; u: number; keys: number[] }>();
    for (const { key, writers: unsorted } of written) {
      if (open.size > OPEN_MAX) break;
      const writers = unsorted.toSorted((a, b) => positionOf(a) - positionOf(b));
      const preceded = new Set<number>();
      for (const t of writers) {
        const next: number[] = [];
        for (const u of writers) {
          if (u === t || !this.#comesBefore(t, u, closure)) continue;
          preceded.add(u);
          if (!next.some((between) => this.#comesBefore(between, u, closure))) next.push(u);
        }
        for (const u of next) this.#readers.assume({ t, u, keys: [key] }, this.#known);
      }
      for (const u of writers) {
        if (!preceded.has(u)) this.#readers.assume({ t: INITIAL, u, keys: [key] }, this.#known);
      }
      for (const [i, t] of writers.entries()) {
        for (const u of writers.slice(i + 1)) {
          if (this.#comesBefore(t, u, closure) || this.#comesBefore(u, t, closure)) continue;
          const [low, high] = t < u ? [t, u] : [u, t];
          const id = low * this.#reads.txns.count + high;
          const pair = open.get(id);
          if (pair === undefined) open.set(id, { t, u, keys: [key] });
          else pair.keys.push(key);
        }
      }
    }
    return [...open.values()];
  }

  /** Whether `u` cannot come before `t`. */
  #comesBefore(t: number, u: number, { reach }: Closure): boolean {
    return reach.reaches(this.#precedence.begin(t), this.#precedence.commit(u));
  }

  #isPossible({ t, u, keys }: Pair, closure: Closure): boolean {
    if (this.#comesBefore(u, t, closure)) return false;
    const commit = this.#precedence.commit(u);
    for (const key of keys) {
      for (const reader of this.#readers.of(key, t)) {
        if (reader !== u && closure.reach.reaches(commit, this.#precedence.begin(reader)))
          return false;
      }
    }
    return true;
  }

  #choice(pair: Pair): Choice {
    return { one: this.#pointEdges(pair), other: this.#pointEdges(turned(pair)) };
  }

  /** Tails and heads in turn. */
  #pointEdges(pair: Pair): Int32Array {
    const edges = new EdgeList(4);
    this.#readers.assume(pair, edges);
    const points = new Int32Array(2 * edges.count);
    for (let e = 0; e < edges.count; e++) {
      points[2 * e] = this.#precedence.tail(edges.from[e]!, edges.label[e]!);
      points[2 * e + 1] = this.#precedence.head(edges.to[e]!, edges.label[e]!);
    }
    return points;
  }
}

function turned({ t, u, keys }: Pair): Pair {
  return { t: u, u: t, keys };
}

/** Reads, what holds beside them, and that whoever overwrites what it read comes after its source. */
function knownEdges(reads: ReadsFrom, order: EdgeList): EdgeList {
  const { txns, firstRead, readKey, readFrom } = reads;
  const known = new EdgeList(order.count + 2 * readFrom.length);
  for (let e = 0; e < order.count; e++) known.add(order.from[e]!, order.to[e]!, order.label[e]!);
  for (let t = 0; t < txns.count; t++) {
    for (let r = firstRead[t]!; r < firstRead[t + 1]!; r++) {
      if (readFrom[r] === INITIAL) continue;
      known.add(readFrom[r]!, t, WR);
      if (writesKey(reads, t, readKey[r]!)) known.add(readFrom[r]!, t, WW);
    }
  }
  return known;
}

/** Of a key with more readers of the initial value times writers not all edges are written out. */
const WRITTEN_OUT_MAX = 100_000;

/**
 * All labelled edges that are known without a choice: {@link knownEdges}, and from each reader to
 * those who overwrote what it read.
 */
export function knownDependencies(reads: ReadsFrom, order: EdgeList): EdgeList {
  const { txns, firstRead, readKey, readFrom } = reads;
  const edges = knownEdges(reads, order);
  const readers = new Readers(reads);
  for (let u = 0; u < txns.count; u++) {
    for (let r = firstRead[u]!; r < firstRead[u + 1]!; r++) {
      const key = readKey[r]!;
      if (readFrom[r] === INITIAL || !writesKey(reads, u, key)) continue;
      readers.assume({ t: readFrom[r]!, u, keys: [key] }, edges);
    }
  }
  for (const [key, writers] of readers.writers.entries()) {
    if (writers.length * readers.of(key, INITIAL).length > WRITTEN_OUT_MAX) continue;
    for (const u of writers) readers.assume({ t: INITIAL, u, keys: [key] }, edges);
  }
  return edges;
}

/** Who wrote and read what. */
class Readers {
  /** By key: the transactions that write it. */
  readonly writers: readonly (readonly number[])[];
  readonly #transactions: number;
  readonly #readers = new Map<number, number[]>();
  readonly #reads: ReadsFrom;

  constructor(reads: ReadsFrom) {
    const { txns, firstRead, readKey, readFrom, firstWrite, writeKey } = reads;
    this.#reads = reads;
    this.#transactions = txns.count;
    const writers: number[][] = txns.keys.map(() => []);
    for (let t = 0; t < txns.count; t++) {
      for (let w = firstWrite[t]!; w < firstWrite[t + 1]!; w++) writers[writeKey[w]!]!.push(t);
      for (let r = firstRead[t]!; r < firstRead[t + 1]!; r++) {
        const id = this.#id(readKey[r]!, readFrom[r]!);
        const readers = this.#readers.get(id);
        if (readers === undefined) this.#readers.set(id, [t]);
        else if (readers.at(-1) !== t) readers.push(t);
      }
    }
    this.writers = writers;
  }

  /** Who read this key from this writer. */
  of(key: number, writer: number): readonly number[] {
    return this.#readers.get(this.#id(key, writer)) ?? [];
  }

  /** Adds the edges that hold if `t`, which may be {@link INITIAL}, comes before `u`. */
  assume({ t, u, keys }: Pair, edges: EdgeList): void {
    if (t !== INITIAL) edges.add(t, u, WW);
    for (const key of keys) {
      for (const reader of this.of(key, t)) {
        if (reader !== u) edges.add(reader, u, t === INITIAL ? this.#missing(key, reader) : RW);
      }
    }
  }

  /** The label for a reader of the initial value, who may only not have found it by predicate. */
  #missing(key: number, reader: number): number {
    const { txns, firstRead, readKey, readFrom, readMicro } = this.#reads;
    if (!txns.hasPredicates) return RW;
    for (let r = firstRead[reader]!; r < firstRead[reader + 1]!; r++) {
      if (readKey[r] !== key || readFrom[r] !== INITIAL) continue;
      if (txns.predicateRow(readMicro[r]!)?.absent !== true) return RW;
    }
    return RWP;
  }

  #id(key: number, writer: number): number {
    return key * (this.#transactions + 1) + writer + 1;
  }
}
