import { type History, HistoryError } from '../history.ts';
import { requireOneOf } from '../one-of.ts';
import { isRecord, print } from '../plain.ts';
import type { Anomaly, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { conclude, undecided } from './conclude.ts';

export interface BankOptions {
  /** The sum of all balances; by default what the first read sums up to. */
  readonly total?: number;
  /** Whether an account may be overdrawn; no by default. */
  readonly negative?: 'allowed' | 'forbidden';
}

/**
 * Money moves between accounts and is never made or lost: every read of all balances has the same
 * sum.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `transfer` | `{ from, to, amount }` | |
 * | `read` | | a record of account and balance |
 *
 * @throws HistoryError `bad-input`, `bad-option`
 */
export function bank(history: History, options: BankOptions = {}): Verdict {
  const { negative = 'forbidden' } = options;
  let { total } = options;
  requireOneOf('negative', negative, ['allowed', 'forbidden']);
  const anomalies: Anomaly[] = [];
  let reads = 0;
  for (const [index, { name, outcome, output }] of history.entries()) {
    if (name !== 'read' || outcome !== 'ok' || output === undefined || output === null) continue;
    reads++;
    const report = (anomaly: string, what: string) => {
      const message = `${operationInWords(history[index]!)} ${what}`;
      anomalies.push({ name: anomaly, message, operations: [index] });
    };
    const balances = balancesIn(output, index);
    const unknown = balances.find(([, balance]) => balance === null);
    if (unknown !== undefined) {
      report('nil-balance', `has no balance for account ${unknown[0]}`);
      continue;
    }
    const sum = balances.reduce((all, [, balance]) => all + balance!, 0);
    total ??= sum;
    if (sum !== total) report('wrong-total', `sums up to ${sum} instead of ${total}`);
    const overdrawn = balances.find(([, balance]) => balance! < 0);
    if (negative === 'forbidden' && overdrawn !== undefined) {
      report('negative-balance', `has account ${overdrawn[0]} at ${overdrawn[1]}`);
    }
  }
  if (reads === 0) return undecided(history, 'bank', 'no balances were read');
  return conclude(history, 'bank', anomalies, `${reads} reads sum up to ${total}`);
}

function balancesIn(output: unknown, operation: number): (readonly [string, number | null])[] {
  const fail = (): never => {
    const message = `a read of a bank returns a record of account and balance, not ${print(output as null)}`;
    throw new HistoryError('bad-input', message, { operation });
  };
  if (!isRecord(output as null)) return fail();
  return Object.entries(output as object).map(([account, balance]) => {
    return balance === null || typeof balance === 'number' ? [account, balance] : fail();
  });
}
