// Cycles of dependencies, found, named and put into words.
//
//   name            edges          rw edges
//   G0              ww             none
//   G1c             ww wr          none, and at least one wr
//   G-single        ww wr rw       exactly one
//   G-nonadjacent   ww wr rw       two or more, never one after another
//   G2-item         ww wr rw       two or more, some one after another
//   G2              ww wr rw       the same, and at least one from a read by predicate
//   …-process       + process      at least one process edge
//   …-realtime      + realtime     at least one realtime edge
//
// Whether a level is broken is decided without looking for a cycle: components of the graph, and for
// snapshot isolation of its product with "was the last edge an rw". A name is given to the simple
// cycle that is shown, never to the walk that led to it.
//
// Source: Adya, "Weak consistency", 1999; Elle for G-nonadjacent and the names.

import { firstFrom } from '../ascending.ts';
import { coreOf } from './core.ts';
import {
  type Antidependencies,
  type CycleKind,
  CycleSearch,
  type StartEdge,
  type Walk,
} from './cycle-search.ts';
import type { CycleWords, Findings, Level, Sessions } from './findings.ts';
import {
  componentsOf,
  EdgeList,
  FREE,
  Graph,
  isRw,
  PROCESS,
  REALTIME,
  RW,
  RWP,
  WR,
  WW,
} from './graph.ts';
import { addRealtimeEdges } from './order-edges.ts';
import type { Transactions } from './transactions.ts';
import { cycleInWords, kindOfLabel } from './words.ts';

const NONE = -1;
const DATA = WW | WR | RW | RWP;
/** Components beyond so many are not searched for names. */
const COMPONENTS_MAX = 1000;

/** From how many edges of each sort the search starts; the shortest cycle found is taken. */
const STARTS_MAX = 32;
/** Cycles of so many transactions are easy to follow. */
const SHORT = 4;

/** Why one transaction comes before another, by one label: a clause for "because". */
export type Because = (from: number, to: number, label: number) => string;

export interface CycleOptions {
  /** Transactions, and the joints of the edges. */
  readonly vertices: number;
  /** By transaction: 1 if it is known to have taken effect. Then time is not in the edges yet. */
  readonly visible?: Uint8Array;
  /** The labels that count. */
  readonly mask: number;
  /** Whether the order of a session is a part of every level, or of `session-ser` alone. */
  readonly sessions: Sessions;
  readonly because: Because;
}

/** Looks for cycles of every kind, and says which levels they break. */
export function findCycles(
  txns: Transactions,
  edges: EdgeList,
  options: CycleOptions,
  findings: Findings,
): ReadonlySet<Level> {
  const cyclic = cyclicPart(txns, edges, options);
  if (cyclic.graph.vertices === 0) return new Set();
  new CycleNaming(txns, cyclic, options, findings).nameAll();
  return brokenLevels(cyclic.graph, options);
}

/** The vertices on cycles, renumbered, and the edges between those of one component. */
interface CyclicPart {
  readonly graph: Graph;
  /** By vertex: its number in the whole graph, or for a joint of time one beyond all of them. */
  readonly original: Int32Array;
}

function cyclicPart(txns: Transactions, edges: EdgeList, options: CycleOptions): CyclicPart {
  const { vertices, visible, mask } = options;
  const whole = new Graph(vertices, edges);
  const timed = visible !== undefined && (mask & REALTIME) !== 0;
  const all = visible ?? new Uint8Array(txns.count).fill(1);
  const core = coreOf(whole, all, timed ? txns : undefined);
  const inner = part(whole, core, mask);
  const total = timed ? addTime(txns, core, inner) : core.length;
  const graph = new Graph(total, inner);
  const { of } = componentsOf(graph, mask);
  const members = Int32Array.from({ length: total }, (_, v) => v).filter((v) => of[v] !== NONE);
  const originalOf = (v: number) => (v < core.length ? core[v]! : vertices + v - core.length);
  return {
    graph: new Graph(members.length, part(graph, members, mask, of)),
    original: members.map(originalOf),
  };
}

