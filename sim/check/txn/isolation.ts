import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { requireSessions } from '../impossible.ts';
import { requireOneOf } from '../one-of.ts';
import type { Limits, Verdict } from '../verdict.ts';
import { breaks, Findings, LEVELS, type Level, type Sessions } from './findings.ts';
import type { LevelEnd } from './level-check.ts';
import { type RuledOut, ruledOut } from './levels.ts';
import { checkLists } from './lists.ts';
import { checkRegisters } from './register-levels.ts';
import { faultOfStamps, type StampsOf } from './stamps.ts';
import { type Transactions, transactionsOf } from './transactions.ts';
import { WriteTable } from './write-table.ts';

export interface IsolationOptions extends Limits {
  /**
   * Whether the order of a session's transactions is a part of every level, or only of `causal`,
   * `session-ser` and `strict-ser`. Unordered by default, as Adya defines the levels.
   */
  readonly sessions?: Sessions;
  /** What a register holds before the first write; null by default. */
  readonly initial?: Plain;
  /**
   * Where in the system's own time each transaction read and committed. If that fits, it is the
   * proof, in linear time. If not, the history is judged without it, and `wrongStamps` says why.
   */
  readonly stamps?: StampsOf;
}

export interface IsolationVerdict extends Verdict {
  /** The models that the anomalies rule out: the weakest ones, and all stronger ones. */
  readonly ruledOut: RuledOut;
  /** How many anomalies of each name there are; some of many are put into words. */
  readonly counts: Readonly<Record<string, number>>;
  /** Why the stamps given by the system prove nothing, whatever the verdict. */
  readonly wrongStamps?: string;
}

const STEPS_MAX = 2_000_000_000;

/**
 * Whether transactions were isolated from each other as the level asks.
 *
 * Transactions are operations named `txn`, whose input and output are lists of `['r', key, value]`
 * and `['w', key, value]` (registers) or `['append', key, element]` (lists, which reads return
 * whole). Each value is written once to a key. Single operations `read`, `write`, `get` and `put`
 * are transactions too.
 *
 * @throws HistoryError `unknown-operation`, `bad-input`, `bad-option`, `impossible`
 */
export function isolation(
  history: History,
  level: Level,
  options: IsolationOptions = {},
): IsolationVerdict {
  const { sessions = 'unordered', initial = null, stamps } = options;
  requireOneOf('the level', level, LEVELS);
  requireOneOf('sessions', sessions, ['ordered', 'unordered']);
  requireSessions(history);
  const txns = transactionsOf(history, initial);
  if (stamps === undefined) return judge(txns, level, options);
  const wrongStamps = faultOfStamps(txns, level, sessions, initial, stamps);
  if (wrongStamps !== undefined) return { ...judge(txns, level, options), wrongStamps };
  const reason = 'replayed in the order of the system';
  return conclude(
    history,
    level,
    { end: 'holds', reason, steps: txns.micros },
    new Findings(),
    sessions,
  );
}

function judge(txns: Transactions, level: Level, options: IsolationOptions): IsolationVerdict {
  const { sessions = 'unordered', initial = null, stepsMax = STEPS_MAX } = options;
  const { history } = txns;
  const writes = new WriteTable(txns);
  const ambiguity = writes.ambiguity(initial);
  if (ambiguity !== undefined) {
    const end: LevelEnd = { end: 'unknown', reason: ambiguity, steps: 0 };
    return conclude(history, level, end, new Findings(), sessions);
  }
  const findings = new Findings();
  const check = { txns, writes, level, sessions, initial, stepsMax, findings };
  const end = txns.workload === 'list-append' ? checkLists(check) : checkRegisters(check);
  return conclude(history, level, end, findings, sessions);
}

function conclude(
  history: History,
  level: Level,
  { end, reason, steps }: LevelEnd,
  findings: Findings,
  sessions: Sessions,
): IsolationVerdict {
  const broken = findings.list
    .filter((finding) => breaks(finding.breaks, level, sessions))
    .sort((a, b) => a.operations.length - b.operations.length);
  const names = [...new Set(broken.map(({ name }) => name))];
  const verdict =
    broken.length > 0 || end === 'broken' ? 'invalid' : end === 'holds' ? 'valid' : 'unknown';
  const counted = names.map((name) => `${findings.counts.get(name)} ${name}`).join(', ');
  return {
    verdict,
    model: level,
    reason: verdict === 'invalid' && counted !== '' ? counted : reason,
    anomalies: broken.map(({ breaks: _, ...anomaly }) => anomaly),
    operations: history.length,
    steps,
    ruledOut: ruledOut(broken.map(({ name }) => name)),
    counts: Object.fromEntries(names.map((name) => [name, findings.counts.get(name)!])),
  };
}
