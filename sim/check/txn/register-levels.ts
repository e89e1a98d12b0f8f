// Levels of registers, whose reads tell whom they read from but not in which order a key was
// written. The weak levels force that order (weak.ts); for the strong ones it is searched for
// (polygraph.ts), after the weaker levels have been found to hold.

import { print } from '../plain.ts';
import { type Because, type CycleOptions, findCycles } from './cycles.ts';
import { breaks, type Finding, Findings, type Level } from './findings.ts';
import { EdgeList, isRw, PROCESS, REALTIME, RW, RWP, WR, WW } from './graph.ts';
import { type LevelCheck, type LevelEnd, tooManySessions } from './level-check.ts';
import { addRealtimeEdges, addSessionEdges, visibleOnes } from './order-edges.ts';
import {
  assumeOrder,
  decidePolygraph,
  knownDependencies,
  type PolygraphResult,
} from './polygraph.ts';
import type { Chains } from './reachability.ts';
import { INITIAL, type ReadsFrom, writesKey } from './reads-from.ts';
import { readsFromRegisters } from './registers.ts';
import { OK, type Transactions } from './transactions.ts';
import { checkWeakLevel, type WeakLevel } from './weak.ts';
import { microInWords, orderInWords, txnInWords, txnName } from './words.ts';

type StrongLevel = Exclude<Level, WeakLevel>;

export function checkRegisters(check: LevelCheck): LevelEnd {
  const { txns, writes, level, initial, findings } = check;
  const reads = readsFromRegisters(txns, writes, initial, findings);
  const weak = checkWeakLevels(check, reads);
  const isWeak = level === 'rc' || level === 'ra' || level === 'causal';
  if (!isWeak) reportLostUpdates(reads, findings);
  if (weak.end === 'broken') nameDependencies(check, reads);
  return isWeak || weak.end !== 'holds' ? weak : checkStrong({ ...check, level }, reads);
}

/** Whether reads are right by themselves, and the weak levels hold that the level includes. */
function checkWeakLevels(check: LevelCheck, reads: ReadsFrom): LevelEnd {
  const { txns, level, findings } = check;
  const steps = txns.count;
  if (findings.list.length > 0)
    return { end: 'broken', reason: 'reads are wrong by themselves', steps };
  const sessions = ordersSessions(check) ? 'ordered' : 'unordered';
  for (const weaker of weakLevels(level, sessions === 'ordered')) {
    const end = checkWeakLevel(reads, weaker, { sessions, defined: check.sessions }, findings);
    if (end === 'broken') return { end, reason: 'reads force an order with a cycle', steps };
    if (end === 'too-large' && level === 'causal') return tooManySessions(txns.sessions);
  }
  return { end: 'holds', reason: 'all that reads force has an order', steps };
}

/** The levels that the level includes, weakest first, and itself if it is weak. */
function weakLevels(level: Level, sessions: boolean): readonly WeakLevel[] {
  if (level === 'rc') return ['rc'];
  if (level === 'ra') return ['rc', 'ra'];
  return level === 'causal' || sessions ? ['rc', 'ra', 'causal'] : ['rc', 'ra'];
}

function ordersSessions({ level, sessions }: Pick<LevelCheck, 'level' | 'sessions'>): boolean {
  return sessions === 'ordered' || level === 'session-ser' || level === 'strict-ser';
}

function checkStrong(
  check: LevelCheck & { readonly level: StrongLevel },
  reads: ReadsFrom,
): LevelEnd {
  const { txns, stepsMax } = check;
  const { result } = decide(check, reads);
  const steps = txns.count + result.steps;
  switch (result.verdict) {
    case 'holds': {
      const how =
        result.searched === 0 ? 'by pruning' : `by search over ${result.searched} pairs of writers`;
      return { end: 'holds', reason: `all transactions have an order, found ${how}`, steps };
    }
    case 'too-many-pairs': {
      const reason = `undecided: ${result.searched} pairs of transactions write the same key, which are too many to order in memory; stamps of the system would decide it in linear time`;
      return { end: 'unknown', reason, steps };
    }
    case 'too-large':
      return { ...tooManySessions(txns.sessions), steps };
    case 'steps':
      return {
        end: 'unknown',
        reason: `undecided after ${stepsMax} steps, with ${result.searched} pairs of writers open`,
        steps,
      };
    case 'broken':
      reportBroken(check, reads, result);
      return { end: 'broken', reason: 'no order of the writers avoids a cycle', steps };
  }
}

