import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../build.mjs';

const here = import.meta.dirname;

const program = await compile({
  sources: readdirSync(here)
    .filter((file) => file.endsWith('.cc'))
    .map((file) => join(here, file)),
  output: join(here, '../build/native-tests'),
  flags: ['-O1', '-g'],
});

/** One line a test: `ok` or `FAILED`, its sentence, and the check that did not hold. */
function results(args: string[] = []): string[][] {
  try {
    return parse(execFileSync(program, args, { encoding: 'utf8' }));
  } catch (error) {
    const { stdout, signal } = error as { stdout: string; signal: string | null };
    const done = parse(stdout);
    return signal === null ? done : [...done, ['FAILED', 'the program ends', `by ${signal}`]];
  }
}

function parse(output: string): string[][] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
}

const example = await compile({
  sources: [join(here, '../example/spinlock.cc')],
  output: join(here, '../build/example'),
  flags: ['-O1', `-I${join(here, '../..')}`],
});

test('the example finds its bug, and the schedule it names fails again', () => {
  const run = (args: string[]) => spawnSync(example, args, { encoding: 'utf8' });
  const found = run([]);
  expect(found.stdout).toMatch(/^schedule \d+: race: /);
  expect(found.status).toBe(1);
  expect(run([/\d+/.exec(found.stdout)![0]]).stdout).toBe(found.stdout);
});

for (const [outcome, sentence, broken] of results()) {
  test(sentence!, () => {
    expect(outcome, broken).toBe('ok');
  });
}

/** What all schedules of a small program come to; sim/threads/conformance.test.ts has the same of threads. */
interface Vector {
  readonly name: string;
  readonly threads: readonly string[];
  readonly passed: number;
  readonly classes: number;
  readonly bounded: readonly number[];
  readonly ends: readonly string[];
}

describe('the small programs that other engines run too', () => {
  const vectors: Vector[] = JSON.parse(readFileSync(join(here, 'conformance.json'), 'utf8'));
  const input = vectors.map(({ threads }) => `${threads.join(' | ')}\n`).join('');
  const lines = parse(execFileSync(program, ['conform'], { encoding: 'utf8', input }));
  const found = lines.map(([search, passed, classes, ends]) => ({
    search,
    passed: Number(passed),
    classes: Number(classes),
    ends: ends!.split(','),
  }));

  test.each(vectors.map((vector, at) => [vector.name, vector, at] as const))(
    '%s',
    (_, vector, at) => {
      const { passed, classes, ends, bounded } = vector;
      const [all, reduced, ...within] = found.slice(4 * at, 4 * at + 4);
      expect(all).toEqual({ search: 'dfs', passed, classes, ends });
      expect(reduced).toMatchObject({ search: 'dpor', classes, ends });
      expect(within.map((one) => one.passed)).toEqual(bounded);
    },
  );

  test('few classes are run twice by the reduction', () => {
    const sum = (of: (one: Vector) => number) => vectors.reduce((total, one) => total + of(one), 0);
    const runs = found.filter(({ search }) => search === 'dpor');
    const made = runs.reduce((total, { passed }) => total + passed, 0);
    expect(made).toBeLessThan(1.1 * sum(({ classes }) => classes));
  });
});

test('a test that does not end is named, and ends the program', () => {
  expect(results(['endless'])).toEqual([['FAILED', 'a test without end', 'it does not end']]);
});
