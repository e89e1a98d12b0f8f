// DBCop's formats. As text, with a line of dashes between sessions:
//
//   // a comment
//   [x:=1 y:=2] [y==2 x==?]
//   ---
//   [x==1 y:=4]!
//
// `:=` writes, `==` reads, `==?` reads what was never written, and `!` marks a transaction that did
// not commit. As JSON, a list of sessions, or a map that has them under `data`, in three forms:
//
//   [[{ "events": [{ "Write": { "variable": 0, "version": 1 } }], "committed": true }]]
//   [[{ "events": [["w", 0, 1], ["r", 1, null]], "committed": true }]]
//   [[{ "events": [{ "write": true, "variable": 0, "value": 1, "success": true }], "success": true }]]
//
// Version 0 is the initial one unless somebody writes it. What a transaction read that did not
// commit has to be the last write of one that did, as all reads; it orders nothing.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { isList, isRecord, type Key, keyOf, print } from '../plain.ts';
import { readJson } from './json.ts';
import type { Recorded } from './recorded.ts';
import {
  historyOfSessions,
  type MicroOperation,
  type SessionTxn,
  wholeNumber,
} from './sessions.ts';

const TXN = /\[([^\]]*)\](!?)/y;
const EVENT = /^([\p{L}\p{N}_]+)(:=|==)(\d+|\?)$/u;

/** @throws HistoryError `malformed` */
export function readDbcop(text: string): Recorded {
  const start = text.trimStart();
  const isJson = start.startsWith('{') || /^\[\s*[[\]]/.test(start);
  const txns = isJson ? txnsInJson(text) : txnsInText(text);
  return historyOfSessions(withInitialVersions(txns).flatMap(withReadsOfAborted));
}

/** Reads of version 0 are of nothing, of a variable to which nobody writes it. */
function withInitialVersions(txns: readonly SessionTxn[]): readonly SessionTxn[] {
  const written = new Set<Key>();
  for (const { micro } of txns)
    for (const [kind, key, value] of micro)
      if (kind === 'w' && value === 0) written.add(keyOf(key));
  return txns.map((txn) => ({
    ...txn,
    micro: txn.micro.map(([kind, key, value]) =>
      kind === 'r' && value === 0 && !written.has(keyOf(key))
        ? [kind, key, null]
        : [kind, key, value],
    ),
  }));
}

/** With a transaction in a session of its own for each read of one that did not commit. */
function withReadsOfAborted(txn: SessionTxn, index: number): readonly SessionTxn[] {
  if (txn.outcome !== 'fail') return [txn];
  const own = new Map<Key, Plain>();
  const reads: SessionTxn[] = [];
  for (const one of txn.micro) {
    const [kind, key, value] = one;
    if (kind === 'w') own.set(keyOf(key), value);
    else if (value !== null && own.get(keyOf(key)) !== value) {
      const session = `${txn.session} uncommitted ${index} ${reads.length}`;
      reads.push({ session, outcome: 'ok', micro: [one], line: txn.line });
    }
  }
  return [txn, ...reads];
}

function txnsInText(text: string): readonly SessionTxn[] {
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
  return txns;
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

function txnsInJson(text: string): readonly SessionTxn[] {
  const values = readJson(text);
  const [first] = values;
  const wrapped = values.length === 1 && isRecord(first?.value) ? first.value['data'] : undefined;
  const sessions =
    wrapped === undefined ? values : listIn(wrapped, 1).map((value) => ({ value, line: 1 }));
  return sessions.flatMap(({ value, line }, session) =>
    listIn(value, line).flatMap((txn) => txnIn(txn, String(session), line)),
  );
}

function txnIn(txn: Plain, session: string, line: number): readonly SessionTxn[] {
  if (!isRecord(txn)) {
    throw new HistoryError('malformed', `a transaction is a map, not ${print(txn)}`, { line });
  }
  const events = listIn(txn['events'] ?? null, line);
  const [done, undone] = [[], []] as [MicroOperation[], MicroOperation[]];
  for (const event of events) (isUndone(event) ? undone : done).push(jsonEventIn(event, line));
  const committed = txn['committed'] !== false && txn['success'] !== false;
  const writes = undone.filter(([kind]) => kind === 'w');
  return [
    { session, outcome: committed ? 'ok' : 'fail', micro: done, line },
    ...(writes.length === 0 ? [] : [{ session, outcome: 'fail' as const, micro: writes, line }]),
  ];
}

/** An event that failed by itself, in the form that tells. */
function isUndone(event: Plain): boolean {
  return isRecord(event) && event['success'] === false;
}

function jsonEventIn(event: Plain, line: number): MicroOperation {
  if (isList(event) && event.length === 3 && (event[0] === 'w' || event[0] === 'r')) {
    return [event[0], event[1]!, event[2]!];
  }
  const record = (isRecord(event) ? event : {}) as Record<string, Plain>;
  if (typeof record['write'] === 'boolean' && record['variable'] !== undefined) {
    return [record['write'] ? 'w' : 'r', record['variable'], record['value'] ?? null];
  }
  const { Read: read, Write: write } = record;
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