function decide(
  check: LevelCheck & { readonly level: StrongLevel },
  reads: ReadsFrom,
): { readonly result: PolygraphResult; readonly vertices: number } {
  const { level, stepsMax } = check;
  const { order, vertices } = orderBeside(check, reads);
  const chains = ordersSessions(check) ? chainsOf(reads, vertices) : undefined;
  const result = decidePolygraph(reads, { level, order, vertices, chains, stepsMax });
  return { result, vertices };
}

/** The order that the level has beside the reads, and how many vertices there are with its joints. */
function orderBeside(
  check: LevelCheck,
  { txns, visible }: ReadsFrom,
): { readonly order: EdgeList; readonly vertices: number } {
  const order = new EdgeList(txns.count);
  if (ordersSessions(check)) addSessionEdges(txns, visible, order);
  const vertices =
    check.level === 'strict-ser'
      ? addRealtimeEdges(txns, visibleOnes(visible), order, txns.count)
      : txns.count;
  return { order, vertices };
}

/**
 * Names the cycles of what is known without any choice, in Adya's terms, beside the names of the
 * weak levels. False when there are none that break the level.
 */
function nameDependencies(check: LevelCheck, reads: ReadsFrom): boolean {
  const { txns, level, sessions, findings } = check;
  const { order, vertices } = orderBeside(check, reads);
  const edges = knownDependencies(reads, order);
  const because = registerBecause(reads);
  const found = new Findings();
  findCycles(txns, edges, { vertices, mask: maskOf(txns), sessions, because }, found);
  for (const { name, breaks: weakest, operations, message, edges: told = [] } of found.list) {
    if (!findings.counts.has(name))
      findings.add(name, weakest, operations, () => ({ message, edges: told }));
  }
  return found.list.some((finding) => breaks(finding.breaks, level, sessions));
}

function maskOf({ hasPredicates }: Transactions): number {
  return WW | WR | RW | (hasPredicates ? RWP : 0) | PROCESS | REALTIME;
}

/** Sessions, and one chain for the joints of time. A transaction of unknown outcome is on its own. */
function chainsOf({ txns, visible }: ReadsFrom, vertices: number): Chains {
  const of = new Int32Array(vertices);
  const position = new Int32Array(vertices);
  const length = new Int32Array(txns.sessions);
  let count = txns.sessions;
  for (let t = 0; t < txns.count; t++) {
    if (visible[t] === 0) continue;
    if (txns.outcome[t] === OK) {
      of[t] = txns.session[t]!;
      position[t] = ++length[of[t]!]!;
    } else {
      of[t] = count++;
      position[t] = 1;
    }
  }
  for (let joint = txns.count; joint < vertices; joint++) {
    of[joint] = count;
    position[joint] = joint - txns.count + 1;
  }
  return { count: count + 1, of, position };
}

/** Two transactions that read the same version of a key and overwrite it. */
function reportLostUpdates(reads: ReadsFrom, findings: Findings): void {
  const { txns, firstRead, readKey, readFrom } = reads;
  const updater = new Map<number, number>();
  for (let t = 0; t < txns.count; t++) {
    for (let r = firstRead[t]!; r < firstRead[t + 1]!; r++) {
      if (!writesKey(reads, t, readKey[r]!)) continue;
      const version = readKey[r]! * (txns.count + 1) + readFrom[r]! + 1;
      const other = updater.get(version);
      if (other === undefined) updater.set(version, t);
      else if (other !== t) {
        findings.add('lost-update', 'si', [other, t], () => {
          const [a, b] = [other, t].map((txn) => txnInWords(txns, txn));
          return `${a} and ${b} both read the same version of ${print(txns.keys[readKey[r]!]!)} and overwrote it: one update was made without regard to the other.`;
        });
      }
    }
  }
}

