// Our own format: one operation a line, as a JSON map with the fields of `Operation`. What is left
// out has its usual value, so that most lines are short:
//
//   {"process":"client-1","name":"write","input":3,"called":0,"returned":4}
//   {"process":"client-2","name":"read","output":3,"called":1,"returned":3}
//   {"process":"client-1","name":"write","input":4,"outcome":"unknown","reason":"timed-out","called":5}
//
//   input     null          outcome   "ok"          reason    none
//   output    null for ok   called    the position of the line among the operations
//   returned  never: the operation overlaps all that are called later
//
// Lines may stand in any order. Bytes are written as {"$bytes":"base64"}. `"output":{"$unseen":true}` says that an operation
// succeeded and nobody saw its answer.

import type { Plain } from '../../env/net.ts';
import { didYouMean } from '../../trace/did-you-mean.ts';
import { type History, HistoryError, type Operation, type Outcome } from '../history.ts';
import { impossibilityOf } from '../impossible.ts';
import { isList, isRecord, print } from '../plain.ts';
import { readJson } from './json.ts';
import type { Recorded } from './recorded.ts';

const FIELDS = new Set([
  'process',
  'name',
  'input',
  'outcome',
  'output',
  'reason',
  'called',
  'returned',
]);
const OUTCOMES = new Set(['ok', 'fail', 'unknown']);
const BYTES = '$bytes';
const UNSEEN = '$unseen';

/** @throws HistoryError `malformed` */
export function readJsonl(text: string): Recorded {
  const read = readJson(text).map(({ value, line }, position) => ({
    operation: operationIn(value, position, line),
    line,
  }));
  read.sort((a, b) => a.operation.called - b.operation.called);
  const history = read.map(({ operation }) => operation);
  const lines = read.map(({ line }) => line);
  const found = impossibilityOf(history);
  if (found === undefined) return { history, lines };
  return { history, lines, impossible: { message: found.message, line: lines[found.operation]! } };
}

/** The history in the form that {@link readJsonl} reads. */
export function writeJsonl(history: History): string {
  return history
    .map((operation, position) => `${JSON.stringify(lineOf(operation, position))}\n`)
    .join('');
}

function operationIn(map: Plain, position: number, line: number): Operation {
  const fail = (message: string): never => {
    throw new HistoryError('malformed', message, { line });
  };
  if (!isRecord(map)) return fail(`an operation is a map, not ${print(map)}`);
  for (const field of Object.keys(map)) {
    if (FIELDS.has(field)) continue;
    const fields = didYouMean(field, FIELDS) || `, only ${[...FIELDS].join(', ')}`;
    fail(`an operation has no field "${field}"${fields}`);
  }
  const {
    process,
    name,
    input = null,
    outcome = 'ok',
    output = null,
    reason,
  } = map as Readonly<Record<string, Plain>>;
  const called = timeIn(map['called'] ?? position);
  const returned = timeIn(map['returned'] ?? Infinity);
  if (typeof process !== 'string' && typeof process !== 'number') {
    return fail(
      process === undefined ? 'process is missing' : `process is a text, not ${print(process)}`,
    );
  }
  if (typeof name !== 'string') {
    return fail(name === undefined ? 'name is missing' : `name is a text, not ${print(name)}`);
  }
  if (typeof outcome !== 'string' || !OUTCOMES.has(outcome))
    return fail(`outcome is ok, fail or unknown, not ${print(outcome)}`);
  if (typeof called !== 'number' || typeof returned !== 'number')
    return fail(`called and returned are numbers, not ${print(called)} and ${print(returned)}`);
  if (reason !== undefined && typeof reason !== 'string')
    return fail(`reason is a text, not ${print(reason)}`);
  const seen = outcome === 'ok' && !(isRecord(output) && output[UNSEEN] === true);
  return {
    process: String(process),
    name,
    input: unpacked(input),
    outcome: outcome as Outcome,
    output: seen ? unpacked(output) : undefined,
    ...(reason === undefined ? {} : { reason }),
    called,
    returned,
  };
}

/** Nanoseconds since 1970 have more digits than a double; near ones then count as overlapping. */
function timeIn(time: Plain): Plain {
  return typeof time === 'string' && /^\d{16,}$/.test(time) ? Number(time) : time;
}

function lineOf(operation: Operation, position: number): Record<string, unknown> {
  const { process, name, input, outcome, output, reason, called, returned } = operation;
  const answer = output === undefined ? { [UNSEEN]: true } : packed(output);
  return {
    process,
    name,
    ...(input !== null && { input: packed(input) }),
    ...(outcome !== 'ok' && { outcome }),
    ...(outcome === 'ok' && output !== null && { output: answer }),
    ...(reason !== undefined && { reason }),
    ...(called !== position && { called }),
    ...(returned !== Infinity && { returned }),
  };
}

function packed(value: Plain): Plain {
  if (value instanceof Uint8Array) return { [BYTES]: Buffer.from(value).toString('base64') };
  if (isList(value)) return value.map(packed);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, packed(field)]));
}

function unpacked(value: Plain): Plain {
  if (isList(value)) return value.map(unpacked);
  if (!isRecord(value)) return value;
  const bytes = value[BYTES];
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'base64'));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, unpacked(field)]));
}
