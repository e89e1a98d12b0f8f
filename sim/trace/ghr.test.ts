import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENT_KINDS, type RunEvent } from './event.ts';
import { type FullRecord, firstDifference, type RecordedStep, Steps } from './full-record.ts';
import { decodeRun, encodeRun, GhrError, sealed } from './ghr.ts';
import { BRANCH, DecisionRecord, type SpanKind, STEP, VALUE } from './record.ts';
import { comparable, type NamedDecisions, type RecordedRun } from './recorded-run.ts';
import type { RunResult } from './run.ts';

const FILE = 'runs/7.ghr';

function result(changes: Partial<RunResult> = {}): RunResult {
  return {
    seed: '7',
    strategy: 'random',
    verdict: 'passed',
    digest: '0123456789abcdef',
    steps: 3,
    virtualMs: 1.5,
    decisions: 3,
    operations: 1,
    readsHistory: true,
    sometimes: [['raft.split-vote', false]],
    reason: undefined,
    failure: undefined,
    ...changes,
  };
}

function decisions(): NamedDecisions {
  const record = new DecisionRecord();
  const fault = record.openSpan('fault', 'crash 1', 0);
  record.push(STEP, 2, 0x11, 0x22, 0, 0, 1, 1_000);
  record.push(BRANCH, 0, 0x11, 0x22, 0, fault, 1, 1);
  record.push(VALUE, 0, 0x11, 0x22, 1, fault, 0, -5);
  record.push(STEP, 2, -1, 0x7fffffff, 0, 0, 1, 900);
  return { record, sites: ['net.loss', 'unused', 'net.deliver'], actors: ['world', 'a-1'] };
}

function run(changes: Partial<RecordedRun> = {}): RecordedRun {
  return {
    groundhog: '0.1.0',
    subject: { kind: 'scenario', name: 'demo', file: 'demo.sim.ts' },
    faults: 'swarm',
    plan: {},
    result: result(),
    chunks: Int32Array.of(1, -2),
    decisions: decisions(),
    ...changes,
  };
}

function stepsOf(steps: readonly RecordedStep[]): Steps {
  const all = new Steps();
  for (const step of steps) all.push(step);
  return all;
}

const ONE = { site: 'net.deliver', actor: 'a-1>b-1', lo: 0x11, hi: 0x22 };

function full(): FullRecord {
  return {
    steps: stepsOf([
      { ...ONE, number: 1, cause: 0, atNs: 1_000, before: 5 },
      { ...ONE, number: 3, cause: 1, atNs: 1_001, before: -1 },
    ]),
    events: [
      { kind: 'note', atNs: 1_000, step: 1, node: 'b-1', text: 'starts' },
      {
        kind: 'fault',
        atNs: 1_001,
        step: 3,
        node: '',
        text: 'no',
        frames: ['f (a.mjs:1:2)'],
        about: { nodes: ['b-1'], fault: 'crash', ends: true },
      },
    ],
  };
}

function codeOf(bytes: Uint8Array): string {
  try {
    decodeRun(bytes, FILE);
    return 'decoded';
  } catch (error) {
    if (error instanceof GhrError) return error.code;
    throw error;
  }
}

test('the layout is the one that is written down', () => {
  const layout = [
    '89 67 68 72 0d 0a 1a 0a | 01 00 | 00 00 | c0 00 00 00', // magic, version, 0, bytes
    '05 30 2e 31 2e 30', // 0.1.0
    '00 | 04 64 65 6d 6f | 01 0b 64 65 6d 6f 2e 73 69 6d 2e 74 73', // scenario demo, its file
    '05 73 77 61 72 6d', // swarm
    '02 7b 7d', // {}
    '01 37 | 06 72 61 6e 64 6f 6d | 00', // seed 7, random, passed
    '01 23 45 67 89 ab cd ef | 03 | 00 00 00 00 00 00 f8 3f', // digest, 3 steps, 1.5 ms
    '03 | 01 | 01', // 3 decisions, 1 operation, reads the history
    '01 | 0f 72 61 66 74 2e 73 70 6c 69 74 2d 76 6f 74 65 | 00', // raft.split-vote never held
    '00 | 00', // no reason, no failure
    '02 | 01 00 00 00 | fe ff ff ff', // chunks
    '02 | 0b 6e 65 74 2e 64 65 6c 69 76 65 72 | 08 6e 65 74 2e 6c 6f 73 73', // sites
    '02 | 03 61 2d 31 | 05 77 6f 72 6c 64', // actors a-1, world
    '01 | 03 | 00 | 07 63 72 61 73 68 20 31', // one span: a fault in span 0, crash 1
    '04', // entries
    '38 | 00 | 11 00 00 00 22 00 00 00 | e8 07', // step at 1,000 ns: span, actor, ordinal left out
    '35 | 01 | 01 | 01', // branch at net.loss, in span 1: outcome 1
    '4e | 01 | 01 | 01 | 05', // value, ordinal 1, actor 1: -5
    '60 | 00 | ff ff ff ff ff ff ff 7f | 00 | 00 | 64', // step at 100 ns less than before
    'b5 8d 63 02', // checksum
  ];
  const hex = layout.join('').replace(/[ |]/g, '');
  expect(Buffer.from(encodeRun(run())).toString('hex')).toBe(hex);
});

