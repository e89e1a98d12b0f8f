// Read committed, read atomic and causal consistency, for histories whose reads tell their writers:
// the level holds iff the reads, the order of sessions and the order of writers that the level
// forces (forced-order.ts) have no cycle. The initial values are written before everything else.
//
// A cycle is named after the strongest reason in it, in Plume's terms.

import { causalOrder } from './causal-order.ts';
import { CycleSearch, type StartEdge } from './cycle-search.ts';
import type { Because } from './cycles.ts';
import type { Findings, Level, Sessions } from './findings.ts';
import { atomicOrder, type ForcedBy, type ForcedOrder, monotonicOrder } from './forced-order.ts';
import { componentsOf, EdgeList, Graph, PROCESS, WR, WW } from './graph.ts';
import { addSessionEdges } from './order-edges.ts';
import { INITIAL, type ReadsFrom } from './reads-from.ts';
import { WeakWords } from './weak-words.ts';
import { cycleInWords, kindOfLabel, microInWords, txnInWords } from './words.ts';

export type WeakLevel = Extract<Level, 'rc' | 'ra' | 'causal'>;

const NONE = -1;
const ALL = WW | WR | PROCESS;
/** From how many edges of a component a short cycle is looked for. */
const STARTS_MAX = 256;

export interface WeakOptions {
  /** Whether the order of a session counts; for `causal` it always does. */
  readonly sessions: Sessions;
  /** Whether it is a part of every level by definition, which decides what an anomaly is called. */
  readonly defined: Sessions;
  /** Of lists, whose reads tell the order of versions: the ww edges, and why. */
  readonly versions?: { readonly edges: EdgeList; readonly because: Because };
}

/**
 * Whether the level holds. What breaks it is added to the findings.
 * `too-large`: there are too many sessions for clocks.
 */
export function checkWeakLevel(
  reads: ReadsFrom,
  level: WeakLevel,
  options: WeakOptions,
  findings: Findings,
): 'holds' | 'broken' | 'too-large' {
  const sessions = level === 'causal' ? 'ordered' : options.sessions;
  const forced =
    level === 'rc'
      ? monotonicOrder(reads)
      : level === 'ra'
        ? atomicOrder(reads, sessions)
        : causalOrder(reads, options.versions?.edges);
  if (forced === 'too-large') return forced;
  const order = forced === 'cyclic' ? [] : forced;
  const edges = baseEdges(reads, sessions, options.versions?.edges);
  const words = new WeakWords(reads, options);
  let stale = false;
  for (const one of order) {
    if (one.second === INITIAL) {
      stale = true;
      reportStale(reads, one, words, findings);
    } else edges.add(one.first, one.second, WW);
  }
  const graph = new Graph(reads.txns.count, edges);
  const cyclic = reportCycles(reads, graph, order, words, findings);
  return stale || cyclic ? 'broken' : 'holds';
}

function baseEdges(reads: ReadsFrom, sessions: Sessions, versions: EdgeList | undefined): EdgeList {
  const { firstRead, readFrom } = reads;
  const edges = new EdgeList(2 * readFrom.length + reads.txns.count);
  for (let e = 0; e < (versions?.count ?? 0); e++) {
    if (versions!.label[e] === WW) edges.add(versions!.from[e]!, versions!.to[e]!, WW);
  }
  for (let t = 0; t < reads.txns.count; t++) {
    let last = INITIAL;
    for (let r = firstRead[t]!; r < firstRead[t + 1]!; r++) {
      if (readFrom[r] === INITIAL || readFrom[r] === last) continue;
      last = readFrom[r]!;
      edges.add(last, t, WR);
    }
  }
  if (sessions === 'ordered') addSessionEdges(reads.txns, reads.visible, edges);
  return edges;
}

const REASONS: Readonly<Record<ForcedBy, { readonly name: string; readonly breaks: WeakLevel }>> = {
  monotonic: { name: 'non-monotonic-read', breaks: 'rc' },
  session: { name: 'fractured-read', breaks: 'ra' },
  read: { name: 'fractured-read', breaks: 'ra' },
  causal: { name: 'causality-violation', breaks: 'causal' },
};

