import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';
import { readDocument, typeAll } from './fixtures/document.ts';
import type { FuzzJson } from './fuzz.ts';

const { typed } = readDocument('fuzzing.md');

test('the guide says what is printed', async () => {
  expect(await typeAll(typed, tree({}))).toEqual(typed);
});

test('what is found is saved, made small, and fails again', async () => {
  const cwd = tree({});
  const { code, stdout, stderr } = await groundhog(['fuzz', 'canary', '--seed', '3', '--json'], {
    cwd,
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const { target, seed, found } = JSON.parse(stdout) as FuzzJson;
  expect({ target, seed }).toEqual({ target: 'canary', seed: '3' });
  expect(readFileSync(join(cwd, found!.file))).toHaveLength(found!.bytes);
  const again = await groundhog([...found!.replay.split(' ').slice(2), '--json'], { cwd });
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ message: 'Error: the planted bug' });
});

test('without a target the readers share the budget', async () => {
  const cwd = tree({});
  const { code, stdout, stderr } = await groundhog(
    ['fuzz', '--runs', '50', '--seed', '1', '--json'],
    {
      cwd,
    },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject(
    ['ghr', 'story', 'scenario'].map((target) => ({ target, runs: 50, found: null })),
  );
  expect(readdirSync(cwd)).toEqual([]);
});

test('an input that is handled as it should be passes', async () => {
  const cwd = tree({ 'a.bin': 'hog' });
  const { code, stdout } = await groundhog(['fuzz', 'canary', 'a.bin'], { cwd });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'canary: handled as it should  a.bin\n' });
});

test('Ctrl-C ends it with what was done so far', async () => {
  const options = { cwd: tree({}), interruptAt: /^seed \d+\n/ };
  const { code, stdout } = await groundhog(['fuzz', '--budget', '10m'], options);
  expect(code).toBe(130);
  expect(stdout).toMatch(/^seed \d+\n(ghr: nothing found {2}[\d,]+ runs? .*\n)?$/);
});

test.each([
  [['canry'], /^groundhog: a fuzz target is one of .*, not 'canry'; did you mean 'canary'\?$/m],
  [['ghr', 'none.bin'], /^groundhog: ENOENT: .*none\.bin/],
  [['ghr', '--runs', '0'], /'0' is invalid\. A whole number from 1 is needed\./],
  [
    ['ghr', '--budget', 'long'],
    /'long' is invalid\. A time is written 500ms, 30s, 10m or 2h, and is more than 0\./,
  ],
])('fuzz %j is wrong usage', async (args, message) => {
  const { code, stdout, stderr } = await groundhog(['fuzz', ...args], { cwd: tree({}) });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});
