// DBCop's formats. As text, with a line of dashes between sessions:
//
//   // a comment
//   [x:=1 y:=2] [y==2 x==?]
//   ---
//   [x==1 y:=4]!
//
// `:=` writes, `==` reads, `==?` reads what was never written, and `!` marks a transaction that did
// not commit. As JSON, a list of sessions, or a map that has them under `data`:
//
//   [[{ "events": [{ "Write": { "variable": 0, "version": 1 } }], "committed": true }]]

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { isList, isRecord, print } from '../plain.ts';
import { readJson } from './json.ts';
import type { Recorded } from './recorded.ts';
import {
  historyOfSessions,
  type MicroOperation,
  type SessionTxn,
  wholeNumber,
} from './sessions.ts';

const TXN = /\[([^\]]*)\](!?)/y;
const EVENT = /^([A-Za-z_]\w*)(:=|==)(\d+|\?)$/;

/** @throws HistoryError `malformed` */
export function readDbcop(text: string): Recorded {
  const start = text.trimStart();
  return start.startsWith('{') || /^\[\s*[[\]]/.test(start)
    ? readDbcopJson(text)
    : readDbcopText(text);
}

function readDbcopText(text: string): Recorded {
  const txns: SessionTxn[] = [];
  let session = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.replace(/\/\/.*/, '').trim();
    if (/^-+$/.test(content)) {
      session++;
      continue;
    }
    for (let at = 0; at < content.length; at = skipBlank(content, TXN.lastIndex)) {
      TXN.lastIndex = at;
      const match = TXN.exec(content);
      if (match === null) {
        const message = `not a transaction in brackets: ${content.slice(at)}`;
        throw new HistoryError('malformed', message, { line });
      }
      const micro = match[1]!
        .split(/\s+/)
        .filter((event) => event !== '')
        .map((event) => eventIn(event, line));
      const outcome = match[2] === '!' ? 'fail' : 'ok';
      txns.push({ session: String(session), outcome, micro, line });
    }
  }
  return historyOfSessions(txns);
}

function skipBlank(content: string, at: number): number {
  let next = at;
  while (content[next] === ' ' || content[next] === '\t') next++;
  return next;
}

function eventIn(event: string, line: number): MicroOperation {
  const match = EVENT.exec(event);
  if (match === null || (match[2] === ':=' && match[3] === '?')) {
    const message = `not variable:=version or variable==version: ${event}`;
    throw new HistoryError('malformed', message, { line });
  }
  const [, variable, operator, version] = match as unknown as readonly string[];
  return [operator === ':=' ? 'w' : 'r', variable!, version === '?' ? null : wholeNumber(version!)];
}

function readDbcopJson(text: string): Recorded {
  const values = readJson(text);
  const [first] = values;
  const wrapped = values.length === 1 && isRecord(first?.value) ? first.value['data'] : undefined;
  const sessions =
    wrapped === undefined ? values : listIn(wrapped, 1).map((value) => ({ value, line: 1 }));
  const txns = sessions.flatMap(({ value, line }, session) =>
    listIn(value, line).map((txn) => txnIn(txn, String(session), line)),
  );
  return historyOfSessions(txns);
}

function txnIn(txn: Plain, session: string, line: number): SessionTxn {
  if (!isRecord(txn)) {
    throw new HistoryError('malformed', `a transaction is a map, not ${print(txn)}`, { line });
  }
  const micro = listIn(txn['events'] ?? null, line).map((event) => jsonEventIn(event, line));
  return { session, outcome: txn['committed'] === false ? 'fail' : 'ok', micro, line };
}

function jsonEventIn(event: Plain, line: number): MicroOperation {
  const { Read: read, Write: write } = (isRecord(event) ? event : {}) as Record<string, Plain>;
  const body = read ?? write;
  if (!isRecord(body) || body['variable'] === undefined) {
    throw new HistoryError('malformed', `an event is a Read or a Write, not ${print(event)}`, {
      line,
    });
  }
  return [read === undefined ? 'w' : 'r', body['variable'], body['version'] ?? null];
}

function listIn(value: Plain, line: number): readonly Plain[] {
  if (isList(value)) return value;
  throw new HistoryError('malformed', `expected a list, not ${print(value)}`, { line });
}