test('so is that of a full record', () => {
  const layout = [
    '05 | 0b 6e 65 74 2e 64 65 6c 69 76 65 72 | 07 61 2d 31 3e 62 2d 31', // net.deliver, a-1>b-1
    '03 62 2d 31 | 00 | 0d 66 20 28 61 2e 6d 6a 73 3a 31 3a 32 29', // b-1, no node, a frame
    '02', // steps
    '01 | 11 00 00 00 22 00 00 00 | 00 | 00 | 01 | e8 07 | 05 00 00 00', // 1, without a cause
    '02 | 11 00 00 00 22 00 00 00 | 00 | 02 | 01 | 01 | ff ff ff ff', // 3, of 1, 1 ns later
    '02', // events
    '00 | 01 | e8 07 | 02 | 06 73 74 61 72 74 73 | 00 | 00', // b-1 starts
    '01 | 03 | e9 07 | 03 | 02 6e 6f | 01 04', // a fault, with a frame
    '01 | 01 02 | 01 05 63 72 61 73 68 | 01', // about b-1: the crash ends
  ];
  const bytes = encodeRun(run({ full: full() }));
  const hex = layout.join('').replace(/[ |]/g, '');
  const without = encodeRun(run()).length;
  expect(Buffer.from(bytes.subarray(without - 4, -4)).toString('hex')).toBe(hex);
  expect([bytes[8], bytes[9]]).toEqual([2, 0]);
});

test('a full record of more steps than there is room for at first comes back whole', () => {
  const steps = Array.from({ length: 5_000 }, (_, i) => {
    const actor = `node-${i % 7}`;
    return { ...ONE, number: i + 1, cause: i, actor, atNs: i * 1e9, before: -i | 0 };
  });
  const whole = run({ full: { steps: stepsOf(steps), events: [] } });
  expect([...decodeRun(encodeRun(whole), FILE).full!.steps]).toEqual(steps);
});

test('two runs part at the first step that is another, or does something else', () => {
  const steps = [1, 2, 3].map((number) => {
    return { ...ONE, number, cause: 0, atNs: number, before: number };
  });
  const a = stepsOf(steps);
  const changed = (index: number, changes: Partial<RecordedStep>): Steps =>
    stepsOf(steps.map((step, i) => (i >= index ? { ...step, ...changes } : step)));
  const ofBoth = (index: number, does: boolean, b: Steps) => {
    return { index, does, a: a.at(index), b: b.at(index) };
  };
  expect(firstDifference(a, stepsOf(steps))).toBeUndefined();
  const other = changed(1, { lo: 9 });
  expect(firstDifference(a, other)).toEqual(ofBoth(1, false, other));
  const late = changed(2, { atNs: 9 });
  expect(firstDifference(a, late)).toEqual(ofBoth(2, false, late));
  const does = changed(2, { before: 9 });
  expect(firstDifference(a, does)).toEqual(ofBoth(1, true, does));
  const shorter = stepsOf(steps.slice(0, 2));
  expect(firstDifference(a, shorter)).toEqual({ index: 2, does: false, a: a.at(2), b: undefined });
});

const name = fc.string({ maxLength: 12, unit: 'grapheme' });
const size = fc.maxSafeNat();
const int32 = fc.integer();
const spanKind = fc.constantFrom<SpanKind>('run', 'topology', 'knob', 'fault', 'operation');

