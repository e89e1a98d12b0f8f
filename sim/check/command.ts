// `groundhog check`: recorded histories through a checker. The command line parses the flags, and
// gives the file system and the clock; everything else is here.

import type { Plain } from '../env/net.ts';
import { unplain } from '../env/plain.ts';
import { escapeUnseen, onOneLine } from '../trace/escape-unseen.ts';
import { asOneObject, checkByKey } from './by-key.ts';
import { withinMs } from './deadline.ts';
import { grouped } from './grouped.ts';
import { type History, HistoryError, type Place } from './history.ts';
import type { Failure, SurvivingOrder } from './linear/linearizable.ts';
import { type Judged, MODELS, type ModelParameters, OBJECTS } from './models.ts';
import { namesLike } from './names.ts';
import { asideSection, PAGE_BEGINS, pageOf, pageSection } from './picture/page.ts';
import { isList } from './plain.ts';
import {
  formatOf,
  HISTORY_FORMATS,
  type HistoryFormat,
  ordersSessions,
  readHistory,
} from './read/format.ts';
import { parseJson } from './read/json.ts';
import type { Recorded } from './read/recorded.ts';
import { textIn } from './read/text.ts';
import { GUARANTEES } from './session/guarantees.ts';
import { LEVELS } from './txn/findings.ts';
import type { RuledOut } from './txn/levels.ts';
import type { Anomaly, Verdict } from './verdict.ts';
import { bounded, operationInWords } from './words.ts';

/** The flags of the command, as they were given. */
export interface CheckRequest {
  readonly files: readonly string[];
  readonly model: string;
  /** Recognised from the content when not given. */
  readonly format?: string;
  /** JSON, or else a text. */
  readonly init?: string;
  readonly total?: string;
  readonly negative?: string;
  /** `key`: inputs are `[key, input]`, and each key is an object of its own. */
  readonly by?: string;
  readonly partition?: string;
  /** Gives up on a file after so many milliseconds of real time. */
  readonly budgetMs?: number;
  /** Writes a page with pictures of what was found. */
  readonly html?: string;
}

/** What the command needs of the machine. */
export interface CheckShell {
  /** Throws when the file cannot be read. */
  readFile(path: string): Uint8Array;
  nowMs(): number;
  /**
   * How the text of a file begins that a page would replace; empty when there is none, or it is no
   * file on a disk. Throws when nothing can be written there.
   */
  replaced(path: string): string;
}

/** One object of `--json`. */
export interface CheckedFile {
  readonly file: string;
  readonly model: string;
  /** `null` when it was interrupted before that was known. */
  readonly format: HistoryFormat | null;
  readonly verdict: Verdict['verdict'];
  readonly reason: string;
  readonly anomalies: readonly Anomaly[];
  /** Of transactions: the consistency models that the anomalies rule out. */
  readonly ruledOut?: RuledOut;
  /** Of a search: each order that leads up to the operation to blame, the longest first. */
  readonly failure?: FailureInWords;
  readonly operations: number;
  /** Milliseconds of judging, reading not included. */
  readonly wallMs: number;
  /** How the file was read where well-known tools differ. */
  readonly readings: readonly string[];
}

/** A file that could not be read, or does not suit the model. */
export interface RefusedFile {
  readonly file: string;
  readonly model: string;
  readonly error: {
    readonly code: HistoryError['code'];
    readonly line?: number;
    readonly message: string;
  };
}

export type CheckResult = CheckedFile | RefusedFile;

/** A file's result, and its section of the page where one was asked for. */
export interface Checked {
  readonly result: CheckResult;
  readonly section?: string;
}

/**
 * Judges one file after the other, as they are asked for, from number `first` on. A file that is
 * refused does not keep the others from being judged, nor does one that we fail at.
 *
 * @throws HistoryError `bad-option` for flags that make no sense, `unwritable` for the page
 */
