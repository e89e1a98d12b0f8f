// The text format of AWDIT's tests: `r key value` or `w key value` on each line, a line of dashes
// between the transactions of a session, a line of equals signs between sessions. There is no
// initial transaction: 0 is a value like any other, and a read of what nobody wrote is thin air.

import { HistoryError } from '../history.ts';
import type { Recorded } from './recorded.ts';
import {
  historyOfSessions,
  type MicroOperation,
  type SessionTxn,
  wholeNumber,
} from './sessions.ts';

const LINE = /^([rw])\s+(-?\d+)\s+(-?\d+)$/;

/** @throws HistoryError `malformed` */
export function readAwdit(text: string): Recorded {
  const txns: SessionTxn[] = [];
  let session = 0;
  let micro: MicroOperation[] | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    const line = index + 1;
    if (content === '') continue;
    if (/^-+$/.test(content)) {
      micro = undefined;
      continue;
    }
    if (/^=+$/.test(content)) {
      micro = undefined;
      session++;
      continue;
    }
    const match = LINE.exec(content);
    if (match === null) {
      const message = `not "r key value", "w key value", dashes or equals signs: ${content}`;
      throw new HistoryError('malformed', message, { line });
    }
    if (micro === undefined) {
      micro = [];
      txns.push({ session: String(session), outcome: 'ok', micro, line });
    }
    micro.push([match[1] as 'r' | 'w', wholeNumber(match[2]!), wholeNumber(match[3]!)]);
  }
  return historyOfSessions(txns);
}