const anyDecisions: fc.Arbitrary<NamedDecisions> = fc
  .record({
    sites: fc.array(name, { minLength: 1, maxLength: 5 }),
    actors: fc.array(name, { minLength: 1, maxLength: 5 }),
    spans: fc.array(fc.tuple(spanKind, name, fc.nat()), { maxLength: 5 }),
    entries: fc.array(
      fc.record({
        kind: fc.constantFrom(STEP, BRANCH, VALUE),
        identity: fc
          .constantFrom([1, 2], [-1, 0x7fffffff])
          .chain((fixed) => fc.oneof(fc.constant(fixed), fc.tuple(int32, int32))),
        numbers: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.oneof(fc.constant(0), fc.nat())),
        outcome: fc.oneof(fc.nat({ max: 3 }), size),
        negative: fc.boolean(),
      }),
      { maxLength: 30 },
    ),
  })
  .map(({ sites, actors, spans, entries }) => {
    const record = new DecisionRecord();
    for (const [kind, label, parent] of spans) {
      record.openSpan(kind, label, parent % record.spans.length);
    }
    for (const { kind, identity, numbers, outcome, negative } of entries) {
      record.push(
        kind,
        numbers[0] % sites.length,
        identity[0]!,
        identity[1]!,
        kind === STEP ? 0 : numbers[3],
        numbers[1] % record.spans.length,
        numbers[2] % actors.length,
        kind === VALUE && negative && outcome > 0 ? -outcome : outcome,
      );
    }
    return { record, sites, actors };
  });

const anyResult: fc.Arbitrary<RunResult> = fc.record({
  seed: name,
  strategy: name,
  verdict: fc.constantFrom('passed', 'violated', 'diverged', 'inconclusive', 'vacuous'),
  digest: fc.stringMatching(/^[0-9a-f]{16}$/),
  steps: size,
  virtualMs: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  decisions: size,
  operations: size,
  readsHistory: fc.boolean(),
  sometimes: fc.array(fc.tuple(name, fc.boolean()), { maxLength: 3 }),
  reason: fc.option(name, { nil: undefined }),
  failure: fc.option(
    fc.record({
      property: name,
      message: name,
      details: fc.option(name, { nil: undefined }),
      nodes: fc.array(name, { maxLength: 3 }),
      roles: fc.array(name, { maxLength: 3 }),
      stack: fc.option(name, { nil: undefined }),
      step: size,
      atNs: size,
      signature: name,
    }),
    { nil: undefined },
  ),
});

const anyEvent: fc.Arbitrary<RunEvent> = fc
  .record({
    kind: fc.constantFrom(...EVENT_KINDS),
    atNs: size,
    step: size,
    node: name,
    text: name,
    frames: fc.array(name, { maxLength: 2 }),
    about: fc.option(
      fc.record(
        { nodes: fc.array(name, { maxLength: 2 }), fault: name, ends: fc.constant(true) },
        { requiredKeys: ['nodes'] },
      ),
      { nil: undefined },
    ),
  })
  .map(({ frames, about, ...event }) => {
    return { ...event, ...(frames.length > 0 && { frames }), ...(about && { about }) };
  });

const anyFull: fc.Arbitrary<FullRecord> = fc.record({
  steps: fc
    .array(
      fc.record({
        words: fc.tuple(int32, int32, int32),
        names: fc.tuple(name, name),
        numbers: fc.tuple(fc.nat({ max: 3 }), fc.nat(), fc.nat()),
      }),
      { maxLength: 10 },
    )
    .map((parts) => {
      const steps = new Steps();
      let number = 1;
      let atNs = 0;
      for (const { words, names, numbers } of parts) {
        const [lo, hi, before] = words;
        const [site, actor] = names;
        number += numbers[0];
        atNs += numbers[2];
        steps.push({ number, lo, hi, site, cause: numbers[1] % number, actor, atNs, before });
      }
      return steps;
    }),
  events: fc.array(anyEvent, { maxLength: 5 }),
});