export function* checkFiles(
  request: CheckRequest,
  shell: CheckShell,
  first = 0,
): Generator<Checked, void, void> {
  const plan = planOf(request);
  if (request.html !== undefined) keepFromReplacing(request.html, request.files, shell);
  for (const [i, file] of request.files.entries()) {
    if (i >= first) yield checkFile(file, plan, shell, `s${i}`);
  }
}

/** A page must not take the place of a recording. */
function keepFromReplacing(page: string, files: readonly string[], shell: CheckShell): void {
  const refuse = (why: string, cause?: unknown): never => {
    throw new HistoryError('unwritable', `${page}: ${why}`, { file: page }, { cause });
  };
  if (files.includes(page)) refuse('it is to be checked; name another file for the page');
  let begins = '';
  try {
    begins = shell.replaced(page);
  } catch (error) {
    refuse(whyNot(error, 'written'), error);
  }
  if (begins !== '' && !begins.startsWith(PAGE_BEGINS)) {
    refuse('it is there already and is no page of ours; name another file, or remove it');
  }
}

/** What the flags say, for every file the same. */
interface Plan {
  readonly request: CheckRequest;
  readonly parameters: ModelParameters;
  readonly format: HistoryFormat | undefined;
}

function planOf(request: CheckRequest): Plan {
  const { model, format } = request;
  if (!Object.hasOwn(MODELS, model)) {
    throw badOption(`there is no model ${model}${namesLike(model, Object.keys(MODELS))}`);
  }
  for (const flag of ['init', 'total', 'negative', 'partition'] as const) {
    if (request[flag] === undefined || TAKES[flag].includes(model)) continue;
    throw badOption(`${model} takes no --${flag}, only ${TAKES[flag].join(', ')}`);
  }
  return { request, parameters: parametersOf(request), format: formatNamed(format) };
}

/** As much of a file as is known when something goes wrong with it. */
interface Opened {
  readonly file: string;
  format: HistoryFormat | undefined;
  recorded?: Recorded;
}

function checkFile(file: string, plan: Plan, shell: CheckShell, id: string): Checked {
  const opened: Opened = { file, format: plan.format };
  try {
    return judgeFile(opened, plan, shell, id);
  } catch (error) {
    if (!(error instanceof HistoryError)) return failedAt(opened, plan, error);
    if (error.code === 'bad-option') throw error;
    return refused(opened, plan, error);
  }
}

function judgeFile(
  opened: Opened,
  { request, parameters }: Plan,
  shell: CheckShell,
  id: string,
): Checked {
  const { file } = opened;
  const { model } = request;
  const text = readFile(file, shell);
  opened.format ??= formatOf(text);
  const { format } = opened;
  opened.recorded = readHistory(text, format);
  const { history, impossible, marks = [], readings = [] } = opened.recorded;
  const start = shell.nowMs();
  const verdict: Judged =
    impossible === undefined && history.length > 0
      ? judge(history, request, { ...defaults(format), ...parameters })
      : notJudged(opened.recorded, model);
  const wallMs = shell.nowMs() - start;
  const { reason, anomalies, operations, ruledOut, failure } = verdict;
  const result = {
    file,
    model,
    format,
    verdict: verdict.verdict,
    reason,
    anomalies,
    ...(anomalies.length > 0 && ruledOut !== undefined && { ruledOut }),
    ...(failure !== undefined && { failure: withWords(history, failure) }),
    operations,
    wallMs,
    readings: [...readingsOf(format, request, history, anomalies), ...readings],
  };
  if (request.html === undefined) return { result };
  return { result, section: pageSection({ title: file, history, verdict, marks }, id) };
}

function refused(
  { file, format, recorded }: Opened,
  { request, format: named }: Plan,
  { code, message: what, place }: HistoryError,
): Checked {
  const { line, end } = linesOf(place, recorded);
  const ends = end === line ? '' : ` (it ends on line ${end})`;
  const isGuessed = named === undefined && format !== undefined && code === 'malformed';
  const hint = isGuessed ? `; it was read as ${format}, --format names another` : '';
  const message = `${what}${ends}${hint}`;
  const error = { code, ...(line !== undefined && { line }), message };
  const result = { file, model: request.model, error };
  return request.html === undefined ? { result } : { result, section: asideSection(file, message) };
}

