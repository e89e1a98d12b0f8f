// The oracle for transactions: tries every order, by the definitions, and no state twice.

import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { keyOf, print, samePlain } from '../plain.ts';
import type { Level, Sessions } from '../txn/findings.ts';
import { keysThat } from './generate-txn.ts';

type Micro = readonly [kind: 'r' | 'w' | 'append' | 'rp', key: Plain, value: Plain];

interface Txn {
  readonly index: number;
  readonly process: string;
  readonly required: boolean;
  readonly called: number;
  readonly returned: number;
  readonly micro: readonly Micro[];
}

type Store = ReadonlyMap<unknown, Plain>;

/** Whether the history is as the level asks. Exponential in the number of transactions. */
export function isolatedByBruteForce(history: History, level: Level, sessions: Sessions): boolean {
  const txns = history.flatMap(
    ({ process, input, output, outcome, called, returned }, index): Txn[] => {
      if (outcome === 'fail') return [];
      const required = outcome === 'ok';
      const micro = (required ? output : input) as unknown as readonly Micro[];
      return [
        { index, process, required, called, returned: required ? returned : Infinity, micro },
      ];
    },
  );
  const before = (a: Txn, b: Txn) =>
    (a.required &&
      a.process === b.process &&
      a.index < b.index &&
      ordersSessions(level, sessions)) ||
    (level === 'strict-ser' && a.returned < b.called);
  switch (level) {
    case 'rc':
    case 'ra':
    case 'causal':
      return isWeak(txns, level, sessions);
    case 'si':
      return isSnapshot(txns, before);
    default:
      return isSerial(txns, new Map(), before, new Set());
  }
}

function ordersSessions(level: Level, sessions: Sessions): boolean {
  return (
    sessions === 'ordered' ||
    level === 'causal' ||
    level === 'session-ser' ||
    level === 'strict-ser'
  );
}

type Before = (a: Txn, b: Txn) => boolean;

/** The store after a transaction, or `undefined` if it cannot have read what it read. */
function execute(store: Store, { micro, required }: Txn): Store | undefined {
  const after = new Map(store);
  for (const [kind, key, value] of micro) {
    const id = keyOf(key);
    const current = after.get(id) ?? null;
    if (kind === 'w') after.set(id, value);
    else if (kind === 'append')
      after.set(id, [...((current as readonly Plain[] | null) ?? []), value]);
    else if (!required) continue;
    else if (kind === 'r' && !sameRead(current, value)) return undefined;
    else if (kind === 'rp' && !sameFound(after, key, value)) return undefined;
  }
  return after;
}

function sameFound(store: Store, predicate: Plain, found: Plain): boolean {
  return singleReads(predicate, found).every(([key, value]) =>
    sameRead(store.get(keyOf(key)) ?? null, value),
  );
}

/** What a read by predicate says of each key that satisfies it. */
export function singleReads(predicate: Plain, found: Plain): (readonly [Plain, Plain])[] {
  const values = new Map(found as unknown as readonly (readonly [Plain, Plain])[]);
  return keysThat(predicate).map((key) => [key, values.get(key) ?? null]);
}

/** The empty list and nothing are the same. */
function sameRead(a: Plain, b: Plain): boolean {
  const empty = (value: Plain) => value === null || (Array.isArray(value) && value.length === 0);
  return (empty(a) && empty(b)) || samePlain(a, b);
}

/** `dead` has the states from which no order is known to lead on. */
function isSerial(left: readonly Txn[], store: Store, before: Before, dead: Set<string>): boolean {
  if (left.every(({ required }) => !required)) return true;
  const state = `${left.map(({ index }) => index)} ${printed(store)}`;
  if (dead.has(state)) return false;
  const found = left.some((next) => {
    const others = left.filter((other) => other !== next);
    if (others.some((other) => before(other, next))) return false;
    const after = execute(store, next);
    return after !== undefined && isSerial(others, after, before, dead);
  });
  if (!found) dead.add(state);
  return found;
}

function printed(store: Store): string {
  return [...store]
    .map(([key, value]) => `${key}=${print(value)}`)
    .sort()
    .join(' ');
}

interface Running {
  readonly txn: Txn;
  /** The keys that others have committed since it began. */
  readonly conflicts: ReadonlySet<unknown>;
}

