// The four session guarantees, for histories whose reads tell their writers.
//
// Each requires that something is visible to a read, and is broken when the read returns an older
// version of the same key:
//
//   read-your-writes      the session's own latest write of the key
//   monotonic-reads       what the session has read of the key before
//   monotonic-writes      earlier writes of a session, once a later one of its transactions was read
//   writes-follow-reads   what a session had read, once a later one of its transactions was read
//
// Older means: lower in the version order, where it is known (lists); otherwise that its write
// happened before the other, by reads and sessions. The initial value is older than all. A session
// that reads a version, another one, and the first again has gone back, whichever is older.
//
// Each session is judged by itself. Where one reads 1 and then 2, and another 2 and then 1, no order
// of versions suits both, but each may have one, as replicas that do not agree give it; `causal`, which
// asks for one order, is broken then.
//
// Source: Terry and others, "Session guarantees for weakly consistent replicated data", 1994.

import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { requireSessions } from '../impossible.ts';
import { requireOneOf } from '../one-of.ts';
import { type Causality, causalityOf, chainsOf, happenedBefore } from '../txn/causal-order.ts';
import { Findings } from '../txn/findings.ts';
import { listOrders } from '../txn/list-orders.ts';
import { INITIAL, type ReadsFrom, readsFromLists } from '../txn/reads-from.ts';
import { readsFromRegisters } from '../txn/registers.ts';
import { OK, type Transactions, transactionsOf } from '../txn/transactions.ts';
import { microInWords, txnInWords, txnName } from '../txn/words.ts';
import { WriteTable } from '../txn/write-table.ts';
import type { Verdict } from '../verdict.ts';

export const GUARANTEES = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
] as const;

export type SessionGuarantee = (typeof GUARANTEES)[number];

export interface SessionOptions {
  /** What a register holds before the first write; null by default. */
  readonly initial?: Plain;
}

const NONE = -1;

/**
 * Whether every session was given the guarantee. Operations are transactions, or single `read`,
 * `write`, `get` and `put`; each value is written once to a key.
 *
 * @throws HistoryError `unknown-operation`, `bad-input`, `bad-option`, `impossible`
 */
export function sessionGuarantee(
  history: History,
  guarantee: SessionGuarantee,
  options: SessionOptions = {},
): Verdict {
  requireOneOf('the guarantee', guarantee, GUARANTEES);
  requireSessions(history);
  const txns = transactionsOf(history, options.initial);
  const writes = new WriteTable(txns);
  const conclude = (verdict: Verdict['verdict'], reason: string, findings: Findings): Verdict => ({
    verdict,
    model: guarantee,
    reason,
    anomalies: findings.list.map(({ name, message, operations }) => ({
      name,
      message,
      operations,
    })),
    operations: history.length,
    steps: txns.micros,
  });
  const findings = new Findings();
  const initial = options.initial ?? null;
  const ambiguity = writes.ambiguity(initial);
  if (ambiguity !== undefined) return conclude('unknown', ambiguity, findings);
  const versions = versionsOf(txns, writes, initial, findings);
  if (versions === undefined) {
    return conclude(
      'unknown',
      `there are too many sessions, ${txns.sessions}, to compare all transactions in memory`,
      findings,
    );
  }
  new GuaranteeCheck(versions, guarantee, findings).run();
  const count = [...findings.counts].map(([name, times]) => `${times} ${name}`).join(', ');
  return count === ''
    ? conclude('valid', 'no read returned an older version than it had to', findings)
    : conclude('invalid', count, findings);
}

interface Versions {
  readonly reads: ReadsFrom;
  /** Whether `a`, which may be {@link INITIAL}, wrote an older version of the key than `b`. */
  readonly isOlder: (key: number, a: number, b: number) => boolean;
  /** `false` when what happened before what has a cycle. */
  readonly isCausal: boolean;
}