/** The mistake is ours: nothing is known of the file, and the others are judged. */
function failedAt({ file, format }: Opened, { request }: Plan, error: unknown): Checked {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const reason = bounded(
    `the checker failed, which is a mistake in it and says nothing about the file: ${said}`,
  );
  const result = unjudgedFile(file, { model: request.model, ...(format && { format }) }, reason);
  return request.html === undefined ? { result } : { result, section: asideSection(file, reason) };
}

/** Where in the file an error lies: the line of an operation's call, and that of its end. */
function linesOf(
  { line, operation }: Place,
  recorded: Recorded | undefined,
): { readonly line?: number | undefined; readonly end?: number | undefined } {
  if (line !== undefined || operation === undefined) return { line, end: line };
  const called = recorded?.lines[operation];
  return { line: called, end: recorded?.endLines?.[operation] ?? called };
}

/** What is said of a file that was not judged to the end. */
export function unjudgedFile(
  file: string,
  { model, format }: Pick<CheckRequest, 'model' | 'format'>,
  reason: string,
): CheckedFile {
  return {
    file,
    model,
    format: HISTORY_FORMATS.find((known) => known === format) ?? null,
    verdict: 'unknown',
    reason,
    anomalies: [],
    operations: 0,
    wallMs: 0,
    readings: [],
  };
}

function judge(
  history: History,
  { model, by, budgetMs }: CheckRequest,
  parameters: ModelParameters,
): Judged {
  const check = (part: History) => MODELS[model]!(part, parameters);
  const whole = () => {
    if (by === undefined) return check(history);
    return JUDGED_TOGETHER.has(model) ? check(asOneObject(history)) : checkByKey(history, check);
  };
  if (budgetMs === undefined) return whole();
  return withinMs(budgetMs, { model, operations: history.length }, whole);
}

/** What holds of each object does not hold of all for it: what comes before what may cross objects. */
const JUDGED_TOGETHER: ReadonlySet<string> = new Set(['sequential', ...GUARANTEES, ...LEVELS]);

function notJudged({ history, impossible }: Recorded, model: string): Verdict {
  const reason =
    impossible === undefined
      ? 'there are no operations in it'
      : `impossible history: line ${impossible.line}: ${impossible.message}`;
  return { verdict: 'unknown', model, reason, anomalies: [], operations: history.length, steps: 0 };
}

/** The models that have a use for a flag. */
const TAKES: Readonly<Record<'init' | 'total' | 'negative' | 'partition', readonly string[]>> = {
  init: [
    ...['register', 'cas-register', 'multi-register', 'kv', 'counter', 'counter-bounds'],
    ...['sequential', ...GUARANTEES, ...LEVELS],
  ],
  total: ['bank'],
  negative: ['bank'],
  partition: OBJECTS,
};

/** What a format fixes that a flag may change. */
function defaults(format: HistoryFormat): ModelParameters {
  return {
    ...(format === 'kv' && { init: '' }),
    ...(ordersSessions(format) && { sessions: 'ordered' }),
  };
}

function parametersOf({ init, total, negative, by, partition }: CheckRequest): ModelParameters {
  if (by !== undefined && by !== 'key') throw badOption(`--by knows key only, not ${by}`);
  if (partition !== undefined && partition !== 'no' && partition !== 'objects') {
    throw badOption(`--partition knows no and objects only, not ${partition}`);
  }
  if (negative !== undefined && negative !== 'allowed' && negative !== 'forbidden') {
    throw badOption(`--negative knows allowed and forbidden only, not ${negative}`);
  }
  return {
    ...(negative !== undefined && { negative }),
    ...(init !== undefined && { init: valueIn(init) }),
    ...(total !== undefined && { total: numberIn(total) }),
    ...(partition !== undefined && { partition }),
  };
}

