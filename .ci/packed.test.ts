// The package as others get it: packed, installed in an empty folder of a machine without a compiler,
// and used as the README says.
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
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
  const install = ['install', '-D', '--no-audit', '--no-fund', tarball, `vitest@${version}`];
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
    /^(LICENSE|README\.md|package\.json|docs\/[\w-]+\.md|sim\/cli\/groundhog\.mjs|sim\/\w+\/\w+\.schema\.json|native\/build\.mjs|native\/(addon|alloc|core|pool|port)\/\w+\.(h|cc)|prebuilds\/[\w-]+\/groundhog\.node|dist\/.*\.(js|d\.ts))$/;
  expect(paths.filter((path) => !known.test(path))).toEqual([]);
  const sources = paths
    .filter((path) => path.endsWith('.js'))
    .map((path) => path.replace(/^dist\/(.*)\.js$/, '$1.ts'));
  expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("the README's first test finds its planted bug", () => {
  write('first.test.ts', firstCode());
  const { status, stdout, stderr } = inProject('npx', ['vitest', 'run']);
  const output = `${stdout}${stderr}`;
  expect(output).toMatch(/1 failed/);
  expect(output).toMatch(/groundhog replay|npx vitest/);
  expect(status).toBe(1);
});

test('a file with a race is found by groundhog run, and replayed by what it prints', () => {
  write(
    'race.mjs',
    `import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

let balance = 100;
async function withdraw(amount) {
  if (balance < amount) return;
  await sleep(Math.random() * 10);
  balance -= amount;
}
await Promise.all([withdraw(70), sleep(Math.random() * 20).then(() => withdraw(70))]);
assert.ok(balance >= 0, \`overdrawn: \${balance}\`);
`,
  );
  const run = inProject('npx', ['groundhog', 'run', './race.mjs', '--seeds', '200']);
  expect(run.stdout).toContain('overdrawn: -40');
  expect(run.status).toBe(1);
  const command = run.stdout.trim().split('\n').at(-1)!.trim();
  expect(command).toMatch(/groundhog replay .*race\.mjs --seed \d+$/);
  const replay = inProject('sh', ['-c', command]);
  expect(replay.stdout).toContain('overdrawn: -40');
  expect(replay.status).toBe(1);
});

test('the scenarios that come with it run, on native memory', () => {
  const { status, stdout } = inProject('npx', ['groundhog', 'run', 'register', '--seeds', '5']);
  expect(stdout).toContain('passed');
  expect(status).toBe(0);
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

/** The first block of code of the README. */
function firstCode(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const block = /^```(?:ts|js|typescript|javascript)\b[^\n]*\n(.*?)^```/ms.exec(readme);
  return block?.[1] ?? WITHOUT_README;
}

const WITHOUT_README = `import { explore } from 'groundhog/vitest';
import { expect } from 'vitest';

explore('two withdrawals', { seeds: 200 }, async ({ env }) => {
  let balance = 100;
  const withdraw = async () => {
    if (balance < 70) return;
    await env.timers.sleep(env.random.integer('pause', { min: 0, max: 9 }));
    balance -= 70;
  };
  await Promise.all([withdraw(), withdraw()]);
  expect(balance).toBeGreaterThanOrEqual(0);
});
`;

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
