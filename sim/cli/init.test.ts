import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { groundhog, vitest, withoutProgress } from './fixtures/command.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

interface Project {
  readonly manifest: object | undefined;
  readonly vitest?: boolean;
}

function project({ manifest, vitest }: Project): string {
  const folder = mkdtempSync(join(tmpdir(), 'groundhog-init-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(PACKAGE, join(folder, 'node_modules/groundhog'));
  if (vitest)
    symlinkSync(join(PACKAGE, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
  if (manifest !== undefined) {
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, '\t')}\n`);
  }
  return folder;
}

/** What a command that passes prints. */
async function printedBy(folder: string, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await groundhog(words, { cwd: folder });
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const PROJECTS: { readonly [kind: string]: Project & { readonly writes: readonly string[] } } = {
  'ES modules in TypeScript': {
    manifest: { type: 'module', devDependencies: { typescript: '7' } },
    vitest: true,
    writes: ['counter.sim.ts', 'counter.test.ts', 'counter.ts'],
  },
  'CommonJS in TypeScript': {
    manifest: { devDependencies: { typescript: '7' } },
    vitest: true,
    writes: ['counter.mts', 'counter.sim.mts', 'counter.test.mts'],
  },
  'ES modules in JavaScript': {
    manifest: { type: 'module' },
    vitest: true,
    writes: ['counter.js', 'counter.sim.js', 'counter.test.js'],
  },
  'CommonJS in JavaScript without vitest': {
    manifest: { name: 'plain' },
    writes: ['counter.mjs', 'counter.sim.mjs'],
  },
};

describe.each(Object.entries(PROJECTS))('%s', (_, { writes, ...kind }) => {
  test('what it writes passes at once, and finds the bug that it names', async () => {
    const folder = project(kind);
    const printed = await printedBy(folder, 'init');
    for (const file of writes) expect(printed).toContain(`wrote  sim/${file}`);
    expect(await printedBy(folder, 'run', '--seeds', '40')).toContain('counter: passed  40 seeds');

    const [, path, line] = /the condition in (\S+):(\d+)/.exec(printed)!;
    const programs = join(folder, path!);
    const lines = readFileSync(programs, 'utf8').split('\n');
    lines[Number(line) - 1] = lines[Number(line) - 1]!.replace('if (!seen.has(id)) ', '');
    writeFileSync(programs, lines.join('\n'));
    const changed = { cwd: folder, alone: true } as const;
    const broken = await groundhog(['run', 'counter', '--seeds', '200'], changed);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/a datagram from client-\d to server-1 is doubled/);
  });

  test.runIf(kind.vitest)(
    'its test passes',
    async () => {
      const folder = project(kind);
      await printedBy(folder, 'init');
      expect((await vitest(['run'], { cwd: folder })).stdout).toMatch(/Tests +1 passed/);
    },
    30_000,
  );
});

test('what it writes passes as real processes', async () => {
  const folder = project(PROJECTS['ES modules in TypeScript']!);
  await printedBy(folder, 'init');
  expect(await printedBy(folder, 'live', 'counter', '--for', '1s')).toMatch(
    /^counter: passed {2}/m,
  );
}, 30_000);

test('package.json keeps its indentation and its other words', async () => {
  const folder = project({
    manifest: { name: 'mine', scripts: { sim: 'other' }, version: '1.0.0' },
  });
  await printedBy(folder, 'init');
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  expect(text).toBe(
    '{\n\t"name": "mine",\n\t"scripts": {\n\t\t"sim": "other"\n\t},\n\t"version": "1.0.0"\n}\n',
  );
});

test('a second time, files are left as they are', async () => {
  const folder = project({ manifest: {} });
  await printedBy(folder, 'init');
  writeFileSync(join(folder, 'sim/counter.mjs'), '// mine\n');
  expect(await printedBy(folder, 'init')).toContain('kept   sim/counter.mjs, which was there');
  expect(readFileSync(join(folder, 'sim/counter.mjs'), 'utf8')).toBe('// mine\n');
});

test('recorded runs are kept out of git', async () => {
  const folder = project({ manifest: {} });
  writeFileSync(join(folder, '.gitignore'), 'node_modules');
  await printedBy(folder, 'init');
  await printedBy(folder, 'init');
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('node_modules\n.groundhog/\n');
});

test('where there is no git, it says what to keep out of what there is', async () => {
  const note = 'runs are recorded in .groundhog/: keep it out of version control';
  const folder = project({ manifest: {} });
  expect(await printedBy(folder, 'init')).toContain(note);
  expect(existsSync(join(folder, '.gitignore'))).toBe(false);
  mkdirSync(join(folder, '.git'));
  expect(await printedBy(folder, 'init')).not.toContain(note);
  expect(await printedBy(folder, 'init')).not.toContain(note);
});

test.each([
  ['without a package.json', undefined, 'there is no package.json in this folder'],
  ['with a broken one', '{', 'package.json is not JSON'],
])('%s nothing is written', async (_, text, says) => {
  const folder = project({ manifest: undefined });
  if (text !== undefined) writeFileSync(join(folder, 'package.json'), text);
  const ended = await groundhog(['init'], { cwd: folder });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(says);
  expect(existsSync(join(folder, 'sim'))).toBe(false);
});