const BROKEN: Readonly<Record<StrongLevel, string>> = {
  si: 'not-snapshot-isolated',
  ser: 'not-serializable',
  'session-ser': 'not-session-serializable',
  'strict-ser': 'not-strict-serializable',
};

/**
 * Adya's names stand for what they rule out, so that they are given to cycles of what holds at every
 * level. Where the cycle has orders of writers in it that only follow from the level itself, it is
 * told, and called after the weakest level that has one.
 */
function reportBroken(
  check: LevelCheck & { readonly level: StrongLevel },
  reads: ReadsFrom,
  result: PolygraphResult,
): void {
  if (nameDependencies(check, reads)) return;
  for (const weaker of includedIn(check)) {
    const stepsMax = Math.min(check.stepsMax, WEAKER_STEPS_MAX);
    const { result: broken, vertices } = decide({ ...check, level: weaker, stepsMax }, reads);
    if (broken.verdict !== 'broken') continue;
    reportOrders({ ...check, level: weaker }, reads, broken, vertices);
    return;
  }
  reportOrders(check, reads, result, orderBeside(check, reads).vertices);
}

/** The strong levels that the level includes, weakest first, without itself. */
function includedIn({ level, sessions }: Pick<LevelCheck, 'level' | 'sessions'>): StrongLevel[] {
  const weaker = STRONG.slice(0, STRONG.indexOf(level as StrongLevel));
  return sessions === 'ordered' ? weaker.filter((one) => one !== 'session-ser') : weaker;
}

/** What each weaker level may cost when it is only asked for the name of what is broken already. */
const WEAKER_STEPS_MAX = 50_000_000;

const STRONG: readonly StrongLevel[] = ['si', 'ser', 'session-ser', 'strict-ser'];

function reportOrders(
  check: LevelCheck & { readonly level: StrongLevel },
  reads: ReadsFrom,
  { known, pair, searched }: PolygraphResult,
  vertices: number,
): void {
  const { txns, level, sessions, findings } = check;
  const orders = (ordersSessions(check) ? PROCESS : 0) | (level === 'strict-ser' ? REALTIME : 0);
  const because = registerBecause(reads, orders);
  const name = BROKEN[level];
  if (searched > 0) {
    findings.add(name, level, [], () => {
      return `${searched} pairs of transactions that write the same key can be ordered either way by themselves, but not all of them together.`;
    });
    return;
  }
  const cycleIn = (edges: EdgeList) =>
    cyclesIn(txns, edges, { vertices, mask: maskOf(txns), sessions, because }, level)[0];
  if (pair === undefined) {
    const cycle = cycleIn(known);
    findings.add(name, level, cycle?.operations ?? [], () => ({
      message: cycle?.message ?? 'What is known of the order of transactions has a cycle.',
      edges: cycle?.edges ?? [],
    }));
    return;
  }
  const turned = { t: pair.u, u: pair.t, keys: pair.keys };
  const [one, other] = [pair, turned].map((way) => {
    const edges = copyOf(known);
    assumeOrder(reads, way, edges);
    return cycleIn(edges);
  });
  const operations = [
    ...new Set([pair.t, pair.u, ...(one?.operations ?? []), ...(other?.operations ?? [])]),
  ];
  findings.add(name, level, operations, () => {
    const keys = pair.keys.map((key) => print(txns.keys[key]!)).join(', ');
    const ways = [pair, turned].map((way, i) => {
      const cycle = (i === 0 ? one : other)?.message ?? 'a cycle';
      return `If ${txnName(way.t)} came before ${txnName(way.u)}:\n${cycle}`;
    });
    return `${txnName(pair.t)} and ${txnName(pair.u)} both write ${keys}, and neither can come first.\n${ways.join('\n')}`;
  });
}

