// Histories that tell only what each session did, transaction by transaction, and no times.

import type { Plain } from '../../env/net.ts';
import type { Operation, Outcome } from '../history.ts';
import { withoutReads } from './events.ts';
import type { Recorded } from './recorded.ts';

/** `['r', key, value]` or `['w', key, value]`. */
export type MicroOperation = readonly [kind: 'r' | 'w', key: Plain, value: Plain];

export interface SessionTxn {
  readonly session: string;
  readonly outcome: Outcome;
  readonly micro: readonly MicroOperation[];
  readonly line: number;
}

/** Transactions of a session are in the order of the session; nothing else is ordered. */
export function historyOfSessions(txns: readonly SessionTxn[]): Recorded {
  const history = txns.map(({ session, outcome, micro }, called): Operation => {
    const input = withoutReads(micro);
    const output = outcome === 'ok' ? micro : undefined;
    return { process: session, name: 'txn', input, outcome, output, called, returned: Infinity };
  });
  return { history, lines: txns.map(({ line }) => line) };
}

/** A whole number as it stands, or its digits when a double cannot hold it. */
export function wholeNumber(digits: string): number | string {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}
