/** `groundhog run` of a scenario with `modules: 'shared'` whose programs share more than they may. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const GROUNDHOG = fileURLToPath(new URL('./groundhog.mjs', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundhog-shared-'));
  writeFileSync(
    join(folder, 'node.mjs'),
    'let starts = 0;\nexport default async (env) => env.log.info(String(++starts));\n',
  );
  for (const modules of ['shared', 'fresh']) {
    const roles = '{ node: { program: "./node.mjs", count: 2 } }';
    writeFileSync(
      join(folder, `${modules}.sim.mjs`),
      `import { scenario } from 'groundhog';\n` +
        `export default scenario({ name: '${modules}', roles: ${roles}, modules: '${modules}' });\n`,
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function groundhog(...args: string[]): { status: number | null; stdout: string } {
  const settings = {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  } as const;
  return spawnSync(process.execPath, [GROUNDHOG, ...args], settings);
}

test('ends as diverged, names the seed and the way out, and gives the replay last', () => {
  const { status, stdout } = groundhog('run', 'shared', '--seeds', '20');
  expect(status).toBe(3);
  expect(stdout).toContain(
    'seed 1 runs differently with fresh modules: state at module level leaks',
  );
  expect(stdout).toContain("or say modules: 'fresh'");
  expect(stdout.trimEnd().split('\n').at(-1)).toContain('groundhog replay shared --seed 1');
}, 60_000);

test('its replay says the same', () => {
  const { status, stdout } = groundhog('replay', 'shared', '--seed', '1');
  expect(status).toBe(3);
  expect(stdout).toContain('seed 1 runs differently with fresh modules');
}, 60_000);

test('with fresh modules the same programs pass', () => {
  expect(groundhog('run', 'fresh', '--seeds', '20').status).toBe(0);
}, 60_000);
