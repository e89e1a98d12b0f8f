/** Where nothing can be written a bug is told all the same. */
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';

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
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
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
