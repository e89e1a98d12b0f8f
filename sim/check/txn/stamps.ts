// When the system tells at which points of its own time each transaction read and committed, that is
// an order of versions, and the level is a matter of replaying it: linear, after sorting.
//
// Stamps that fit prove the level. Stamps that do not fit prove nothing about the history, only that
// the system does not know its own order.
//
// Source: Li and others, "Chronos" and "Aion": checking snapshot isolation with timestamps, 2025.

import type { Plain } from '../../env/net.ts';
import { firstAfter } from '../ascending.ts';
import type { Operation } from '../history.ts';
import { isList, print, samePlain } from '../plain.ts';
import type { Level, Sessions } from './findings.ts';
import { FAILED, OK, READ, type Transactions } from './transactions.ts';
import { microInWords, txnName } from './words.ts';

/** A transaction's points in the system's time. */
export interface Stamps {
  /** What had been committed up to here is what it saw. Without it, the same as `commit`. */
  readonly begin?: number;
  /** Where its writes take effect. Without it, the same as `begin`: it wrote nothing. */
  readonly commit?: number;
}

/** `undefined` for a transaction that, as far as the system knows, never took effect. */
export type StampsOf = (operation: Operation, index: number) => Stamps | undefined;

interface Stamped {
  readonly txn: number;
  readonly begin: number;
  readonly commit: number;
}

/** Why the stamps do not prove the level, as a sentence; `undefined` when they do. */
export function faultOfStamps(
  txns: Transactions,
  level: Level,
  sessions: Sessions,
  initial: Plain,
  stampsOf: StampsOf,
): string | undefined {
  const stamped: Stamped[] = [];
  for (const [txn, operation] of txns.history.entries()) {
    const stamps = stampsOf(operation, txn);
    const at = stamps?.commit ?? stamps?.begin;
    if (stamps === undefined || at === undefined) {
      if (txns.outcome[txn] === OK) return `${txnName(txn)} has no stamps`;
      continue;
    }
    if (txns.outcome[txn] === FAILED) return `${txnName(txn)} has stamps and failed`;
    // Only snapshot isolation reads at another point than it writes.
    const begin = level === 'si' ? (stamps.begin ?? at) : at;
    if (begin > at) return `${txnName(txn)} begins at ${begin}, after it commits at ${at}`;
    stamped.push({ txn, begin, commit: at });
  }
  stamped.sort((a, b) => a.commit - b.commit || writesLast(txns, a.txn) - writesLast(txns, b.txn));
  return (
    faultOfOrders(txns, stamped, level, sessions) ??
    new Replay(txns, initial, level === 'si' ? 'snapshot' : 'serial').fault(stamped)
  );
}

/** At one point, transactions that only read come after the one that wrote. */
function writesLast(txns: Transactions, txn: number): number {
  const { firstMicro, kind } = txns;
  for (let m = firstMicro[txn]!; m < firstMicro[txn + 1]!; m++) if (kind[m] !== READ) return 0;
  return 1;
}

/** Levels of which the order of a session is a part, whatever the format says. */
const ORDERED: ReadonlySet<Level> = new Set(['causal', 'session-ser', 'strict-ser']);

/** The order of sessions and of real time, where the level has them. */
function faultOfOrders(
  txns: Transactions,
  stamped: readonly Stamped[],
  level: Level,
  sessions: Sessions,
): string | undefined {
  const ordered = sessions === 'ordered' || ORDERED.has(level);
  if (ordered) {
    const position = new Map(stamped.map(({ txn }, i) => [txn, i]));
    const latest = new Map<number, Stamped>();
    for (const one of stamped.toSorted((a, b) => a.txn - b.txn)) {
      const before = latest.get(txns.session[one.txn]!);
      // Where all points are one, the order of the replay decides.
      const late = before !== undefined && position.get(before.txn)! > position.get(one.txn)!;
      if (before !== undefined && (late || one.begin < before.commit)) {
        return `${txnName(one.txn)} is stamped before ${txnName(before.txn)}, which came earlier in its session`;
      }
      if (txns.outcome[one.txn] === OK) latest.set(txns.session[one.txn]!, one);
    }
  }
  if (level !== 'strict-ser') return undefined;
  let last: Stamped | undefined;
  for (const one of stamped) {
    if (last !== undefined && txns.returned[one.txn]! < txns.called[last.txn]!) {
      return `${txnName(one.txn)} is stamped after ${txnName(last.txn)}, but had returned before that was called`;
    }
    if (last === undefined || txns.called[one.txn]! > txns.called[last.txn]!) last = one;
  }
  return undefined;
}