/** The edges between the members, ascending, that are numbered as they stand; of one component. */
function part(
  { start, target, label }: Graph,
  members: Int32Array,
  mask: number,
  of?: Int32Array,
): EdgeList {
  const local = new Map<number, number>();
  for (let i = 0; i < members.length; i++) local.set(members[i]!, i);
  const edges = new EdgeList(64);
  for (let i = 0; i < members.length; i++) {
    const v = members[i]!;
    for (let e = start[v]!; e < start[v + 1]!; e++) {
      const w = local.get(target[e]!);
      if (w === undefined || (label[e]! & (mask | FREE)) === 0) continue;
      if (of === undefined || of[target[e]!] === of[v]) edges.add(i, w, label[e]!);
    }
  }
  return edges;
}

/** Adds edges of time between the transactions of the core. Returns the number of vertices. */
function addTime(txns: Transactions, core: Int32Array, edges: EdgeList): number {
  const members = Int32Array.from(core, (_, i) => i).filter((i) => core[i]! < txns.count);
  const times = {
    called: Float64Array.from(members, (i) => txns.called[core[i]!]!),
    returned: Float64Array.from(members, (i) => txns.returned[core[i]!]!),
  };
  return addRealtimeEdges(times, members, edges, core.length);
}

function brokenLevels(graph: Graph, { mask, sessions }: CycleOptions): ReadonlySet<Level> {
  const always = sessions === 'ordered' ? PROCESS : 0;
  const isCyclic = (labels: number) => componentsOf(graph, labels & mask).count > 0;
  const broken = new Set<Level>();
  if (isCyclic(WW | WR | always)) broken.add('rc');
  if (componentsOf(withoutAdjacentRw(graph, (DATA | always) & mask), DATA | always).count > 0) {
    broken.add('si');
  }
  if (isCyclic(DATA | always)) broken.add('ser');
  if (isCyclic(DATA | PROCESS)) broken.add('session-ser');
  if (isCyclic(DATA | PROCESS | REALTIME)) broken.add('strict-ser');
  return broken;
}

/**
 * The product of the graph with "was the last edge an rw": vertex v is 2v when it was not, 2v + 1
 * when it was. Its cycles are the closed walks that snapshot isolation rules out.
 */
function withoutAdjacentRw(graph: Graph, mask: number): Graph {
  const edges = new EdgeList(2 * graph.target.length);
  for (let v = 0; v < graph.vertices; v++) {
    for (let e = graph.start[v]!; e < graph.start[v + 1]!; e++) {
      const w = graph.target[e]!;
      const label = graph.label[e]!;
      if ((label & (mask | FREE)) === 0) continue;
      if (isRw(label)) edges.add(2 * v, 2 * w + 1, label);
      else {
        edges.add(2 * v, 2 * w, label);
        edges.add(2 * v + 1, label === FREE ? 2 * w + 1 : 2 * w, label);
      }
    }
  }
  return new Graph(2 * graph.vertices, edges);
}

/** A transaction and the label of the edge to the next one. */
interface Step {
  readonly txn: number;
  readonly label: number;
}

class CycleNaming {
  readonly #txns: Transactions;
  readonly #graph: Graph;
  readonly #original: Int32Array;
  readonly #options: CycleOptions;
  readonly #findings: Findings;
  /** By vertex: its component when all labels count. */
  readonly #component: Int32Array;
  readonly #named = new Set<string>();
  /** By component: the kinds of the short cycles that need fewer labels, by their least rank. */
  readonly #best = new Map<number, number>();

  constructor(txns: Transactions, cyclic: CyclicPart, options: CycleOptions, findings: Findings) {
    this.#txns = txns;
    this.#graph = cyclic.graph;
    this.#original = cyclic.original;
    this.#options = options;
    this.#findings = findings;
    this.#component = componentsOf(cyclic.graph, options.mask).of;
  }

