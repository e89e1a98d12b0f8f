// The text format of Plume and PolySI: one operation a line, `r(key,value,session,txn)` or
// `w(key,value,session,txn)`.
//
// Lines of one transaction are in program order, and those of several sessions may stand between
// them. Transactions of a session are in the order of their first lines. Transaction -1 means that the write was aborted. Value 0 is the initial one, which
// nobody writes.

import { HistoryError } from '../history.ts';
import type { Recorded } from './recorded.ts';
import {
  historyOfSessions,
  type MicroOperation,
  type SessionTxn,
  wholeNumber,
} from './sessions.ts';

const LINE = /^([rw])\((-?\d+),(-?\d+),(-?\d+),(-?\d+)\)$/;
const ABORTED = '-1';

/** @throws HistoryError `malformed` */
export function readPlume(text: string): Recorded {
  const txns: SessionTxn[] = [];
  const known = new Map<string, MicroOperation[]>();
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.replace(/\s/g, '');
    if (content === '') continue;
    const line = index + 1;
    const match = LINE.exec(content);
    if (match === null) {
      const message = `not r(key,value,session,txn) or w(key,value,session,txn): ${content}`;
      throw new HistoryError('malformed', message, { line });
    }
    const [, kind, keyDigits, valueDigits, session, txn] = match as unknown as readonly string[];
    const micro = microOperation(kind!, keyDigits!, valueDigits!);
    if (txn === ABORTED) {
      if (kind === 'w') txns.push({ session: session!, outcome: 'fail', micro: [micro], line });
      continue;
    }
    const id = `${session} ${txn}`;
    let list = known.get(id);
    if (list === undefined) {
      list = [];
      known.set(id, list);
      txns.push({ session: session!, outcome: 'ok', micro: list, line });
    }
    if (kind === 'r' || valueDigits !== '0') list.push(micro);
  }
  return historyOfSessions(txns);
}

function microOperation(kind: string, key: string, value: string): MicroOperation {
  const seen = value === '0' ? null : wholeNumber(value);
  return [kind as 'r' | 'w', wholeNumber(key), seen];
}