/** The versions of a key: what was committed, and when. A list has its elements here. */
interface Versions {
  readonly commits: number[];
  readonly values: Plain[];
}

class Replay {
  readonly #txns: Transactions;
  readonly #initial: Plain;
  readonly #kind: 'serial' | 'snapshot';
  readonly #versions: Versions[];

  constructor(txns: Transactions, initial: Plain, kind: 'serial' | 'snapshot') {
    this.#txns = txns;
    this.#initial = initial;
    this.#kind = kind;
    this.#versions = txns.keys.map(() => ({ commits: [], values: [] }));
  }

  fault(stamped: readonly Stamped[]): string | undefined {
    for (const one of stamped) {
      const conflict = this.#kind === 'snapshot' ? this.#conflict(one) : undefined;
      const wrong = conflict ?? this.#wrongRead(one);
      if (wrong !== undefined) return wrong;
      this.#commit(one);
    }
    return undefined;
  }

  #writes(txn: number): number[] {
    const { firstMicro, kind } = this.#txns;
    const writes: number[] = [];
    for (let m = firstMicro[txn]!; m < firstMicro[txn + 1]!; m++)
      if (kind[m] !== READ) writes.push(m);
    return writes;
  }

  /** Someone else committed a key that it writes while it ran. */
  #conflict({ txn, begin }: Stamped): string | undefined {
    for (const m of this.#writes(txn)) {
      const key = this.#txns.key[m]!;
      const latest = this.#versions[key]!.commits.at(-1);
      if (latest === undefined || latest <= begin) continue;
      return `${txnName(txn)} writes ${print(this.#txns.keys[key]!)}, which was committed at ${latest}, after it began at ${begin}`;
    }
    return undefined;
  }

  #commit({ txn, commit }: Stamped): void {
    for (const m of this.#writes(txn)) {
      const versions = this.#versions[this.#txns.key[m]!]!;
      versions.commits.push(commit);
      versions.values.push(this.#txns.value(m)!);
    }
  }

  /** A read that did not return what was committed up to the transaction's begin, and its own. */
  #wrongRead({ txn, begin }: Stamped): string | undefined {
    const { firstMicro, kind, key, outcome } = this.#txns;
    if (outcome[txn] !== OK) return undefined;
    for (let m = firstMicro[txn]!; m < firstMicro[txn + 1]!; m++) {
      const seen = this.#txns.value(m);
      if (kind[m] !== READ || seen === undefined) continue;
      const own = this.#writes(txn).filter((w) => w < m && key[w] === key[m]);
      const mine = own.map((w) => this.#txns.value(w)!);
      const { commits, values } = this.#versions[key[m]!]!;
      const count = firstAfter(commits, begin);
      const isList = this.#txns.workload === 'list-append';
      const right = isList
        ? isConcatenation(seen, values, count, mine)
        : samePlain(seen, mine.at(-1) ?? (count === 0 ? this.#initial : values[count - 1]!));
      if (!right)
        return `${txnName(txn)} has ${microInWords(this.#txns, m)}, which it was not at ${begin}`;
    }
    return undefined;
  }
}

/** Whether a list is the first `count` values and then `more`; null is the empty list. */
function isConcatenation(
  list: Plain,
  values: readonly Plain[],
  count: number,
  more: readonly Plain[],
): boolean {
  const seen = list === null ? [] : list;
  if (!isList(seen) || seen.length !== count + more.length) return false;
  return seen.every((element, i) => samePlain(element, i < count ? values[i]! : more[i - count]!));
}