const STRENGTH: readonly ForcedBy[] = ['monotonic', 'session', 'read', 'causal'];

function reportStale(
  reads: ReadsFrom,
  forced: ForcedOrder,
  words: WeakWords,
  findings: Findings,
): void {
  const { name, breaks } = nameOf(reads, [forced], words.defined, false);
  const { first, reader, read } = forced;
  findings.add(name, breaks, [reader, first], () => {
    const { txns, readMicro } = reads;
    const stale = `${txnInWords(txns, reader)} has ${microInWords(txns, readMicro[read]!)}, the initial value`;
    const why = words.precedes(forced);
    return `${stale}, although ${txnInWords(txns, first)} writes it too, and ${why}.`;
  });
}

/**
 * A cycle of no forced edges is one of causality itself. One that leads along a session is one of
 * the level that has sessions in it, `causal`, unless all levels have.
 */
function nameOf(
  reads: ReadsFrom,
  forced: readonly ForcedOrder[],
  sessions: Sessions,
  alongSession: boolean,
): { readonly name: string; readonly breaks: WeakLevel } {
  const strongest = forced.toSorted((a, b) => STRENGTH.indexOf(b.by) - STRENGTH.indexOf(a.by))[0];
  const bySession = alongSession || strongest?.by === 'session';
  if (bySession && sessions === 'unordered') return REASONS.causal;
  if (strongest === undefined) return { name: 'cyclic-causality', breaks: 'rc' };
  const reason = REASONS[strongest.by];
  return strongest.by === 'read' && isSameKey(reads, strongest)
    ? { ...reason, name: 'non-repeatable-read' }
    : reason;
}

/** Whether the reader read the same key from both writers. */
function isSameKey(
  { firstRead, readFrom, readKey }: ReadsFrom,
  { first, reader, read }: ForcedOrder,
): boolean {
  for (let r = firstRead[reader]!; r < firstRead[reader + 1]!; r++) {
    if (readFrom[r] === first && readKey[r] === readKey[read]) return true;
  }
  return false;
}

function reportCycles(
  reads: ReadsFrom,
  graph: Graph,
  forced: readonly ForcedOrder[],
  words: WeakWords,
  findings: Findings,
): boolean {
  const { of, count } = componentsOf(graph, ALL);
  if (count === 0) return false;
  const starts: StartEdge[][] = Array.from({ length: count }, () => []);
  for (let from = 0; from < graph.vertices; from++) {
    if (of[from] === NONE) continue;
    for (let e = graph.start[from]!; e < graph.start[from + 1]!; e++) {
      const to = graph.target[e]!;
      if (of[to] === of[from]) starts[of[from]!]!.push({ from, to, label: graph.label[e]! });
    }
  }
  const search = new CycleSearch(graph, of);
  for (const edges of starts) {
    const { vertices, labels } = search.find(
      { mask: ALL, rw: 'none' },
      edges.slice(0, STARTS_MAX),
    )!;
    const steps = vertices.map((from, i) => ({
      from,
      to: vertices[(i + 1) % vertices.length]!,
      label: labels[i]!,
    }));
    const reasons = steps.map(({ from, to, label }) =>
      label === WW
        ? forced.find(({ first, second }) => first === from && second === to)
        : undefined,
    );
    const { name, breaks } = nameOf(
      reads,
      reasons.filter((reason) => reason !== undefined),
      words.defined,
      steps.some(({ label }) => label === PROCESS),
    );
    findings.add(name, breaks, vertices, () => {
      const edges = steps.map(({ from, to, label }, i) => {
        const reason = reasons[i];
        const why = reason === undefined ? words.because(from, to, label) : words.forces(reason);
        return { from, to, kind: kindOfLabel(label), because: why };
      });
      return cycleInWords(reads.txns, edges);
    });
  }
  return true;
}
