import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as plainTest, vi } from 'vitest';

const GROUNDHOG = fileURLToPath(new URL('./groundhog.mjs', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../live/fixtures/programs.mjs', import.meta.url));

/** A register that loses at a kill what it had acknowledged, and one who notices. */
const FORGETS = `
import { scenario } from 'groundhog';
import { linearizable, register } from 'groundhog/check';
export default scenario({
  name: 'forgets',
  roles: {
    keeper: { program: '${PROGRAMS}#forgets' },
    reader: { program: '${PROGRAMS}#readsAcrossRestart' },
  },
  check: (run) => linearizable(run.history, register()),
});
export const throws = scenario({
  name: 'throws',
  roles: { one: { program: '${PROGRAMS}#throwsAtOnce' } },
});
export const judges = scenario({
  name: 'judges',
  roles: { one: { program: '${PROGRAMS}#returns' } },
  check() { throw new Error('planted'); },
});
export const spared = scenario({
  name: 'spared',
  roles: {
    keeper: { program: '${PROGRAMS}#forgets' },
    reader: { program: '${PROGRAMS}#readsForLong' },
  },
  faults: 'net',
  check: ({ history }) => history.length > 0,
});
export const nothing = scenario({
  name: 'nothing',
  roles: { one: { program: '${PROGRAMS}#returns' } },
  check: (run) => run.history.length === 0,
});
`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder to run `groundhog live` in, where runs that do not pass leave their files too. */
class Stage {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'groundhog-test-'));
  /** Stands in the environment of all processes of the test. */
  private readonly mark = `GROUNDHOG_TEST=${randomUUID()}`;

  constructor() {
    writeFileSync(join(this.folder, 'forgets.sim.mjs'), FORGETS);
  }

  begin(words: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const { folder, mark } = this;
    const [name, value] = mark.split('=') as [string, string];
    return spawn(process.execPath, [GROUNDHOG, 'live', ...words], {
      cwd: folder,
      detached: true,
      env: { ...process.env, TMPDIR: folder, NO_COLOR: '1', [name]: value, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  live(words: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
    return ended(this.begin(words, env));
  }

  /** Processes of this test that run. */
  running(): string[] {
    return readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return readFileSync(`/proc/${name}/environ`, 'utf8').includes(this.mark);
      } catch {
        // It has ended, or is not ours to look into.
        return false;
      }
    });
  }
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout!.on('data', (text) => (out += text));
  child.stderr!.on('data', (text) => (err += text));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

// Nothing here is a matter of speed, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const test = plainTest.extend<{ stage: Stage }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it which fixtures this one needs.
  stage: async ({}, use) => {
    const stage = new Stage();
    await use(stage);
    expect(stage.running()).toEqual([]);
    rmSync(stage.folder, { recursive: true });
  },
}).concurrent;

test('a register of processes stays linearizable under kill -9', async ({ stage }) => {
  const { code, out, err } = await stage.live([
    'register',
    '--for',
    '2500ms',
    '--seed',
    '7',
    '--json',
  ]);
  expect(err).toBe('');
  const result = JSON.parse(out);
  expect(result).toMatchObject({
    scenario: 'register',
    seed: '7',
    verdict: 'passed',
    failures: [],
    operations: { failed: 0 },
    interrupted: false,
    directory: null,
  });
  expect(result.operations.completed).toBeGreaterThan(0);
  expect(result.kills).toBeGreaterThan(0);
  expect(result.restarts).toBe(result.kills);
  for (const { role, kills, starts } of result.nodes) {
    expect(starts).toBe(kills + 1);
    if (role === 'client') expect(kills).toBe(0);
  }
  expect(code).toBe(0);
  expect(readdirSync(stage.folder)).toEqual(['forgets.sim.mjs']);
});

