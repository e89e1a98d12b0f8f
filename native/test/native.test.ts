import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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

test('a test that does not end is named, and ends the program', () => {
  expect(results(['endless'])).toEqual([['FAILED', 'a test without end', 'it does not end']]);
});