/** `3` is a number, `"3"` and `x` are texts, `nil` and `null` are nothing. */
function valueIn(text: string): Plain {
  if (text === 'nil') return null;
  let value: Plain;
  try {
    value = parseJson(text);
  } catch {
    return text;
  }
  const problem = unplain(value, '--init');
  if (problem !== undefined) throw badOption(problem);
  return value;
}

function numberIn(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  throw badOption(`--total takes a number, not ${text}`);
}

function formatNamed(name: string | undefined): HistoryFormat | undefined {
  if (name === undefined) return undefined;
  const format = HISTORY_FORMATS.find((known) => known === name);
  if (format !== undefined) return format;
  throw badOption(`there is no format ${name}${namesLike(name, HISTORY_FORMATS)}`);
}

function badOption(message: string): HistoryError {
  return new HistoryError('bad-option', message);
}

function readFile(file: string, shell: CheckShell): string {
  try {
    return textIn(shell.readFile(file));
  } catch (error) {
    if (error instanceof HistoryError) throw error;
    throw new HistoryError('unreadable', whyNot(error, 'read'), { file }, { cause: error });
  }
}

/**
 * Writes the page of all that was judged.
 *
 * @throws HistoryError `unwritable`
 */
export function writePage(
  file: string,
  sections: readonly string[],
  writeFile: (path: string, text: string) => void,
): void {
  try {
    writeFile(file, pageOf(file, sections));
  } catch (error) {
    const message = `${file}: ${whyNot(error, 'written')}`;
    throw new HistoryError('unwritable', message, { file }, { cause: error });
  }
}