test('a register that forgets is caught, with the history explained and the files kept', async ({
  stage,
}) => {
  const { code, out } = await stage.live(['forgets', '--for', '30s', '--seed', 'it forgets']);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^forgets: violated {2}operations [\d,]+ completed, 0 failed, \d+ unknown; \d+ kill/,
  );
  expect(out).toContain('  check: register\n  the history is invalid\n');
  expect(out).toMatch(/^ {2}read\(\) → null by reader-1 \[/m);
  const directory = /disks, journals and output in (\S+)/.exec(out)![1]!;
  expect(existsSync(join(directory, 'reader-1', 'journal.jsonl'))).toBe(true);
  expect(out.trimEnd().split('\n').slice(-2)).toEqual([
    '  npx groundhog run forgets',
    "  npx groundhog live forgets --for 30s --seed 'it forgets'",
  ]);
});

test('nothing is killed under faults that have no crashes, and that is said', async ({ stage }) => {
  const { code, out } = await stage.live(['spared', '--for', '2s', '--seed', '1']);
  expect(out).toMatch(/^spared: passed .*; no kills, since its faults are 'net', in \d/);
  expect(out).toContain('  keeper: 1 node, 1 start, 0 kills\n');
  expect(code).toBe(0);
});

test('a program that throws at its start is a violation, in its own words', async ({ stage }) => {
  const { code, out } = await stage.live(['throws', '--json']);
  expect(code).toBe(1);
  const { failures } = JSON.parse(out);
  expect(failures).toMatchObject([
    { verdict: 'violated', property: 'uncaught TypeError', message: 'at once', nodes: ['one-1'] },
  ]);
});

test('a check that throws is told with its own frames alone', async ({ stage }) => {
  const { code, out } = await stage.live(['judges', '--for', '500ms', '--seed', '1']);
  expect(code).toBe(1);
  const frames = out.split('\n').filter((line) => /^ {2}at /.test(line));
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatch(/at check \(.*forgets\.sim\.mjs:\d+:\d+\)/);
});

test('a run in which no operation completed decides nothing', async ({ stage }) => {
  const { code, out } = await stage.live(['nothing', '--for', '1s']);
  expect(code).toBe(4);
  expect(out).toContain('nothing: vacuous  operations 0 completed, 0 failed, 0 unknown');
  expect(out).toContain('  the check reads the history, and no operation completed\n');
});

// Some processes have only begun then, and would die of a signal meant for the terminal's command.
test('Ctrl-C while nodes start ends the run with what was seen', async ({ stage }) => {
  const child = stage.begin(['register', '--for', '60s']);
  const end = ended(child);
  await vi.waitFor(() => expect(stage.running().length).toBeGreaterThan(4), {
    timeout: 30_000,
    interval: 5,
  });
  process.kill(-child.pid!, 'SIGINT');
  const { code, out } = await end;
  expect(out).toMatch(/^seed \d+\nregister: (passed|vacuous) .* in [\d.]+ s, interrupted\n/);
  expect(code).toBe(130);
});

const NO_BINARY = { PREBUILDS_ONLY: '1', npm_config_platform: 'none' };

test.for<[string, readonly string[], RegExp, NodeJS.ProcessEnv?]>([
  ['an unknown name', ['forget'], /^groundhog: no scenario is named 'forget'[^\n]*\n$/],
  ['a plain file', [PROGRAMS], /^groundhog: \S+programs\.mjs is no scenario: [^\n]*\n$/],
  [
    'a time without a unit',
    ['forgets', '--for', '10'],
    /^groundhog: [^\n]* A time is written [^\n]*\n$/,
  ],
  [
    'an empty seed',
    ['forgets', '--seed', ''],
    /^groundhog: a seed is any text that is not empty\n$/,
  ],
  [
    'native memory that is not built',
    ['register', '--seed', '1', '--for', '1s'],
    /^groundhog: native memory is not built for [^\n]* then run: node \S+build\.mjs\n$/,
    NO_BINARY,
  ],
])('%s is refused in one line', async ([, words, line, env], { stage }) => {
  const { code, out, err } = await stage.live(words, env);
  expect(err).toMatch(line);
  expect(out).toBe('');
  expect(code).toBe(2);
  expect(readdirSync(stage.folder)).toEqual(['forgets.sim.mjs']);
});