/** `undefined` when there are too many sessions. */
function versionsOf(
  txns: Transactions,
  writes: WriteTable,
  initial: Plain,
  findings: Findings,
): Versions | undefined {
  if (txns.workload === 'list-append') {
    const orders = listOrders(txns, writes, findings);
    const rowOf = new Map<string, number>();
    for (const [row, append] of orders.append.entries()) {
      if (append !== NONE) rowOf.set(`${txns.key[append]} ${txns.txnOf[append]}`, row);
    }
    const place = (key: number, txn: number) =>
      txn === INITIAL ? NONE : (rowOf.get(`${key} ${txn}`) ?? Infinity);
    const isOlder = (key: number, a: number, b: number) => place(key, a) < place(key, b);
    return { reads: readsFromLists(txns, orders), isOlder, isCausal: true };
  }
  const reads = readsFromRegisters(txns, writes, initial, findings);
  const causality = causalityOf(reads);
  if (causality === 'too-large') return undefined;
  const before =
    causality === 'cyclic'
      ? bySession(reads)
      : (a: number, b: number) => happenedBefore(causality, a, b);
  return {
    reads,
    isOlder: (_, a, b) => (a === INITIAL ? b !== INITIAL : b !== INITIAL && before(a, b)),
    isCausal: causality !== 'cyclic',
  };
}

function bySession(reads: ReadsFrom): (a: number, b: number) => boolean {
  const { of, position, predecessor } = chainsOf(reads);
  return (a, b) => {
    const last = predecessor[b]!;
    return last !== NONE && of[a] === of[last] && position[a]! <= position[last]!;
  };
}

/** What a session has to see, and where it got to with what other sessions did. */
interface SessionView {
  /** By key: the newest versions that are required, none of them older than another. */
  readonly required: Map<number, Requirement[]>;
  /** By chain: the position up to which its operations are required. */
  readonly upTo: Int32Array;
  /** By key: the version read last, and those that were read before another one was. */
  readonly latest: Map<number, Requirement>;
  readonly passed: Map<number, Set<number>>;
}

interface Requirement {
  readonly writer: number;
  /** The transaction because of which it is required: a read, or a read of its session. */
  readonly because: number;
}

class GuaranteeCheck {
  readonly #versions: Versions;
  readonly #guarantee: SessionGuarantee;
  readonly #findings: Findings;
  readonly #chains: Causality['chains'];
  /** By chain: its transactions, in order. */
  readonly #members: number[][];
  readonly #views = new Map<number, SessionView>();

  constructor(versions: Versions, guarantee: SessionGuarantee, findings: Findings) {
    this.#versions = versions;
    this.#guarantee = guarantee;
    this.#findings = findings;
    this.#chains = chainsOf(versions.reads);
    this.#members = Array.from({ length: this.#chains.count }, () => []);
    for (let t = 0; t < versions.reads.txns.count; t++) {
      if (versions.reads.visible[t] === 1) this.#members[this.#chains.of[t]!]!.push(t);
    }
  }