test('what is decoded is what was encoded', () => {
  const whole = {
    groundhog: name,
    subject: fc.record(
      { kind: fc.constantFrom('scenario', 'file'), name, file: name },
      { requiredKeys: ['kind', 'name'] },
    ),
    faults: name,
    plan: fc.constantFrom(
      {},
      { roles: { client: { count: 2, args: { key: Uint8Array.of(1, 255), $bytes: 'no' } } } },
      { timeline: [{ atMs: 2.5, fault: { kind: 'crash', node: 'a-1', forMs: 10 } }] },
    ),
    result: anyResult,
    chunks: fc.int32Array({ maxLength: 6 }),
    decisions: anyDecisions,
    full: anyFull,
  };
  const requiredKeys = Object.keys(whole).filter((key) => key !== 'full') as 'groundhog'[];
  const anyRun = fc.record(whole, { requiredKeys }) as unknown as fc.Arbitrary<RecordedRun>;
  fc.assert(
    fc.property(anyRun, (original) => {
      expect(comparable(decodeRun(encodeRun(original), FILE))).toEqual(comparable(original));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('the same run gives the same bytes, however a process numbers its sites and actors', () => {
  const { record } = decisions();
  const other = new DecisionRecord();
  for (const span of record.spans.slice(1)) other.openSpan(span.kind, span.label, span.parent);
  for (let entry = 0; entry < record.count; entry++) {
    other.push(
      record.kind(entry),
      record.site(entry) === 0 ? 7 : 3,
      record.lo(entry),
      record.hi(entry),
      record.ordinal(entry),
      record.span(entry),
      1 - record.actor(entry),
      record.outcome(entry),
    );
  }
  const sites = ['', '', '', 'net.deliver', '', '', '', 'net.loss'];
  const renumbered = run({ decisions: { record: other, sites, actors: ['a-1', 'world'] } });
  expect(encodeRun(renumbered)).toEqual(encodeRun(run()));
});

test('a file cut off anywhere is truncated, and says so', () => {
  const bytes = encodeRun(run());
  expect(codeOf(bytes.subarray(0, 0))).toBe('foreign');
  for (let length = 1; length < bytes.length; length++) {
    expect(codeOf(bytes.subarray(0, length)), `${length} bytes`).toBe('truncated');
  }
  expect(codeOf(Uint8Array.of(...bytes, 0))).toBe('corrupt');
});

test('no single bit changes unnoticed', () => {
  const bytes = encodeRun(run());
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(codeOf(changed), `bit ${bit}`).not.toBe('decoded');
  }
});

// Nothing but the codec's own checks stand between these bytes and the reader.
test.each([
  ['decisions', 1, undefined],
  ['a full record', 2, full()],
])(
  'bytes of %s that were changed and sealed again are refused, or read as another run',
  (...given) => {
    const [, version, its] = given;
    const bytes = encodeRun(run({ ...(its && { full: its }) }));
    const codes = new Set<string>();
    for (let at = 16; at < bytes.length - 4; at++) {
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = byte;
        codes.add(codeOf(sealed(changed, version)));
      }
    }
    expect([...codes].sort()).toEqual(['corrupt', 'decoded']);
  },
);

test('what is no recorded run is foreign', () => {
  expect(codeOf(new TextEncoder().encode('{"format":"groundhog-story"}'))).toBe('foreign');
  expect(codeOf(new Uint8Array(100))).toBe('foreign');
});

test('a run of a later version names the version that reads it', () => {
  const bytes = encodeRun(run({ groundhog: '9.1.0-rc.1' }));
  bytes[8] = 3;
  expect(() => decodeRun(bytes, FILE)).toThrow(
    'runs/7.ghr has version 3 of its format, and this groundhog reads 2: install the one that wrote it, 9.1.0-rc.1',
  );
});

test('100,000 entries take less than half of their size in memory', () => {
  const record = new DecisionRecord();
  for (let step = 0; step < 50_000; step++) {
    const lo = Math.imul(step, 0x9e3779b1);
    record.push(STEP, step % 5, lo, ~lo, 0, 0, step % 40, step * 12_345);
    record.push(VALUE, 5, lo, ~lo, 0, 0, step % 40, step % 1000);
  }
  const sites = ['a', 'b', 'c', 'd', 'e', 'f'];
  const actors = Array.from({ length: 40 }, (_, actor) => `node-${actor}`);
  const bytes = encodeRun(run({ decisions: { record, sites, actors } }));
  const back = decodeRun(bytes, FILE).decisions.record;
  expect(back.count).toBe(100_000);
  expect(bytes.length).toBeLessThan(100_000 * 16);
});
