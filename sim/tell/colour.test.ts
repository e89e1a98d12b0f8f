import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CLI = join(import.meta.dirname, '..', 'cli', 'groundhog.mjs');

test.for([{ CI: '1' }, { NO_COLOR: '1' }, {}])('a pipe gets no colours: %o', (variables) => {
  const { FORCE_COLOR: _, CI: __, NO_COLOR: ___, ...rest } = process.env;
  const env = { ...rest, ...variables };
  const args = [CLI, 'run', 'register', '--seed', '1'];
  const output = execFileSync(process.execPath, args, { env, encoding: 'utf8' });
  expect(output).toMatch(/^register: passed {2}1 seed/);
});
