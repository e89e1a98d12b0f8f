/** Where nothing can be written a bug is told all the same. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog, withoutProgress } from './fixtures/command.ts';
import { seedOfBoth, TWO_FAILURES } from './fixtures/two-failures.ts';

/** A file stands where the folder would be: that stops root as well. */
const FILES = {
  '.groundhog': '',
  'fails.mjs': `await new Promise((done) => setTimeout(done, Math.random() * 5));
throw new Error('planted');`,
};

test('run tells the story, why it is not kept, and the replay', async () => {
  const { code, stdout, stderr } = await groundhog(['run', './fails.mjs', '--seeds', '3'], {
    cwd: tree(FILES),
  });
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toContain('planted');
  expect(stdout).toContain('The smallest story');
  expect(stdout).toMatch(/ {2}the story could not be kept: ENOTDIR: .*bugs'\n/);
  expect(stdout).toMatch(/ {2}the run could not be recorded: ENOTDIR: .*runs'\n/);
  expect(stdout.trimEnd()).toMatch(/npx groundhog replay \.\/fails\.mjs --seed 1$/);
});

test('under --json the files that are not there are null', async () => {
  const args = ['run', './fails.mjs', '--seeds', '1', '--json'];
  const { code, stdout, stderr } = await groundhog(args, { cwd: tree(FILES) });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout).failures).toMatchObject([{ story: null, run: null }]);
});

test('shrink tells the story, and its command is the seed', async () => {
  const { code, stdout, stderr } = await groundhog(['shrink', './fails.mjs', '--seed', '1'], {
    cwd: tree(FILES),
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toContain('the story could not be kept: ENOTDIR');
  expect(stdout.trimEnd()).toMatch(/npx groundhog replay \.\/fails\.mjs --seed 1$/);
});

test('a file that was asked for and cannot be written is bad input', async () => {
  const args = ['shrink', './fails.mjs', '--seed', '1', '-o', '.groundhog/a.story.json'];
  const { code, stdout, stderr } = await groundhog(args, { cwd: tree(FILES) });
  expect(code).toBe(2);
  expect(stdout).toContain('the story could not be kept: ');
  expect(stderr).toMatch(/^groundhog: [^\n]*\.groundhog[^\n]*\n$/);
});

test('a story that can be written elsewhere says that the bug base does not have it', async () => {
  const cwd = tree(FILES);
  const args = ['shrink', './fails.mjs', '--seed', '1', '-o', 'a.story.json'];
  const { code, stdout, stderr } = await groundhog(args, { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    / {2}story in a\.story\.json\n {2}it could not be entered into the bug base: ENOTDIR: .*bugs'\n/,
  );
  const json = await groundhog([...args, '--json'], { cwd });
  expect(JSON.parse(json.stdout).failure.unlisted).toMatch(/^ENOTDIR: /);
});

test('an entry of the bug base that is broken is named below the story', async () => {
  const cwd = tree({ 'fails.mjs': FILES['fails.mjs'] });
  const args = ['run', './fails.mjs', '--seed', '1'];
  await groundhog(args, { cwd });
  const bugs = join(cwd, '.groundhog/bugs');
  const entry = readdirSync(bugs).find((name) => name.endsWith('.bug.json'))!;
  writeFileSync(join(bugs, entry), 'x');
  const { code, stdout, stderr } = await groundhog(args, { cwd });
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toContain(`bug base: ${entry} in .groundhog/bugs is not JSON: remove it\n`);
});

test('another failure that shrinking meets is told without its run', async () => {
  const cwd = tree({
    '.groundhog': '',
    'two.mjs': TWO_FAILURES,
  });
  const seed = await seedOfBoth('./two.mjs', cwd);
  const run = await groundhog(['run', './two.mjs', '--seed', seed], { cwd });
  expect({ code: run.code, stderr: withoutProgress(run.stderr) }).toEqual({ code: 1, stderr: '' });
  expect(run.stdout).toMatch(
    /another failure: uncaught Error: only a \[main\]\n {2}its run could not be recorded: ENOTDIR: /,
  );
  const json = await groundhog(['run', './two.mjs', '--seed', seed, '--json'], { cwd });
  expect(JSON.parse(json.stdout).others).toEqual([
    { signature: 'uncaught Error: only a [main]', recorded: null },
  ]);
});
