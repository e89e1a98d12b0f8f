import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { groundhog } from './fixtures/command.ts';

test.each([
  ['live', /--for <time> .*\(default: 10s\)/],
  ['run', /--workers <count> .*at most 8 a core/],
])('%s --help says values that may be given', async (command, said) => {
  const { code, stdout } = await groundhog([command, '--help'], { cwd: tmpdir() });
  expect(stdout.replace(/\s+/g, ' ')).toMatch(said);
  expect(code).toBe(0);
});
