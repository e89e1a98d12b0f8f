/**
 * The decoder of recorded runs. The input is read as it is, and with a header and a checksum that
 * fit, which no mutation would find, in both versions of the format.
 */
import { isDeepStrictEqual } from 'node:util';
import { type FullRecord, Steps } from '../../sim/trace/full-record.ts';
import { decodeRun, encodeRun, GhrError, sealed } from '../../sim/trace/ghr.ts';
import { DecisionRecord, STEP, VALUE } from '../../sim/trace/record.ts';
import { comparable, type RecordedRun } from '../../sim/trace/recorded-run.ts';
import { type FuzzTarget, promise } from '../target.ts';
import { isPlainLine } from './text.ts';

const FILE = 'run.ghr';
/** Header and checksum. */
const FRAME_BYTES = 20;
/** Decisions only, and with a full record. */
const VERSIONS = [1, 2];

export const target: FuzzTarget = {
  name: 'ghr',
  words: ['{}', '{"roles":{"a":{"count":2}}}', '{"timeline":[]}', '\u0001', '\u0000', '\u0004demo'],
  bytesMax: 1024,
  starts: [encodeRun(run()), encodeRun({ ...run(), full: full() })],
  run(input) {
    decoded(input);
    if (input.length < FRAME_BYTES) return;
    for (const version of VERSIONS) {
      const first = decoded(sealed(input, version));
      if (first === undefined) continue;
      const bytes = encodeRun(first);
      const again = decodeRun(bytes, FILE);
      promise(
        isDeepStrictEqual(comparable(again), comparable(first)),
        'what is decoded is what was encoded',
      );
      promise(Buffer.compare(encodeRun(again), bytes) === 0, 'the same run has the same bytes');
    }
  },
};

/** Undefined where the file is refused as it may be. */
function decoded(bytes: Uint8Array): RecordedRun | undefined {
  try {
    return decodeRun(bytes, FILE);
  } catch (error) {
    if (!(error instanceof GhrError)) throw error;
    promise(error.message.startsWith(FILE), 'the message names the file');
    promise(isPlainLine(error.message), 'the message is one line');
    return undefined;
  }
}

function run(): RecordedRun {
  const record = new DecisionRecord();
  const fault = record.openSpan('fault', 'crash', 0);
  record.push(STEP, 0, 1, 2, 0, 0, 0, 1000);
  record.push(VALUE, 1, 1, 2, 1, fault, 1, -5);
  return {
    groundhog: '0.1.0',
    subject: { kind: 'file', name: 'a', file: 'a.mjs' },
    faults: 'calm',
    plan: {},
    result: {
      seed: '7',
      strategy: 'random',
      verdict: 'violated',
      failure: {
        property: 'check',
        message: 'no',
        details: 'b',
        nodes: ['a-1'],
        roles: ['a'],
        stack: 'c',
        step: 3,
        atNs: 1000,
        signature: 'check: no',
      },
      reason: 'd',
      digest: '0123456789abcdef',
      steps: 3,
      virtualMs: 1.5,
      decisions: 2,
      operations: 1,
      readsHistory: true,
      sometimes: [['e', true]],
    },
    chunks: Int32Array.of(1),
    decisions: { record, sites: ['x', 'y'], actors: ['world', 'a-1'] },
  };
}

function full(): FullRecord {
  const steps = new Steps();
  const [a, b] = ['a-1', 'b-1'];
  steps.push({ number: 1, lo: 1, hi: 2, site: 'x', cause: 0, actor: a, atNs: 9, before: -1 });
  steps.push({ number: 3, lo: 3, hi: 4, site: 'y', cause: 1, actor: b, atNs: 9, before: 7 });
  const about = { nodes: [b], fault: 'crash', ends: true };
  return {
    steps,
    events: [
      { kind: 'timer', atNs: 9, step: 1, node: a, text: 'fires', frames: ['f (a.mjs:1:2)'] },
      { kind: 'fault', atNs: 9, step: 3, node: '', text: 'kills b-1', about },
    ],
  };
}
