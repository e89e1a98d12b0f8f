/**
 * The recorded run, `*.ghr`. Parts as in bytes.ts.
 *
 *     offset
 *          0  8 bytes   89 67 68 72 0d 0a 1a 0a, "\x89ghr\r\n\x1a\n": a transfer as text breaks it
 *          8  u16       version of the format: 1, or 2 with a full record
 *         10  u16       0
 *         12  u32       bytes of the whole file
 *         16  text      version of the package; stands here in every version of the format
 *             …         subject, faults, plan, result, chunks, decisions; in version 2 the full
 *                       record
 *     end - 4 u32       CRC-32 (ISO 3309) of all bytes before it
 *
 *     subject    u8 kind: 0 scenario, 1 file; text name; optional text file
 *     faults     text
 *     plan       text: JSON, as in plan.ts
 *     result     as in ghr-result.ts
 *     chunks     list of i32
 *     decisions  as in ghr-decisions.ts
 *     full record  as in ghr-full-record.ts
 */
import { crc32 } from 'node:zlib';
import { assert } from '../env/assert.ts';
import { ByteReader, BytesError, ByteWriter } from './bytes.ts';
import { readDecisions, writeDecisions } from './ghr-decisions.ts';
import { readFullRecord, writeFullRecord } from './ghr-full-record.ts';
import { readResult, writeResult } from './ghr-result.ts';
import { JsonTextError, readJsonText } from './json-text.ts';
import { planFromJson, planProblems, planToJson } from './plan.ts';
import type { RecordedRun } from './recorded-run.ts';
import type { RecordedPlan } from './story.gen.ts';

/** A file without a full record is of the version that knows none, so that older packages read it. */
const DECISIONS_ONLY = 1;
const IN_FULL = 2;

const MAGIC = Uint8Array.of(0x89, 0x67, 0x68, 0x72, 0x0d, 0x0a, 0x1a, 0x0a);
const HEADER_BYTES = 16;
const CHECKSUM_BYTES = 4;

/** In the order of their numbers in files. */
const SUBJECT_KINDS = ['scenario', 'file'] as const;

/**
 * - `foreign`: not a recorded run
 * - `newer`: of a version that this package does not know
 * - `truncated`: bytes are missing at the end
 * - `corrupt`: bytes have changed
 */
export type GhrErrorCode = 'foreign' | 'newer' | 'truncated' | 'corrupt';

/** A file that cannot be read as a recorded run. The message is one line and names the file. */
export class GhrError extends Error {
  override readonly name = 'GhrError';
  readonly code: GhrErrorCode;

  constructor(code: GhrErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function encodeRun(run: RecordedRun): Uint8Array {
  const out = new ByteWriter();
  out.raw(new Uint8Array(HEADER_BYTES));
  out.text(run.groundhog);
  out.u8(SUBJECT_KINDS.indexOf(run.subject.kind));
  out.text(run.subject.name);
  out.optional(run.subject.file, (file) => out.text(file));
  out.text(run.faults);
  out.text(JSON.stringify(planToJson(run.plan)));
  writeResult(out, run.result);
  out.varint(run.chunks.length);
  for (const chunk of run.chunks) out.i32(chunk);
  writeDecisions(out, run.decisions);
  if (run.full !== undefined) writeFullRecord(out, run.full);
  out.u32(0);
  return sealed(out.written(), run.full === undefined ? DECISIONS_ONLY : IN_FULL);
}

/** A copy with header and checksum made to fit this version of the format, whatever stood there. */
export function sealed(bytes: Uint8Array, version: number): Uint8Array {
  assert(bytes.length >= HEADER_BYTES + CHECKSUM_BYTES, 'a recorded run has header and checksum');
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  copy.set(MAGIC);
  view.setUint16(8, version, true);
  view.setUint16(10, 0, true);
  view.setUint32(12, copy.length, true);
  view.setUint32(copy.length - CHECKSUM_BYTES, crc32(copy.subarray(0, -CHECKSUM_BYTES)), true);
  return copy;
}

/**
 * The run that `bytes`, the content of `file`, record. Of its decisions `record` goes by the tables
 * of the file.
 *
 * @throws GhrError
 */
export function decodeRun(bytes: Uint8Array, file: string): RecordedRun {
  const version = checkedFrame(bytes, file);
  const read = new ByteReader(bytes.subarray(0, -CHECKSUM_BYTES));
  read.raw(HEADER_BYTES);
  try {
    const run: RecordedRun = {
      groundhog: read.text(),
      subject: readSubject(read),
      faults: read.text(),
      plan: readPlan(read),
      result: readResult(read),
      chunks: Int32Array.from(read.list(() => read.i32())),
      decisions: readDecisions(read),
      ...(version === IN_FULL && { full: readFullRecord(read) }),
    };
    if (read.left > 0) read.fail(`${read.left} bytes are left over`);
    return run;
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
    const { offset, message } = error;
    throw new GhrError('corrupt', `${file} is no whole recording: at byte ${offset} ${message}`, {
      cause: error,
    });
  }
}

/**
 * What tells whole files of ours from all others, before anything in them is believed: their version.
 */
function checkedFrame(bytes: Uint8Array, file: string): number {
  const begin = MAGIC.subarray(0, Math.min(bytes.length, MAGIC.length));
  if (bytes.length === 0 || begin.some((byte, i) => bytes[i] !== byte)) {
    throw new GhrError('foreign', `${file} is not a run that groundhog recorded`);
  }
  if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES) {
    throw new GhrError(
      'truncated',
      `${file} ends after ${bytes.length} bytes: record the run again`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(8, true);
  if (version > IN_FULL) {
    const what = `has version ${version} of its format, and this groundhog reads ${IN_FULL}`;
    throw new GhrError(
      'newer',
      `${file} ${what}: install the one that wrote it${byVersion(bytes)}`,
    );
  }
  const length = view.getUint32(12, true);
  if (bytes.length < length) {
    const message = `${file} has ${bytes.length} of its ${length} bytes: record the run again`;
    throw new GhrError('truncated', message);
  }
  const checksum = view.getUint32(bytes.length - CHECKSUM_BYTES, true);
  const isWhole =
    bytes.length === length &&
    version >= DECISIONS_ONLY &&
    view.getUint16(10, true) === 0 &&
    checksum === crc32(bytes.subarray(0, -CHECKSUM_BYTES));
  if (!isWhole) {
    throw new GhrError('corrupt', `${file} has changed since it was written: record the run again`);
  }
  return version;
}

/** The version of the package that wrote it, where it can be read. */
function byVersion(bytes: Uint8Array): string {
  try {
    const version = new ByteReader(bytes.subarray(HEADER_BYTES)).text();
    return /^[\w.+-]{1,40}$/.test(version) ? `, ${version}` : '';
  } catch {
    return '';
  }
}

function readSubject(read: ByteReader): RecordedRun['subject'] {
  const kind = SUBJECT_KINDS[read.u8UpTo(SUBJECT_KINDS.length - 1, "a subject's kind")]!;
  const name = read.text();
  const file = read.optional(() => read.text());
  return file === undefined ? { kind, name } : { kind, name, file };
}

function readPlan(read: ByteReader): RecordedPlan {
  const text = read.text();
  try {
    const { value } = readJsonText(text);
    const [problem] = planProblems(value);
    if (problem !== undefined) read.fail(`the plan is not valid: ${problem.message}`);
    return planFromJson(value as RecordedPlan);
  } catch (error) {
    if (error instanceof JsonTextError) read.fail(`the plan is not JSON: ${error.message}`);
    throw error;
  }
}
