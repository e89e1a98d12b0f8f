/**
 * What came of a run, in a `.ghr` file. Parts as in bytes.ts.
 *
 *     result    text seed, text strategy, u8 verdict: its place in VERDICTS, 8 bytes digest as it is
 *               printed, varint steps, f64 virtual ms, varint decisions, varint operations, flag
 *               whether the check read the history, list of `sometimes`: text name, flag whether it
 *               held; optional text reason, optional failure
 *     failure   text property, text message, optional text details, lists of texts nodes and roles,
 *               optional text stack, varint step, varint moment in ns, text signature
 */
import { assert } from '../env/assert.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';
import type { Failure, RunResult, RunVerdict } from './run.ts';

/** In the order of their numbers in files: a new one goes to the end. */
const VERDICTS = [
  'passed',
  'violated',
  'diverged',
  'inconclusive',
  'vacuous',
] as const satisfies readonly RunVerdict[];

const DIGEST_BYTES = 8;

export function writeResult(out: ByteWriter, result: RunResult): void {
  const { seed, strategy, verdict, digest, sometimes, reason, failure } = result;
  assert(/^[0-9a-f]{16}$/.test(digest), 'a digest is 16 hexadecimal digits');
  assert(result.virtualMs >= 0, 'virtual time does not go back');
  out.text(seed);
  out.text(strategy);
  out.u8(VERDICTS.indexOf(verdict));
  out.raw(Buffer.from(digest, 'hex'));
  out.varint(result.steps);
  out.f64(result.virtualMs);
  out.varint(result.decisions);
  out.varint(result.operations);
  out.flag(result.readsHistory);
  out.list(sometimes, ([name, held]) => {
    out.text(name);
    out.flag(held);
  });
  out.optional(reason, (text) => out.text(text));
  out.optional(failure, (part) => writeFailure(out, part));
}

export function readResult(read: ByteReader): RunResult {
  return {
    seed: read.text(),
    strategy: read.text(),
    verdict: VERDICTS[read.u8UpTo(VERDICTS.length - 1, 'a verdict')]!,
    digest: Buffer.from(read.raw(DIGEST_BYTES)).toString('hex'),
    steps: read.varint(),
    virtualMs: readVirtualMs(read),
    decisions: read.varint(),
    operations: read.varint(),
    readsHistory: read.flag(),
    sometimes: read.list(() => [read.text(), read.flag()] as const),
    reason: read.optional(() => read.text()),
    failure: read.optional(() => readFailure(read)),
  };
}

function writeFailure(out: ByteWriter, failure: Failure): void {
  out.text(failure.property);
  out.text(failure.message);
  out.optional(failure.details, (text) => out.text(text));
  out.texts(failure.nodes);
  out.texts(failure.roles);
  out.optional(failure.stack, (text) => out.text(text));
  out.varint(failure.step);
  out.varint(failure.atNs);
  out.text(failure.signature);
}

function readFailure(read: ByteReader): Failure {
  return {
    property: read.text(),
    message: read.text(),
    details: read.optional(() => read.text()),
    nodes: read.texts(),
    roles: read.texts(),
    stack: read.optional(() => read.text()),
    step: read.varint(),
    atNs: read.varint(),
    signature: read.text(),
  };
}

function readVirtualMs(read: ByteReader): number {
  const ms = read.f64();
  if (!(ms >= 0 && ms < Infinity)) read.fail(`virtual time is ${ms} ms`);
  return ms;
}