/** Snapshot isolation: every order of begins and commits; the first committer of a key wins. */
function isSnapshot(txns: readonly Txn[], before: Before): boolean {
  const dead = new Set<string>();
  const go = (waiting: readonly Txn[], running: readonly Running[], store: Store): boolean => {
    if (running.length === 0 && waiting.every(({ required }) => !required)) return true;
    const busy = running.map(({ txn, conflicts }) => `${txn.index}:${[...conflicts].sort()}`);
    const state = `${waiting.map(({ index }) => index)} ${busy.sort()} ${printed(store)}`;
    if (dead.has(state)) return false;
    const found = goOn(waiting, running, store);
    if (!found) dead.add(state);
    return found;
  };
  const goOn = (waiting: readonly Txn[], running: readonly Running[], store: Store): boolean => {
    const unfinished = [...waiting, ...running.map(({ txn }) => txn)];
    for (const next of waiting) {
      if (unfinished.some((other) => other !== next && before(other, next))) continue;
      if (execute(store, next) === undefined) continue;
      const left = waiting.filter((other) => other !== next);
      if (go(left, [...running, { txn: next, conflicts: new Set() }], store)) return true;
    }
    for (const { txn, conflicts } of running) {
      const keys = txn.micro
        .filter(([kind]) => kind === 'w' || kind === 'append')
        .map(([, key]) => keyOf(key));
      if (keys.some((key) => conflicts.has(key))) continue;
      const after = new Map(store);
      for (const [kind, key, value] of txn.micro) {
        if (kind === 'w') after.set(keyOf(key), value);
        if (kind === 'append') {
          const current = (after.get(keyOf(key)) ?? []) as readonly Plain[];
          after.set(keyOf(key), [...current, value]);
        }
      }
      const others = running
        .filter((other) => other.txn !== txn)
        .map((other) => ({ ...other, conflicts: new Set([...other.conflicts, ...keys]) }));
      if (go(waiting, others, after)) return true;
    }
    return false;
  };
  return go(txns, [], new Map());
}

interface ReadFrom {
  readonly reader: Txn;
  readonly at: number;
  readonly key: Plain;
  /** `undefined`: the initial value. */
  readonly writer: Txn | undefined;
}

/** Biswas and Enea: some total order of commits satisfies the axiom of the level. */
function isWeak(txns: readonly Txn[], level: 'rc' | 'ra' | 'causal', sessions: Sessions): boolean {
  const reads = readsFrom(txns);
  if (reads === undefined) return false;
  const visible = txns.filter((txn) => txn.required || reads.some(({ writer }) => writer === txn));
  const ordered = ordersSessions(level, sessions);
  const so = (a: Txn, b: Txn) =>
    ordered && a.required && a.process === b.process && a.index < b.index;
  const wr = (a: Txn, b: Txn) => reads.some(({ reader, writer }) => reader === b && writer === a);
  const happened = closure(visible, (a, b) => so(a, b) || wr(a, b));
  const writes = (txn: Txn, key: Plain) =>
    txn.micro.some(([kind, other]) => kind === 'w' && samePlain(key, other));
  /** Whether the level makes t2, which wrote the key too, come before what the read saw. */
  const forces = (t2: Txn, { reader, at }: ReadFrom): boolean => {
    if (level === 'rc')
      return reads.some((r) => r.reader === reader && r.at < at && r.writer === t2);
    if (level === 'ra') return so(t2, reader) || wr(t2, reader);
    return happened(t2, reader);
  };
  const needed: (readonly [Txn, Txn | undefined])[] = [];
  for (const read of reads) {
    for (const t2 of visible) {
      if (t2 === read.writer || t2 === read.reader || !writes(t2, read.key)) continue;
      if (forces(t2, read)) needed.push([t2, read.writer]);
    }
  }
  if (needed.some(([, writer]) => writer === undefined)) return false;
  const go = (left: readonly Txn[]): boolean => {
    if (left.length === 0) return true;
    return left.some((next) => {
      const others = left.filter((other) => other !== next);
      const late = others.some(
        (other) =>
          so(other, next) || wr(other, next) || needed.some(([a, b]) => a === other && b === next),
      );
      return !late && go(others);
    });
  };
  return go(visible);
}

/** Who read from whom; `undefined` when a read is wrong by itself. */
function readsFrom(txns: readonly Txn[]): ReadFrom[] | undefined {
  const reads: ReadFrom[] = [];
  for (const reader of txns) {
    if (!reader.required) continue;
    const own = new Map<unknown, Plain>();
    for (const [at, micro] of reader.micro.entries()) {
      const [kind, of, result] = micro;
      if (kind === 'w') {
        own.set(keyOf(of), result);
        continue;
      }
      for (const [key, value] of kind === 'rp'
        ? singleReads(of, result)
        : [[of, result] as const]) {
        const id = keyOf(key);
        if (own.has(id)) {
          if (!samePlain(own.get(id)!, value)) return undefined;
        } else if (value === null) reads.push({ reader, at, key, writer: undefined });
        else {
          const writer = txns.find((txn) => samePlain(lastWrite(txn.micro, key), value));
          if (writer === undefined || writer === reader) return undefined;
          reads.push({ reader, at, key, writer });
        }
      }
    }
  }
  return reads;
}

function lastWrite(micro: readonly Micro[], key: Plain): Plain {
  return micro.findLast(([kind, other]) => kind === 'w' && samePlain(key, other))?.[2] ?? null;
}

/** Warshall's algorithm. */
export function closure<T>(
  txns: readonly T[],
  edge: (a: T, b: T) => boolean,
): (a: T, b: T) => boolean {
  const reached = new Map(
    txns.map((txn) => [txn, new Set(txns.filter((other) => edge(txn, other)))]),
  );
  for (const middle of txns) {
    for (const txn of txns) {
      if (!reached.get(txn)!.has(middle)) continue;
      for (const other of reached.get(middle)!) reached.get(txn)!.add(other);
    }
  }
  return (a, b) => reached.get(a)!.has(b);
}
