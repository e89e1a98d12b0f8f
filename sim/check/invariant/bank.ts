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
 * sum. Sums of whole amounts are exact, those of fractions to a billionth.
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
    const tolerance = toleranceOf(total, balances);
    if (Math.abs(sum - total) > tolerance) {
      report('wrong-total', `sums up to ${sum} instead of ${total}`);
    }
    const overdrawn = balances.find(([, balance]) => balance! < -tolerance);
    if (negative === 'forbidden' && overdrawn !== undefined) {
      report('negative-balance', `has account ${overdrawn[0]} at ${overdrawn[1]}`);
    }
  }
  if (reads === 0) return undecided(history, 'bank', 'no balances were read');
  return conclude(history, 'bank', anomalies, `${reads} reads sum up to ${total}`);
}

/**
 * Whole amounts are compared exactly. Of others neither a double nor a sum of them is exact: they may
 * be off by a billionth of the largest amount.
 */
function toleranceOf(total: number, balances: Balances): number {
  let isWhole = Number.isInteger(total);
  let largest = Math.abs(total);
  for (const [, balance] of balances) {
    isWhole &&= Number.isInteger(balance);
    largest = Math.max(largest, Math.abs(balance!));
  }
  return isWhole ? 0 : TOLERANCE * largest;
}

const TOLERANCE = 1e-9;

type Balances = readonly (readonly [account: string, balance: number | null])[];

function balancesIn(output: unknown, operation: number): Balances {
  const fail = (): never => {
    const message = `a read of a bank returns a record of account and balance, not ${print(output as null)}`;
    throw new HistoryError('bad-input', message, { operation });
  };
  if (!isRecord(output as null)) return fail();
  return Object.entries(output as object).map(([account, balance]) => {
    return balance === null || typeof balance === 'number' ? [account, balance] : fail();
  });
}
