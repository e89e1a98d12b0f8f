// The package as others get it: packed, installed in an empty folder of a machine without a compiler,
// and used as the README says.
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'groundhog-packed-'));
const project = join(work, 'project');
const bin = join(work, 'bin');

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}
let packed: Packed;

beforeAll(() => {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', work];
  [packed] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' })) as [Packed];
  mkdirSync(bin);
  for (const name of ['node', 'npm', 'npx', 'sh']) {
    symlinkSync(realpathSync(onPath(name)), join(bin, name));
  }
  mkdirSync(project);
  write('package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }));
  const { version } = JSON.parse(
    readFileSync(join(ROOT, 'node_modules/vitest/package.json'), 'utf8'),
  ) as { version: string };
  const tarball = join(work, packed.filename);
  const install = [
    'install',
    '-D',
    '--no-audit',
    '--no-fund',
    tarball,
    `vitest@${version}`,
    'async-mutex@0.3.2',
  ];
  const { status, stderr } = inProject('npm', install);
  expect(stderr).not.toMatch(/ERR!/);
  expect(status).toBe(0);
});

afterAll(() => rmSync(work, { recursive: true }));

test('there is no compiler on the path', () => {
  for (const name of ['g++', 'cc', 'make', 'python3']) {
    expect(inProject('sh', ['-c', `command -v ${name}`]).status).not.toBe(0);
  }
});

test('the tarball holds what is needed and nothing else', () => {
  const paths = packed.files.map(({ path }) => path);
  const superfluous =
    /\.(test|bench)\.|\/(fixtures|oracle|conformance)\/|\.map$|tsbuildinfo|\.sim\.ts$/;
  expect(paths.filter((path) => superfluous.test(path))).toEqual([]);
  const known =
    /^(LICENSE|README\.md|package\.json|docs\/[\w-]+\.md|sim\/cli\/groundhog\.mjs|sim\/\w+\/\w+\.schema\.json|native\/build\.mjs|native\/(addon|alloc|core|ds|example|pool|port|programs)\/\w+\.(h|cc)|prebuilds\/[\w-]+\/groundhog\.node|dist\/.*\.(js|d\.ts))$/;
  expect(paths.filter((path) => !known.test(path))).toEqual([]);
  const sources = paths
    .filter((path) => path.endsWith('.js'))
    .map((path) => path.replace(/^dist\/(.*)\.js$/, '$1.ts'));
  expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("the README's first test finds its planted bug", () => {
  write('shop.test.ts', codeOf('shop.test.ts'));
  const { status, stdout, stderr } = inProject('npx', ['vitest', 'run']);
  const output = `${stdout}${stderr}`;
  expect(output).toMatch(/1 failed/);
  expect(output).toMatch(/GROUNDHOG_SEED=\d+ npx vitest run shop\.test\.ts/);
  expect(status).toBe(1);
});

test("the README's file is found to have a race, and what is printed replays it", () => {
  write('race.mjs', codeOf('race.mjs'));
  const run = inProject('npx', ['groundhog', 'run', './race.mjs']);
  expect(run.stdout).toContain('uncaught AssertionError');
  expect(run.status).toBe(1);
  const command = run.stdout.trim().split('\n').at(-1)!.trim();
  expect(command).toMatch(/groundhog replay .*race\.mjs --seed \d+$/);
  const replay = inProject('sh', ['-c', command]);
  expect(replay.stdout).toContain('uncaught AssertionError');
  expect(replay.status).toBe(1);
});

test('the scenarios that come with it run, on native memory', () => {
  const { status, stdout } = inProject('npx', ['groundhog', 'run', 'register', '--seeds', '5']);
  expect(stdout).toContain('passed');
  expect(status).toBe(0);
});

test('without its binary native memory says what to install, and all else works', () => {
  const installed = join(project, 'node_modules/groundhog');
  renameSync(join(installed, 'prebuilds'), join(work, 'prebuilds'));
  const needs = inProject('npx', ['groundhog', 'run', 'register', '--seeds', '5']);
  const needsNot = inProject('npx', ['groundhog', 'run', './race.mjs', '--seeds', '5']);
  renameSync(join(work, 'prebuilds'), join(installed, 'prebuilds'));
  expect(needs.stderr).toMatch(
    /^groundhog: native memory is not built for [^\n]*: install g\+\+ [^\n]*, then run: node \S+$/m,
  );
  expect(needs.status).toBe(2);
  expect(needsNot.stdout).toContain('race.mjs: passed');
});

test('all entry points load', () => {
  const names = Object.keys(
    (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { exports: object }).exports,
  ).filter((name) => !/\.json$|vitest$/.test(name));
  const imports = names.map((name) => `await import('groundhog${name.slice(1)}');`).join('\n');
  const { status, stderr } = inProject('node', ['--input-type=module', '-e', imports]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

/** The block of the README with this file. */
function codeOf(name: string): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const block = [...readme.matchAll(/^```\w+ (\S+)\n(.*?)^```/gms)].find(
    ([, file]) => file === name,
  );
  return block![2]!;
}

function inProject(command: string, args: readonly string[]): SpawnSyncReturns<string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VITEST|npm_|NODE_)/.test(name));
  const env = { ...Object.fromEntries(kept), PATH: bin, NO_COLOR: '1', CI: '1' };
  return spawnSync(join(bin, command), args, { cwd: project, env, encoding: 'utf8' });
}

function write(name: string, content: string): void {
  writeFileSync(join(project, name), content);
}

function onPath(name: string): string {
  const folders = process.env['PATH']!.split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))!;
}
