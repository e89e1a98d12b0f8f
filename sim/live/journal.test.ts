import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Evidence } from './evidence.ts';
import { JournalFile, JournalReader } from './journal.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'groundhog-test-'));
  path = join(directory, 'journal.jsonl');
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A journal whose clock advances by 10 ns an entry. */
function journal(incarnation: number): JournalFile {
  let atNs = incarnation * 1000;
  return new JournalFile(path, { incarnation, nowNs: () => (atNs += 10) });
}

test('entries are read as they were reported, while the file grows', () => {
  const reader = new JournalReader(path);
  expect(reader.read()).toEqual([]);
  const file = journal(0);
  expect(reader.read()).toEqual([{ is: 'start', atNs: 10, incarnation: 0 }]);
  file.write({ is: 'invoke', call: 0, operation: 'write', input: new Uint8Array([1, 255]) });
  file.write({ is: 'log', level: 'info', message: 'two\nlines', fields: { $key: [1, null] } });
  expect(reader.read()).toEqual([
    { is: 'invoke', atNs: 20, call: 0, operation: 'write', input: new Uint8Array([1, 255]) },
    { is: 'log', atNs: 30, level: 'info', message: 'two\nlines', fields: { $key: [1, null] } },
  ]);
  expect(reader.read()).toEqual([]);
  file.close();
});

test('wherever a kill cuts the last line, all lines before and the next life are read', () => {
  const first = journal(0);
  first.write({ is: 'crash', reason: 'kept' });
  const keptBytes = readFileSync(path).length;
  first.write({ is: 'crash', reason: 'torn' });
  first.close();
  const whole = readFileSync(path);
  for (let bytes = keptBytes; bytes < whole.length; bytes++) {
    rmSync(path);
    appendFileSync(path, whole);
    truncateSync(path, bytes);
    const early = new JournalReader(path);
    expect(early.read()).toHaveLength(2);
    const next = journal(1);
    next.write({ is: 'exit', code: 0 });
    next.close();
    // Without its newline alone an entry is whole.
    const kept = bytes === whole.length - 1 ? 3 : 2;
    const entries = new JournalReader(path).read();
    expect(entries.slice(kept).map(({ is }) => is)).toEqual(['start', 'exit']);
    expect(entries).toHaveLength(kept + 2);
    expect(early.read()).toEqual(entries.slice(2));
  }
});

test('a line that is broken in the middle of a life is a mistake', () => {
  journal(0).close();
  appendFileSync(path, '{"is":"ex\n{"is":"exit","atNs":1,"code":0}\n');
  expect(() => new JournalReader(path).read()).toThrow('only a last line before a start is torn');
});

describe('evidence', () => {
  test('histories of all nodes lie on one order, and what a kill left open is unknown', () => {
    const evidence = new Evidence();
    const start = { is: 'start', incarnation: 0, atNs: 0 } as const;
    const invoke = (call: number, atNs: number) =>
      ({ is: 'invoke', call, operation: 'op', input: call, atNs }) as const;
    evidence.add('a', [
      start,
      invoke(0, 10),
      { is: 'end', call: 0, outcome: 'ok', output: 'result', atNs: 40 },
      invoke(1, 50),
    ]);
    evidence.add('b', [
      start,
      invoke(0, 20),
      { is: 'end', call: 0, outcome: 'fail', reason: 'no', atNs: 30 },
    ]);
    // Its second life counts from 0 again, while call 1 of the first was never ended.
    evidence.add('a', [
      { ...start, incarnation: 1, atNs: 60 },
      invoke(0, 70),
      invoke(1, 80),
      { is: 'end', call: 1, outcome: 'unknown', reason: 'lost', atNs: 90 },
      { is: 'end', call: 0, outcome: 'ok', atNs: 95 },
    ]);
    const shown = evidence
      .history()
      .map(({ process, called, returned, outcome, output, reason }) => [
        process,
        called,
        returned,
        outcome,
        outcome === 'ok' ? output : reason,
      ]);
    expect(shown).toEqual([
      ['a', 10, 40, 'ok', 'result'],
      ['b', 20, 30, 'fail', 'no'],
      ['a', 50, Infinity, 'unknown', undefined],
      ['a', 70, 95, 'ok', null],
      ['a', 80, Infinity, 'unknown', 'lost'],
    ]);
    expect(evidence.counts()).toEqual({ completed: 2, failed: 1, unknown: 2 });
  });

  test('how a life ended itself is forgotten when the next begins', () => {
    const evidence = new Evidence();
    evidence.add('a', [{ is: 'crash', reason: 'why', atNs: 1 }]);
    expect(evidence.endings.get('a')).toMatchObject({ reason: 'why' });
    evidence.add('a', [{ is: 'start', incarnation: 1, atNs: 2 }]);
    expect(evidence.endings.get('a')).toBe(undefined);
  });
});
