import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';

const CLI = join(import.meta.dirname, '..', 'cli', 'groundhog.mjs');

test.for([{ CI: '1' }, { NO_COLOR: '1' }, {}])('a pipe gets no colours: %o', (variables) => {
  const cwd = tree({ 'sound.mjs': 'await null;' });
  const { FORCE_COLOR: _, CI: __, NO_COLOR: ___, ...rest } = process.env;
  const env = { ...rest, ...variables };
  const args = [CLI, 'run', 'sound.mjs', '--seed', '1'];
  const output = execFileSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  expect(output).toMatch(/^sound.mjs: passed {2}1 seed/);
});