function copyOf(edges: EdgeList): EdgeList {
  const copy = new EdgeList(edges.count + 16);
  for (let e = 0; e < edges.count; e++) copy.add(edges.from[e]!, edges.to[e]!, edges.label[e]!);
  return copy;
}

/** Cycles that the level rules out, whatever they are called. */
function cyclesIn(
  txns: Transactions,
  edges: EdgeList,
  options: CycleOptions,
  level: StrongLevel,
): readonly Finding[] {
  const found = new Findings();
  findCycles(txns, edges, options, found);
  return found.list.filter(({ breaks: weakest }) => breaks(weakest, level, options.sessions));
}

/**
 * Why one transaction comes before another, as far as registers tell. `orders` says what else puts
 * one writer before another at the level: nothing for what holds at all of them.
 */
function registerBecause(reads: ReadsFrom, orders: number = 0): Because {
  const { txns, firstRead, readKey, readFrom, readMicro, firstWrite, writeKey } = reads;
  const readsOf = (t: number) =>
    Array.from({ length: firstRead[t + 1]! - firstRead[t]! }, (_, i) => firstRead[t]! + i);
  const micro = (r: number) => microInWords(txns, readMicro[r]!);
  const isUpdate = (to: number, source: number, key: number) =>
    readsOf(to).some((r) => readFrom[r] === source && readKey[r] === key);
  /** Why a writer comes after another one whose value it did not read. */
  const why = (first: number, second: number) => {
    const { session, outcome, returned, called } = txns;
    const inSession = session[first] === session[second] && outcome[first] === OK;
    if ((orders & PROCESS) !== 0 && inSession && first < second) {
      return orderInWords(txns, first, second, PROCESS);
    }
    if ((orders & REALTIME) !== 0 && returned[first]! < called[second]!) {
      return orderInWords(txns, first, second, REALTIME);
    }
    return `${txnName(second)} cannot come before ${txnName(first)}`;
  };
  const stepTo = (to: number, source: number, key: number) =>
    source === INITIAL || isUpdate(to, source, key) ? '' : `, as ${why(source, to)}`;
  const isAbsent = (r: number) => txns.predicateRow(readMicro[r]!)?.absent === true;
  return (from, to, label) => {
    if (label === WR) {
      const read = readsOf(to).find((r) => readFrom[r] === from);
      if (read !== undefined) return `${txnName(to)} has ${micro(read)}, from ${txnName(from)}`;
    }
    if (isRw(label)) {
      const read = readsOf(from).find(
        (r) =>
          writesKey(reads, to, readKey[r]!) &&
          readFrom[r] !== to &&
          isAbsent(r) === (label === RWP),
      );
      if (read !== undefined && label === RWP) {
        return `${txnName(from)} has ${micro(read)}, which ${txnName(to)} wrote`;
      }
      if (read !== undefined) {
        const source =
          readFrom[read] === INITIAL ? 'the initial value' : `from ${txnName(readFrom[read]!)}`;
        const step = stepTo(to, readFrom[read]!, readKey[read]!);
        return `${txnName(from)} has ${micro(read)}, ${source}, which ${txnName(to)} overwrote${step}`;
      }
    }
    if (label === WW) {
      const update = readsOf(to).find(
        (r) => readFrom[r] === from && writesKey(reads, to, readKey[r]!),
      );
      if (update !== undefined) {
        return `${txnName(to)} has ${micro(update)}, from ${txnName(from)}, and overwrote it`;
      }
      const keys = writeKey.subarray(firstWrite[from]!, firstWrite[from + 1]!);
      const key = keys.find((k) => writesKey(reads, to, k));
      if (key !== undefined) {
        return `both write ${print(txns.keys[key]!)}, and ${why(from, to)}`;
      }
    }
    return orderInWords(txns, from, to, label);
  };
}