  nameAll(): void {
    for (const wanted of [0, PROCESS, REALTIME]) {
      if ((this.#options.mask & wanted) !== wanted) continue;
      const extra = wanted === REALTIME ? PROCESS | REALTIME : wanted;
      const found: (readonly Step[])[] = [];
      for (const rw of ['none', 'single', 'nonadjacent', 'any'] as const) {
        const kind = { mask: (DATA | extra) & this.#options.mask, rw };
        if (rw === 'none') {
          found.push(...this.#find({ ...kind, mask: WW | extra }, wanted || WW));
          found.push(...this.#find({ ...kind, mask: kind.mask & ~(RW | RWP) }, wanted || WR));
          continue;
        }
        // A cycle without phantoms rules out more, so that it is looked for by itself.
        if (rw === 'any') {
          found.push(...this.#find({ ...kind, mask: kind.mask & ~RWP }, wanted || RW));
          if ((kind.mask & RWP) === 0) continue;
        }
        found.push(...this.#find(kind, wanted || (rw === 'any' ? RWP : RW | RWP)));
      }
      for (const cycle of found) this.#report(cycle);
      for (const cycle of found) this.#remember(cycle);
    }
  }

  /** Simple cycles on walks of this kind through an edge of the wanted label, in each component. */
  #find(kind: CycleKind, wanted: number): readonly (readonly Step[])[] {
    const { of, count } = componentsOf(this.#graph, kind.mask & this.#options.mask);
    if (count === 0) return [];
    const search = new CycleSearch(this.#graph, of);
    const found: (readonly Step[])[] = [];
    for (const starts of this.#startEdges(kind, wanted, of).slice(0, COMPONENTS_MAX)) {
      const best = this.#best.get(this.#component[starts[0]!.from]!);
      if (best !== undefined && best <= RANK[kind.rw]) continue; // the same with fewer labels
      const walk = search.find(kind, starts);
      if (walk === undefined) continue;
      const cycles = this.#simpleCycles(walk);
      found.push(...cycles);
      const falls = cycles.every((cycle) => antidependenciesOf(this.#relabelled(cycle)) === 'any');
      if (kind.rw === 'nonadjacent' && falls) this.#reportWalk(walk, wanted & (PROCESS | REALTIME));
    }
    return found;
  }

  /**
   * Where to start from, by component: edges of data that lead far back in time, for the shortest
   * cycles go through those, and edges of the wanted labels, of which there must be one.
   */
  #startEdges(kind: CycleKind, wanted: number, of: Int32Array): readonly (readonly StartEdge[])[] {
    const { start, target, label: labels } = this.#graph;
    const walks =
      kind.rw === 'nonadjacent'
        ? componentsOf(withoutAdjacentRw(this.#graph, kind.mask), kind.mask).of
        : undefined;
    const byComponent = new Map<number, { wanted: StartEdge[]; back: StartEdge[] }>();
    for (let from = 0; from < this.#graph.vertices; from++) {
      if (of[from] === NONE) continue;
      for (let e = start[from]!; e < start[from + 1]!; e++) {
        const to = target[e]!;
        const label = labels[e]!;
        if (of[to] !== of[from] || (label & kind.mask) === 0) continue;
        const leadsBack = (label & DATA) !== 0 && this.#timeBack({ from, to, label }) > 0;
        const isWanted = (label & wanted) !== 0;
        if (!isWanted && !leadsBack) continue;
        if (walks !== undefined && !isOnWalk(walks, from, to, label)) continue;
        let edges = byComponent.get(of[from]!);
        if (edges === undefined) byComponent.set(of[from]!, (edges = { wanted: [], back: [] }));
        if (isWanted) edges.wanted.push({ from, to, label });
        if (leadsBack) edges.back.push({ from, to, label });
      }
    }
    return [...byComponent.values()]
      .filter((edges) => edges.wanted.length > 0)
      .map((edges) => [...this.#farthestBack(edges.back), ...evenly(edges.wanted, STARTS_MAX)]);
  }

  #farthestBack(edges: readonly StartEdge[]): readonly StartEdge[] {
    return edges
      .map((edge) => ({ edge, back: this.#timeBack(edge) }))
      .sort((a, b) => b.back - a.back)
      .slice(0, STARTS_MAX)
      .map(({ edge }) => edge);
  }

  /** How much earlier the head was called than the tail; 0 for joints. */
  #timeBack({ from, to }: StartEdge): number {
    const [a, b] = [this.#original[from]!, this.#original[to]!];
    const { called, count } = this.#txns;
    return a < count && b < count && called[a]! > called[b]! ? called[a]! - called[b]! : 0;
  }

  /** Leaves out the joints: an edge through them has the label that it begins with. */
  #stepsOf({ vertices, labels }: Walk): readonly Step[] {
    return vertices
      .map((vertex, i) => ({ txn: this.#original[vertex]!, label: labels[i]! }))
      .filter(({ txn }) => txn < this.#txns.count);
  }

  /** Cuts the walk wherever it comes back to a transaction. */
  #simpleCycles(walk: Walk): readonly (readonly Step[])[] {
    const cycles: (readonly Step[])[] = [];
    let open: Step[] = [];
    for (const step of this.#stepsOf(walk)) {
      const before = open.findIndex(({ txn }) => txn === step.txn);
      if (before !== -1) {
        cycles.push(open.slice(before));
        open = open.slice(0, before);
      }
      open.push(step);
    }
    return [...cycles, open];
  }

  /** A walk that snapshot isolation rules out, though every cycle in it would be allowed by itself. */
  #reportWalk(walk: Walk, wanted: number): void {
    const steps = this.#stepsOf(walk);
    const operations = [...new Set(steps.map(({ txn }) => txn))];
    const { name, breaks } =
      wanted === PROCESS && this.#options.sessions === 'ordered' ? WALKS[0]! : WALKS[wanted]!;
    this.#findings.add(name, breaks, operations, () => this.#words(steps));
  }

  #report(walked: readonly Step[]): void {
    const cycle = this.#relabelled(walked);
    const component = this.#componentOf(cycle[0]!.txn);
    const operations = cycle.map(({ txn }) => txn);
    for (const { name, breaks } of namesOf(cycle, this.#options.sessions)) {
      const id = `${component} ${name}`;
      if (this.#named.has(id)) continue;
      this.#named.add(id);
      this.#findings.add(name, breaks, operations, () => this.#words(cycle));
    }
  }

  #remember(walked: readonly Step[]): void {
    if (walked.length > SHORT) return; // one with more labels may be easier to follow
    const component = this.#componentOf(walked[0]!.txn);
    const rank = RANK[antidependenciesOf(this.#relabelled(walked))];
    this.#best.set(component, Math.min(rank, this.#best.get(component) ?? Infinity));
  }

  #componentOf(txn: number): number {
    return this.#component[firstFrom(this.#original, txn)]!;
  }

  /** The same cycle with the label on each edge that makes the worst anomaly of it. */
  #relabelled(cycle: readonly Step[]): readonly Step[] {
    const sets = cycle.map((step, i) => this.#labelsTo(step, cycle[(i + 1) % cycle.length]!.txn));
    const preference = [
      ...(this.#options.sessions === 'ordered' ? [WITHOUT_RW] : []),
      ...PREFERENCES,
    ].find(({ enough }) => sets.every((set) => (set & enough) !== 0))!;
    return cycle.map(({ txn }, i) => ({
      txn,
      label: preference.order.find((label) => (sets[i]! & label) !== 0)!,
    }));
  }

  #labelsTo({ txn, label }: Step, to: number): number {
    const { start, target, label: labels } = this.#graph;
    const v = firstFrom(this.#original, txn);
    const w = firstFrom(this.#original, to);
    let set = label;
    for (let e = start[v]!; e < start[v + 1]!; e++) if (target[e] === w) set |= labels[e]!;
    return set;
  }

  #words(cycle: readonly Step[]): CycleWords {
    const edges = cycle.map(({ txn, label }, i) => {
      const to = cycle[(i + 1) % cycle.length]!.txn;
      const because = this.#options.because(txn, to, label);
      return { from: txn, to, kind: kindOfLabel(label), because };
    });
    return cycleInWords(this.#txns, edges);
  }
}

/** Labels that are enough for a cycle, and the order in which they are to be shown. */
interface Preference {
  readonly enough: number;
  readonly order: readonly number[];
}

/** Where the order of sessions is a part of every level, a cycle without rw is the worst. */
const WITHOUT_RW: Preference = { enough: WW | WR | PROCESS, order: [WW, WR, PROCESS] };

/** Which labels to show: data before sessions before time, and the fewer rw edges the better. */
const PREFERENCES: readonly Preference[] = [
  { enough: DATA, order: [WW, WR, RW, RWP] },
  { enough: DATA | PROCESS, order: [WW, WR, PROCESS, RW, RWP] },
  { enough: DATA | PROCESS | REALTIME, order: [WW, WR, PROCESS, REALTIME, RW, RWP] },
];

const RANK: Readonly<Record<Antidependencies, number>> = {
  none: 0,
  single: 1,
  nonadjacent: 2,
  any: 3,
};

/** At most so many items, spread over the whole list. */
function evenly<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

/** Whether an edge may lie on a walk without adjacent rw edges. */
function isOnWalk(walks: Int32Array, from: number, to: number, label: number): boolean {
  const onOne = (a: number, b: number) => walks[a] !== NONE && walks[a] === walks[b];
  if (isRw(label)) return onOne(2 * from, 2 * to + 1);
  return onOne(2 * from, 2 * to) || onOne(2 * from + 1, 2 * to);
}

function antidependenciesOf(cycle: readonly Step[]): Antidependencies {
  const rw = cycle.map(({ label }) => isRw(label));
  const count = rw.filter((is) => is).length;
  if (count === 0) return 'none';
  if (count === 1) return 'single';
  return rw.some((is, i) => is && rw[(i + 1) % rw.length]) ? 'any' : 'nonadjacent';
}

interface Name {
  readonly name: string;
  readonly breaks: Level;
}

/** What walks without adjacent rw edges are called, by the label that they cannot do without. */
const WALKS: Readonly<Record<number, Name>> = {
  0: { name: 'not-snapshot-isolated', breaks: 'si' },
  [PROCESS]: { name: 'not-session-snapshot-isolated', breaks: 'session-ser' },
  [REALTIME]: { name: 'not-strong-snapshot-isolated', breaks: 'strict-ser' },
};

function namesOf(cycle: readonly Step[], sessions: Sessions): readonly Name[] {
  const has = (label: number) => cycle.some((step) => step.label === label);
  const kind = antidependenciesOf(cycle);
  const base: Readonly<Record<Antidependencies, Name>> = {
    none: { name: has(WR) ? 'G1c' : 'G0', breaks: 'rc' },
    single: { name: 'G-single', breaks: 'si' },
    nonadjacent: { name: 'G-nonadjacent', breaks: 'si' },
    any: { name: has(RWP) ? 'G2' : 'G2-item', breaks: 'ser' },
  };
  const { name, breaks } = base[kind];
  if (has(REALTIME)) return [{ name: `${name}-realtime`, breaks: 'strict-ser' }];
  if (has(PROCESS)) {
    return [{ name: `${name}-process`, breaks: sessions === 'ordered' ? breaks : 'session-ser' }];
  }
  return [{ name, breaks }, ...popularNames(cycle.map(({ label }) => label))];
}

/** The names that short cycles go by among users. */
function popularNames(labels: readonly number[]): readonly Name[] {
  const is = (...shape: readonly number[]) =>
    shape.length === labels.length &&
    labels.some((_, turn) =>
      shape.every((label, i) => label === labels[(turn + i) % labels.length]),
    );
  if (labels.length === 2 && labels.includes(RWP)) {
    return [{ name: 'phantom', breaks: labels.every(isRw) ? 'ser' : 'si' }];
  }
  if (is(RW, RW)) return [{ name: 'write-skew', breaks: 'ser' }];
  if (is(RW, WR)) return [{ name: 'fractured-read', breaks: 'ra' }];
  if (is(RW, WR, RW, WR)) return [{ name: 'long-fork', breaks: 'si' }];
  return [];
}
