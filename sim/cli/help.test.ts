import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildSync, type Metafile } from 'esbuild';
import { expect, test } from 'vitest';
import { groundhog } from './fixtures/command.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

test.each([
  ['live', /--for <time> .*\(default: 10s\)/],
  ['run', /--workers <count> .*at most 8 a core/],
])('%s --help says values that may be given', async (command, said) => {
  const { code, stdout } = await groundhog([command, '--help'], { cwd: tmpdir() });
  expect(stdout.replace(/\s+/g, ' ')).toMatch(said);
  expect(code).toBe(0);
});

test('it loads no command before one is typed', () => {
  const { metafile } = buildSync({
    entryPoints: ['sim/cli/main.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    absWorkingDir: PROJECT,
  });
  const loaded = loadedWith('sim/cli/main.ts', metafile);
  expect(loaded).toContain('sim/cli/exit.ts');
  expect(loaded).not.toContain('sim/cli/run.ts');
  expect(loaded).not.toContain('sim/campaign/targets.ts');
});

/** The modules that are there once this one is, as seen from the project's folder. */
function loadedWith(file: string, { inputs }: Metafile): readonly string[] {
  const loaded = new Set([file]);
  for (const one of loaded) {
    for (const { path, kind } of inputs[one]?.imports ?? []) {
      if (kind === 'import-statement') loaded.add(path);
    }
  }
  return [...loaded];
}
