import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog, withoutProgress } from './fixtures/command.ts';

/** Of each way of being endless one; the others are in sim/campaign/hang.test.ts. */
const files = {
  'file.mjs': 'await new Promise((done) => setTimeout(done, 1)); for (;;);',
  'top-level.mjs': 'for (;;);',
  'ticks.mjs': 'const again = () => process.nextTick(again); again();',
  'program.mjs': `export default async (env) => {
    await env.timers.sleep(1);
    const again = () => Promise.resolve().then(again); await again();
  };`,
  'program.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({ name: 'program', roles: { main: { program: './program.mjs' } } });`,
};
const targets = ['file.mjs', 'top-level.mjs', 'ticks.mjs', 'program.sim.mjs'];

test.concurrent.for(targets)('%s is a hang', async (target, { onTestFinished }) => {
  const folder = tree(files, onTestFinished);
  const args = ['run', target, '--seeds', '3', '--workers', '1', '--hang', '300ms'];
  const { code, stdout, stderr } = await groundhog(args, { cwd: folder });
  expect(stdout).toMatch(/: inconclusive {2}1 seed /);
  expect(stdout).toMatch(/hang: step \d+ (did not yield|calls process.nextTick without end)/);
  expect(stdout.trim().split('\n').at(-1)).toMatch(/replay \S+ --seed 1( |$)/);
  expect(withoutProgress(stderr)).toBe('');
  expect(code).toBe(4);
});

test.concurrent('a hang is one under every strategy', async ({ onTestFinished }) => {
  const folder = tree(files, onTestFinished);
  const args = ['file.mjs', '--hang', '300ms', '--strategy', 'pct'];
  for (const seeds of [
    ['--seeds', '3'],
    ['--seed', '1'],
  ]) {
    const { code, stdout, stderr } = await groundhog(['run', ...args, ...seeds], {
      cwd: folder,
    });
    expect(stdout).toMatch(/hang: step \d+ of the pilot run did not end within 300 ms/);
    expect(withoutProgress(stderr)).toBe('');
    expect(code).toBe(4);
  }
});

const WHERE = {
  'spin.ts': `interface Total { n: number }
type Unused = string;

function spin(total: Total): void {
  for (;;) {
    total.n += Math.sqrt(total.n);
  }
}
export default async (env: any) => { await env.timers.sleep(1); spin({ n: 1 }); };
export const calls = async (env: any) => {
  const list = Array.from({ length: 10_000 }, (_, i) => i);
  for (;;) JSON.stringify(list);
};
export const awaits = async (env: any) => {
  for (;;)
    await null;
};`,
  'check.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({
  name: 'check',
  roles: { a: { program: './idle.mjs' } },
  check() {
    for (let n = 0; ; n++) Math.sqrt(n);
  },
});`,
  'idle.mjs': 'export default async () => {};',
};

test.concurrent.for([
  ['default', 'spin (spin.ts:6)'],
  ['calls', 'calls (spin.ts:12)'],
  ['awaits', 'awaits (spin.ts:16)'],
])('a hang names its line: %s', async ([program, place], { onTestFinished }) => {
  const scenario = `name: hangs\nroles: { a: { program: './spin.ts#${program}' } }\n`;
  const cwd = tree({ ...WHERE, 'hangs.scenario.yaml': scenario }, onTestFinished);
  const { stdout } = await groundhog(['run', 'hangs', '--seed', '1', '--hang', '1s'], { cwd });
  expect(stdout).toContain(`; it was in ${place}\n`);
});

test.concurrent('a check that hangs names its line', async ({ onTestFinished }) => {
  const cwd = tree(WHERE, onTestFinished);
  const { stdout } = await groundhog(['run', 'check', '--seed', '1', '--hang', '1s'], { cwd });
  expect(stdout).toMatch(/the check did not end within 1000 ms of real time; it was in .*:6\)?\n/);
});

/** Some milliseconds of work, on any machine. */
const BUSY =
  'const busy = () => { let n = 0; for (let i = 0; i < 3e6; i++) n += i % 7; return n; };';

test('steps that are slow together are no hang', async () => {
  const folder = tree({
    'heavy.mjs': `${BUSY}
for (let i = 0; i < 400; i++) {
  busy();
  await new Promise((done) => setTimeout(done, 1));
}`,
  });
  const args = ['run', 'heavy.mjs', '--seeds', '1', '--hang', '1s'];
  const { code, stdout } = await groundhog(args, { cwd: folder });
  expect(stdout).toContain('heavy.mjs: passed');
  expect(code).toBe(0);
}, 60_000);

test('a check that does not end is told as what it is', async () => {
  const folder = tree({
    'one.mjs': 'export default async (env) => env.timers.sleep(1);',
    'endless.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({ name: 'endless', roles: { one: { program: './one.mjs' } }, check() { for (;;); } });`,
  });
  const args = ['run', 'endless', '--seeds', '1', '--hang', '300ms'];
  const { code, stdout } = await groundhog(args, { cwd: folder });
  expect(stdout).toContain('hang: the check did not end within 300 ms of real time');
  expect(code).toBe(4);
});

test('a hang with --json says the same', async () => {
  const folder = tree(files);
  const args = ['run', 'file.mjs', '--seed', '7', '--hang', '300ms', '--json'];
  const { code, stdout } = await groundhog(args, { cwd: folder });
  const { verdict, failures } = JSON.parse(stdout);
  expect(verdict).toBe('inconclusive');
  expect(failures[0]).toMatchObject({ seed: '7', verdict: 'inconclusive' });
  expect(failures[0].message).toMatch(
    /^hang: step \d+ did not yield within 300 ms of real time, on main; last, at [\d.]+ ms: main fires the 1 ms timer set at .*file\.mjs:1:\d+/,
  );
  expect(failures[0].replay).toBe('npx groundhog replay ./file.mjs --seed 7 --hang 300ms');
  expect(code).toBe(4);
});

test('a program that only waits is not a hang', async () => {
  const waits = tree({
    'waits.mjs': `for (let i = 0; i < 1_000; i++) await new Promise((done) => setImmediate(done));
await new Promise((done) => setTimeout(done, 600_000));`,
  });
  const { code, stdout } = await groundhog(['run', 'waits.mjs', '--seeds', '3'], { cwd: waits });
  expect(stdout).toContain('waits.mjs: passed');
  expect(code).toBe(0);
});
