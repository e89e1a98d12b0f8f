// Our own format: one operation a line, as a JSON map with the fields of `Operation`. What is left
// out has its usual value, so that most lines are short:
//
//   {"process":"client-1","name":"write","input":3,"called":0,"returned":4}
//   {"process":"client-2","name":"read","output":3,"called":1,"returned":3}
//   {"process":"client-1","name":"write","input":4,"outcome":"unknown","reason":"timed-out","called":5}
//
//   input     null          outcome   "ok"          reason    none
//   output    null for ok   called    the position of the line among the operations
//   returned  of an ok call, before its process makes the next; otherwise never
//
// Lines may stand in any order. Bytes are written as {"$bytes":"base64"}, and `{"$unseen":true}` as
// `output` says that an operation succeeded and nobody saw its answer; other names that begin with
// `$` have it doubled. Times may be larger than a double can hold (times.ts).

import type { Plain } from '../../env/net.ts';
import { unplain } from '../../env/plain.ts';
import { didYouMean } from '../../trace/did-you-mean.ts';
import { type History, HistoryError, type Operation, type Outcome } from '../history.ts';
import { type Impossibility, impossibilityOf } from '../impossible.ts';
import { isList, isRecord, print } from '../plain.ts';
import { readJson } from './json.ts';
import type { Recorded } from './recorded.ts';
import { withReturns } from './returns.ts';
import { type Times, timesIn } from './times.ts';

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
  const values = readJson(text);
  const { times, origin } = timesIn(values);
  const read = values.map(({ value, line }, i) => ({
    operation: operationIn(value, times[i]!, line),
    line,
  }));
  read.sort((a, b) => a.operation.called - b.operation.called);
  const lines = read.map(({ line }) => line);
  const told = read.map(({ operation }) => operation);
  const history = withReturns(told);
  const found = impossibilityOf(history) ?? otherWrites(history);
  const readings = [
    ...(origin === undefined ? [] : [`times are told from ${origin} on`]),
    ...(history === told ? [] : [RETURNS]),
  ];
  return {
    history,
    lines,
    ...(readings.length > 0 && { readings }),
    ...(found && {
      impossible: { message: found.message, line: lines[found.operation]! },
    }),
  };
}

const RETURNS =
  'an ok call that does not say when it returned did so before the next call of its process';

/** A read with its answer, as only an output has it. */
function hasRead(micro: Plain): boolean {
  if (!isList(micro) || !READS.has(String(micro[0]))) return false;
  return (micro[2] ?? null) !== null;
}

const READS = new Set(['r', 'read', 'rp']);

/** A transaction that is said to have written something else than it was called with. */
function otherWrites(history: History): Impossibility | undefined {
  for (const [operation, { process, name, input, output }] of history.entries()) {
    if (name !== 'txn' || !isList(input) || !isList(output)) continue;
    const [called, ended] = [writesIn(input), writesIn(output)].map(print);
    if (called === ended) continue;
    const message = `${process} calls a transaction that writes ${called} and ends one that writes ${ended}`;
    return { message, operation };
  }
  return undefined;
}

function writesIn(txn: readonly Plain[]): readonly Plain[] {
  return txn.flatMap((micro) => {
    const [kind, ...rest] = isList(micro) ? micro : [];
    const short = kind === 'write' ? 'w' : kind;
    return short === 'w' || short === 'append' ? [[short, ...rest]] : [];
  });
}

/**
 * The history in the form that {@link readJsonl} reads.
 *
 * @throws TypeError when an input, an output or a time is not plain data, which no text would give back
 */
export function writeJsonl(history: History): string {
  return history
    .map((operation, position) => `${JSON.stringify(lineOf(operation, position))}\n`)
    .join('');
}

function operationIn(map: Plain, { called, returned }: Times, line: number): Operation {
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
  if (reason !== undefined && typeof reason !== 'string')
    return fail(`reason is a text, not ${print(reason)}`);
  const isUnseen = isRecord(output) && output[UNSEEN] === true;
  const seen = outcome === 'ok' && !isUnseen && !(name === 'txn' && output === null);
  if (outcome === 'ok' && !seen && name === 'txn' && isList(input) && input.some(hasRead)) {
    return fail(`what a txn has read stands in its output, which is missing: ${print(input)}`);
  }
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

function lineOf(operation: Operation, position: number): Record<string, unknown> {
  const { process, name, input, outcome, output, reason, called, returned } = operation;
  const problem =
    unplain(input, 'input') ??
    (output === undefined ? undefined : unplain(output, 'output')) ??
    unplain(called, 'called') ??
    (returned === Infinity ? undefined : unplain(returned, 'returned'));
  if (problem !== undefined) {
    throw new TypeError(
      `operation ${position}, ${name} by ${process}: ${problem}, which JSON does not hold`,
    );
  }
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
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name.startsWith('$') ? `$${name}` : name, packed(field)]),
  );
}

function unpacked(value: Plain): Plain {
  if (isList(value)) return value.map(unpacked);
  if (!isRecord(value)) return value;
  const bytes = value[BYTES];
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'base64'));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name.startsWith('$$') ? name.slice(1) : name,
      unpacked(field),
    ]),
  );
}
