import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog, withoutProgress } from './fixtures/command.ts';

// The summary comes first, then the story after some hundred runs: time enough to close the pipe.
test('a reader that has read enough changes neither the verdict nor what is said', async () => {
  const cwd = tree({
    'fails.mjs': `for (let i = 0; i < 20; i++) {
  await new Promise((done) => setTimeout(done, Math.random() * 5));
}
if (Math.random() < 0.9) throw new Error('planted');`,
  });
  const args = ['run', './fails.mjs', '--seeds', '20', '--workers', '1'];
  const { code, stdout, stderr } = await groundhog(args, { cwd, head: true });
  expect(stdout).toContain('fails.mjs: violated');
  expect(withoutProgress(stderr)).toBe('');
  expect(code).toBe(1);
});