/** What the machine says of a file, by the codes of errors that people meet. */
function whyNot(error: unknown, done: 'read' | 'written'): string {
  const { code, message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  switch (code) {
    case 'ENOENT':
      return done === 'read' ? 'there is no such file' : 'its folder does not exist';
    case 'EISDIR':
      return done === 'read' ? 'it is a folder; name the files in it' : 'it is a folder';
    case 'ERR_STRING_TOO_LONG':
    case 'ERR_FS_FILE_TOO_LARGE':
      return 'it is longer than half a gigabyte, which is too much at once; split it by key';
    case 'EACCES':
    case 'EPERM':
      return `it may not be ${done} by this user`;
    default:
      return `it cannot be ${done}: ${message}`;
  }
}

const ISOLATION = new Set(['rc', 'ra', 'si', 'ser']);
const KEYED = new Set(['register', 'cas-register', 'counter', 'set', 'sequential']);
const REGISTERS = new Set(['register', 'cas-register', 'multi-register']);

/** Where well-known tools read a history differently: how it was read. */
function readingsOf(
  format: HistoryFormat,
  { model, by }: CheckRequest,
  history: History,
  anomalies: readonly Anomaly[],
): readonly string[] {
  const readings: string[] = [];
  if (model === 'rc') readings.push(appendsToLists(history) ? RC_OF_LISTS : RC_OF_REGISTERS);
  if (anomalies.some(({ name }) => name === 'thin-air-read')) readings.push(THIN_AIR);
  if (ISOLATION.has(model)) {
    readings.push(
      ordersSessions(format)
        ? 'the order of a session is a part of the level'
        : 'the order of a session is not a part of the level',
    );
  }
  if (REGISTERS.has(model) && format.startsWith('jepsen')) {
    readings.push('a read of nil means that the register held nil, not that nobody saw the value');
  }
  if (by === undefined && KEYED.has(model) && readsAreKeyed(history)) {
    readings.push('reads are of [key, nothing], all of one register; with --by key of one each');
  }
  return readings;
}

const RC_OF_LISTS =
  'read committed as Adya defines it: no dirty write, no read of what was not committed';
const RC_OF_REGISTERS =
  'read committed as Biswas and Enea define it: the reads of a transaction do not go back, either';
const THIN_AIR = 'a read of what nobody wrote is an anomaly; Elle passes over it in registers';

function appendsToLists(history: History): boolean {
  return history.some(({ name, input, output }) => {
    const micros = name === 'txn' ? (output ?? input) : undefined;
    return isList(micros) && micros.some((micro) => isList(micro) && micro[0] === 'append');
  });
}

/** Whether every read takes [key, null], as of one of many registers. */
function readsAreKeyed(history: History): boolean {
  const reads = history.filter(({ name }) => name === 'read');
  return (
    reads.length > 0 &&
    reads.every(({ input }) => isList(input) && input.length === 2 && input[1] === null)
  );
}

/** 2 when something was refused, 1 when something is invalid, 4 when something is unknown, or 0. */
export function exitCodeOf(results: readonly CheckResult[]): 0 | 1 | 2 | 4 {
  if (results.some((result) => 'error' in result)) return 2;
  const verdicts = new Set(results.map((result) => 'verdict' in result && result.verdict));
  if (verdicts.has('invalid')) return 1;
  return verdicts.has('unknown') ? 4 : 0;
}

/** `FILE:LINE: what is wrong with it`, for standard error. */
export function refusalInWords({ file, error }: RefusedFile): string {
  const line = error.line === undefined ? '' : `:${error.line}`;
  return onOneLine(`${file}${line}: ${error.message}`);
}

/** Where a search ended, each order with a sentence that tells its last operations and its end. */
interface FailureInWords extends Omit<Failure, 'orders'> {
  readonly orders: readonly (SurvivingOrder & { readonly message: string })[];
}

/** So many orders are told in a text, and so many operations of each. */
const ORDERS_TOLD = 4;
const OPERATIONS_TOLD = 3;

function withWords(history: History, { orders, ...failure }: Failure): FailureInWords {
  const tell = ({ order, state, refusal }: SurvivingOrder): string => {
    const last = order.slice(-OPERATIONS_TOLD).map((i) => operationInWords(history[i]!));
    const before = order.length > last.length ? `${order.length - last.length} others, ` : '';
    const after = order.length === 0 ? 'at first' : `after ${before}${last.join(', ')}`;
    return `${after}, in the state ${state}: ${refusal}`;
  };
  return { ...failure, orders: orders.map((end) => ({ ...end, message: tell(end) })) };
}

/** So much of a line is shown; `--json` has all of it. */
const LINE_MAX = 4000;

/** A line for a file, and what was found in it. */
export function fileInWords({
  file,
  verdict,
  reason,
  anomalies,
  ruledOut,
  failure,
  format,
  model,
  operations,
  readings,
}: CheckedFile): string {
  const lines = [`${file}: ${verdict} (${model}, ${format}, ${counted(operations)})`];
  const found = grouped(anomalies, ({ message }) => message);
  if (!found.has(reason)) lines.push(`  ${reason}`);
  for (const [message, same] of found) {
    lines.push(
      `  ${same.map(({ name }) => name).join(', ')}`,
      ...message.split('\n').map((line) => `    ${line}`),
    );
  }
  for (const { message } of failure?.orders.slice(0, ORDERS_TOLD) ?? [])
    lines.push(`    ${message}`);
  if (ruledOut !== undefined && ruledOut.not.length > 0) {
    lines.push(`  so it is not ${[...ruledOut.not, ...ruledOut.alsoNot].join(', ')}`);
  }
  for (const reading of readings) lines.push(`  reading: ${reading}`);
  return lines.map((line) => escapeUnseen(bounded(line, LINE_MAX))).join('\n');
}

function counted(operations: number): string {
  return operations === 1 ? '1 operation' : `${operations} operations`;
}

/** A line for several files together. */
export function totalInWords(results: readonly CheckResult[]): string {
  const counts = grouped(results, (result) => ('error' in result ? 'refused' : result.verdict));
  const order = ['valid', 'invalid', 'unknown', 'refused'] as const;
  const parts = order
    .filter((kind) => counts.has(kind))
    .map((kind) => `${counts.get(kind)!.length} ${kind}`);
  const { length } = results;
  return `${length} ${length === 1 ? 'file' : 'files'}: ${parts.join(', ')}`;
}