  run(): void {
    const { txns, firstRead } = this.#versions.reads;
    if (!this.#versions.isCausal && this.#guarantee === 'writes-follow-reads') {
      this.#findings.add('cyclic-causality', 'rc', [], () => {
        return 'Sessions read from each other in a circle, so that some write precedes what its session had read.';
      });
    }
    for (let t = 0; t < txns.count; t++) {
      if (txns.outcome[t] !== OK) continue;
      const view = this.#viewOf(txns.session[t]!);
      for (let r = firstRead[t]!; r < firstRead[t + 1]!; r++) this.#read(view, t, r);
      if (this.#guarantee === 'read-your-writes') this.#requireWrites(view, t, t);
    }
  }

  #viewOf(session: number): SessionView {
    const known = this.#views.get(session);
    if (known !== undefined) return known;
    const upTo = new Int32Array(this.#chains.count);
    const view = { required: new Map(), upTo, latest: new Map(), passed: new Map() };
    this.#views.set(session, view);
    return view;
  }

  #read(view: SessionView, t: number, r: number): void {
    const { readKey, readFrom } = this.#versions.reads;
    const key = readKey[r]!;
    const seen = readFrom[r]!;
    const broken = view.required
      .get(key)
      ?.find(({ writer }) => writer !== seen && this.#versions.isOlder(key, seen, writer));
    if (broken !== undefined) this.#report(t, r, broken);
    else if (this.#guarantee === 'monotonic-reads') this.#checkReturn(view, t, r);
    if (seen === INITIAL) return;
    if (this.#guarantee === 'monotonic-reads')
      this.#require(view, key, { writer: seen, because: t });
    if (this.#guarantee === 'monotonic-writes') this.#observe(view, seen, 0);
    if (this.#guarantee === 'writes-follow-reads') this.#observe(view, seen, 1);
  }

  /** A version that the session has read before it read another one. */
  #checkReturn({ latest, passed }: SessionView, t: number, r: number): void {
    const { txns, readKey, readFrom, readMicro } = this.#versions.reads;
    const key = readKey[r]!;
    const seen = readFrom[r]!;
    const last = latest.get(key);
    latest.set(key, { writer: seen, because: t });
    if (last === undefined || last.writer === seen) return;
    const left = passed.get(key) ?? new Set();
    passed.set(key, left.add(last.writer));
    if (!left.has(seen)) return;
    const { writer, because } = last;
    const involved = [...new Set([writer, because, t])].filter((txn) => txn !== INITIAL);
    this.#findings.add(this.#guarantee, 'causal', involved, () => {
      const other = writer === INITIAL ? 'the initial value' : `what ${txnName(writer)} wrote`;
      return `${txnInWords(txns, t)} has ${microInWords(txns, readMicro[r]!)}, which the same session had read before ${txnName(because)} of it read ${other}: it has gone back, whichever of the two is older.`;
    });
  }

  /**
   * Requires what the session of an observed writer did before it: its writes, or its reads, which
   * come before the writes of the same transaction too.
   */
  #observe(view: SessionView, writer: number, own: 0 | 1): void {
    const { of, position, predecessor } = this.#chains;
    const finished = this.#versions.reads.txns.outcome[writer] === OK;
    const last = finished ? writer : predecessor[writer]!;
    if (last === NONE) return;
    const chain = of[last]!;
    const end = position[last]! - (finished && own === 0 ? 1 : 0);
    for (let at = view.upTo[chain]!; at < end; at++) {
      const t = this.#members[chain]![at]!;
      if (own === 0) this.#requireWrites(view, t, writer);
      else this.#requireReads(view, t, writer);
    }
    view.upTo[chain] = Math.max(view.upTo[chain]!, end);
  }

  #requireWrites(view: SessionView, writer: number, because: number): void {
    const { firstWrite, writeKey } = this.#versions.reads;
    for (let w = firstWrite[writer]!; w < firstWrite[writer + 1]!; w++) {
      this.#require(view, writeKey[w]!, { writer, because });
    }
  }

  #requireReads(view: SessionView, reader: number, because: number): void {
    const { firstRead, readKey, readFrom } = this.#versions.reads;
    for (let r = firstRead[reader]!; r < firstRead[reader + 1]!; r++) {
      if (readFrom[r] !== INITIAL)
        this.#require(view, readKey[r]!, { writer: readFrom[r]!, because });
    }
  }

  #require(view: SessionView, key: number, requirement: Requirement): void {
    const { isOlder } = this.#versions;
    const known = view.required.get(key) ?? [];
    const { writer } = requirement;
    if (known.some((other) => other.writer === writer || isOlder(key, writer, other.writer)))
      return;
    view.required.set(key, [
      ...known.filter((other) => !isOlder(key, other.writer, writer)),
      requirement,
    ]);
  }

  #report(t: number, r: number, { writer, because }: Requirement): void {
    const { txns, readMicro } = this.#versions.reads;
    const involved = [...new Set([writer, because, t])];
    this.#findings.add(this.#guarantee, 'causal', involved, () => {
      const read = microInWords(txns, readMicro[r]!);
      const older = `${txnInWords(txns, t)} has ${read}, which is older than what ${txnInWords(txns, writer)} wrote`;
      switch (this.#guarantee) {
        case 'read-your-writes':
          return `${older}, earlier in the same session.`;
        case 'monotonic-reads':
          return `${older}, and which ${txnName(because)} of the same session had read before.`;
        case 'monotonic-writes':
          return `${older}; but its session had read from ${txnName(because)}, which the same session wrote later.`;
        case 'writes-follow-reads':
          return `${older}; but its session had read from ${txnName(because)}, whose session had read that before.`;
      }
    });
  }
}
