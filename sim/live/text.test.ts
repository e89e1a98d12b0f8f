import { expect, test } from 'vitest';
import type { LiveResult } from './result.ts';
import { eventLine, resultText } from './text.ts';

const PASSED: LiveResult = {
  scenario: 'register',
  seed: '7',
  verdict: 'passed',
  failure: undefined,
  reason: undefined,
  operations: { completed: 994, failed: 0, unknown: 2 },
  readsHistory: true,
  sometimes: [
    ['seen', true],
    ['bank.refused', false],
  ],
  kills: 3,
  restarts: 3,
  wallMs: 5843.3,
  interrupted: false,
  nodes: [
    { name: 'replica-1', role: 'replica', starts: 3, kills: 2, end: 'stopped' },
    { name: 'replica-2', role: 'replica', starts: 2, kills: 1, end: 'forced' },
    { name: 'client-1', role: 'client', starts: 1, kills: 0, end: 'finished' },
  ],
  directory: undefined,
};

test('what came of a run in words', () => {
  expect(resultText(PASSED)).toBe(
    `register: passed (994 operations, 2 unknown, 3 kills, 3 restarts in 5.8 s)
  never seen: bank.refused
  replica: 5 starts, 3 kills, 1 stopped, 1 forced
  client: 1 starts, 0 kills, 1 finished`,
  );
});

test('what was wrong comes with its details, and where the files are last', () => {
  const failure = {
    property: 'check: register',
    message: 'the history is invalid',
    details: 'read 1 after 2\nwas written',
    stack: undefined,
    nodes: ['replica-1'],
    roles: ['replica'],
    atNs: 5_100_000_000,
    signature: '',
  };
  const broken = { ...PASSED, verdict: 'violated', failure, interrupted: true } as const;
  expect(resultText({ ...broken, sometimes: [], nodes: [], directory: '/tmp/run' })).toBe(
    `register: violated (994 operations, 2 unknown, 3 kills, 3 restarts in 5.8 s, interrupted)
  check: register: the history is invalid on replica-1 at 5.100 s
    read 1 after 2
    was written
  disks, journals and output: /tmp/run`,
  );
});

test('why a run decided nothing', () => {
  const unclear = { ...PASSED, verdict: 'inconclusive', reason: 'hang: a-1' } as const;
  expect(resultText({ ...unclear, sometimes: [], nodes: [] })).toBe(
    `register: inconclusive (994 operations, 2 unknown, 3 kills, 3 restarts in 5.8 s)
  hang: a-1`,
  );
});

test('events have a line each', () => {
  const at = { atMs: 3217.4, kind: 'fault', node: 'replica-2', text: 'is killed' } as const;
  expect(eventLine(at)).toBe('   3.217 s  replica-2 is killed');
  expect(eventLine({ ...at, kind: 'progress', node: '', text: '9 operations' })).toBe(
    '   3.217 s  9 operations',
  );
  expect(eventLine({ ...at, kind: 'violation', text: 'always: x: y' })).toBe(
    '   3.217 s  replica-2 broke always: x: y',
  );
});
