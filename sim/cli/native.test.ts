import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';
import { readDocument, typeAll } from './fixtures/document.ts';
import type { NativeJson } from './native.ts';

const HERE = { cwd: import.meta.dirname };

async function native(line: string) {
  return groundhog(['native', ...line.split(' ').filter(Boolean)], HERE);
}

test('without a program their names are listed', async () => {
  const { code, stdout } = await native('');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toContain('treiber-stack');
  expect(JSON.parse((await native('--json')).stdout)).toContain('treiber-stack');
});

test('all runs of a correct program pass, and it says that there are no others', async () => {
  const { code, stdout } = await native('spin-lock peterson');
  expect(stdout).toMatch(/^✓ spin-lock: passed in all \d+ runs that there are \(dpor, /);
  expect(stdout).toMatch(/\n✓ peterson: passed in all /);
  expect(code).toBe(0);
});

test('a broken program is found by each strategy, and the same command finds the same', async () => {
  for (const how of ['dpor', 'dfs --preemptions 1', 'pct --seed 7', 'random --seed 7']) {
    const line = `spin-lock-relaxed --json --strategy ${how}`;
    const { code, stdout } = await native(line);
    expect(code).toBe(1);
    const [found] = JSON.parse(stdout) as NativeJson[];
    expect(found).toMatchObject({ verdict: 'race', complete: false });
    const [again] = JSON.parse((await native(line)).stdout) as NativeJson[];
    expect({ ...again, wallMs: 0 }).toEqual({ ...found, wallMs: 0 });
  }
});

test('a search ends after so many runs, and does not call them all', async () => {
  const { code, stdout } = await native('treiber-stack --strategy random --runs 300');
  expect(stdout).toMatch(/^✓ treiber-stack: passed in 300 runs \(random, seed 1, /);
  expect(code).toBe(0);
});

test('the guide says what is printed', async () => {
  const { files, typed } = readDocument('native.md');
  expect(typed.length).toBeGreaterThan(3);
  expect(await typeAll(typed, tree(files))).toEqual(typed);
});
