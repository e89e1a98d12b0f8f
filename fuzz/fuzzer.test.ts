import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type LoadedTarget, loadFuzzTarget, TARGET_NAMES, targetFile } from './bundle.ts';
import { Fuzzer, type FuzzOptions, failureOf, signatureOf } from './fuzzer.ts';
import { hashOf, minimised, needed, readCorpus } from './kept.ts';
import type { FuzzTarget } from './target.ts';

const NO_LIMIT = 60_000;
const READERS = TARGET_NAMES.filter((name) => name !== 'canary');

function fuzzed(loaded: LoadedTarget, runs: number, options: Partial<FuzzOptions> = {}): Fuzzer {
  const fuzzer = new Fuzzer(loaded, { seed: '1', corpus: [], guidance: 'edges', ...options });
  fuzzer.slice(runs, NO_LIMIT);
  return fuzzer;
}

/** A target without counters. */
function bare(run: FuzzTarget['run']): LoadedTarget {
  const target = { name: 'bare', words: [], bytesMax: 16, starts: [], run };
  return { target, edges: new Uint8Array(1) };
}

describe('the canary', () => {
  const canary = loadFuzzTarget(targetFile('canary'));
  // Blind mutations of nothing at all have to get four bytes and the last one right at once, which
  // takes billions of runs. Guided ones took at most 399,406 runs from seeds 1 to 20.
  const RUNS = 500_000;

  test.each(['1', '2', '3'])('is found by edges, and not blindly, from seed %s', (seed) => {
    const guided = fuzzed(canary, RUNS, { seed });
    expect(guided.finding?.message).toBe('Error: the planted bug');
    const blind = fuzzed(canary, guided.runs, { seed, guidance: 'blind' });
    expect(blind).toMatchObject({ finding: undefined, runs: guided.runs });
  });

  test('is made small: nothing in it can go', () => {
    const { input, message } = fuzzed(canary, RUNS).smallest();
    expect(message).toBe('Error: the planted bug');
    for (const gone of input.keys()) {
      const less = input.filter((_, at) => at !== gone);
      expect(failureOf(canary.target, less)).toBeUndefined();
    }
  });
});

test('a number of runs is the same each time, and another from another seed', () => {
  const digest = (seed: string, slices: readonly number[]): string => {
    const loaded = loadFuzzTarget(targetFile('story'));
    const fuzzer = new Fuzzer(loaded, { seed, corpus: readCorpus('story'), guidance: 'edges' });
    for (const runs of slices) fuzzer.slice(runs, NO_LIMIT);
    return `${fuzzer.runs} ${fuzzer.edges} ${hashOf(...fuzzer.corpus)}`;
  };
  const whole = digest('a', [600]);
  expect(digest('a', [1, 200, 600])).toBe(whole);
  expect(digest('b', [600])).not.toBe(whole);
});

test('an input that never returns is a finding', () => {
  const endless = bare((input) => {
    for (let at = 0; input.length > 2; at++) if (at < 0) return;
  });
  const options = { seed: '1', corpus: [], guidance: 'edges', hangMs: 100 } as const;
  const fuzzer = new Fuzzer(endless, options);
  fuzzer.slice(1_000, 100);
  expect(fuzzer.finding).toMatchObject({ is: 'hang', message: 'does not return in 100 ms' });
  expect(fuzzer.smallest()).toBe(fuzzer.finding);
});

test('what is thrown may be anything', () => {
  const throwsNull = bare(() => {
    throw null;
  });
  expect(fuzzed(throwsNull, 1).finding).toMatchObject({ message: 'threw null' });
});

test('a corpus is made few and small, and takes the same edges', () => {
  const inputs = ['hog!', 'h', 'xyz', 'hogs and more', 'ho'].map((text) => Buffer.from(text));
  const canary = loadFuzzTarget(targetFile('canary'));
  const texts = minimised(canary, inputs).map((input) => Buffer.from(input).toString());
  expect(texts.sort()).toEqual(['', 'h', 'ho', 'hog']);
});

test('signatures leave out what differs from input to input', () => {
  expect(signatureOf('Error: at byte 7 "a\\"b" is not \'x\'')).toBe('Error: at byte # … is not …');
});

describe.each(READERS)('%s', (name) => {
  const corpus = readCorpus(name);

  test('handles its kept corpus without counters as with them', async () => {
    const { target } = (await import(targetFile(name))) as { target: FuzzTarget };
    const instrumented = loadFuzzTarget(targetFile(name));
    for (const input of corpus) {
      expect(failureOf(target, input)).toBeUndefined();
      expect(failureOf(instrumented.target, input)).toBeUndefined();
    }
  });

  test('has a corpus from which no input can go', () => {
    const loaded = loadFuzzTarget(targetFile(name));
    expect(corpus.length).toBeGreaterThan(10);
    expect(needed(loaded, corpus)).toEqual(corpus);
  });

  test('has a corpus that takes more edges than short fuzzing does', () => {
    const loaded = loadFuzzTarget(targetFile(name));
    const known = fuzzed(loaded, corpus.length + 3, { corpus });
    const fresh = fuzzed(loaded, corpus.length + 3);
    expect(known.edges).toBeGreaterThan(fresh.edges);
  });

  test('withstands a short fuzzing', () => {
    const { finding, runs } = fuzzed(loadFuzzTarget(targetFile(name)), 1_500, { corpus });
    expect(finding).toBeUndefined();
    expect(runs).toBe(1_500);
  });
});

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** A target in a copy of the sources in which one line is another. */
function mutant(name: string, file: string, from: string, to: string): LoadedTarget {
  const folder = mkdtempSync(join(tmpdir(), 'groundhog-mutant-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const part of ['fuzz', 'sim']) {
    const isSource = (path: string): boolean => !/\.test\.ts$|[\\/](corpus|fixtures)$/.test(path);
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: isSource });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const text = readFileSync(join(folder, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, file), text.replace(from, to));
  return loadFuzzTarget(join(folder, 'fuzz/targets', `${name}.ts`));
}

test.each([
  ['ghr', 'sim/trace/bytes.ts', 'if (count > this.left)', 'if (count > this.left + 8)'],
  ['ghr', 'sim/trace/ghr-decisions.ts', 'size === 0 && flags & NEGATIVE', 'false'],
  ['ghr', 'sim/trace/ghr-full-record.ts', 'names.length - 1, what', 'names.length, what'],
  ['ghr', 'sim/trace/ghr-full-record.ts', 'back === 0 ? 0 : number - back', 'number - back'],
  ['story', 'sim/trace/json-text.ts', 'super(onOneLine(message))', 'super(message)'],
  ['story', 'sim/trace/story.ts', 'span >= spans.length', 'false'],
  ['story', 'sim/trace/story.ts', "startsWith('{')) throw foreign", "startsWith('{')) throw Error"],
  ['scenario', 'sim/trace/place.ts', 'column: offset - begin + 1', 'column: offset - begin + 2'],
  [
    'scenario',
    'sim/scenario/file.ts',
    'if (!(error instanceof JsonTextError)) throw error;',
    'throw error;',
  ],
])('fuzzing %s finds it when %s has no %j', (name, file, from, to) => {
  const { finding } = fuzzed(mutant(name, file, from, to), 6_000, { corpus: readCorpus(name) });
  expect(finding).toBeDefined();
});
