/** `run --record full`, and what reads it: `replay`, `replay --recorded`, `explain`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { decodeRun } from '../trace/ghr.ts';
import { groundhog } from './fixtures/command.ts';
import type { RunJson } from './output.ts';

const RACE = `import { setTimeout as sleep } from 'node:timers/promises';
let left = 1;
async function take(who) {
  await sleep(Math.random() * 20);
  if (left === 0) return;
  await sleep(1);
  left -= 1;
  console.log(who, 'has it');
}
await Promise.all([take('ann'), take('bob')]);
if (left < 0) throw new Error('twice');
`;

const RUN = ['run', './race.mjs', '--seeds', '60', '--no-shrink', '--json'];

/** A folder in which the race was recorded in full, and the file. */
async function recorded(more: readonly string[] = []) {
  const cwd = tree({ 'race.mjs': RACE });
  const { stdout } = await groundhog([...RUN, '--record', 'full', ...more], { cwd });
  const { failures } = JSON.parse(stdout) as RunJson;
  return { cwd, failures, file: failures[0]!.run! };
}

function changed(cwd: string, from: string, to: string): void {
  writeFileSync(join(cwd, 'race.mjs'), RACE.replace(from, to));
}

/** In a process that has not read the program as it was. */
async function replayed(cwd: string, file: string, ...more: readonly string[]) {
  return (await groundhog(['replay', file, ...more], { cwd, alone: true })).stdout;
}

test('a run is recorded with its steps and events, of the same digest as without', async () => {
  const { cwd, failures, file } = await recorded();
  const { full, result } = decodeRun(readFileSync(join(cwd, file)), file);
  expect(full!.steps.count).toBe(result.steps);
  expect(full!.events.map(({ text }) => text)).toEqual(
    expect.arrayContaining([expect.stringMatching(/has it$/)]),
  );
  const plain = JSON.parse((await groundhog(RUN, { cwd })).stdout) as RunJson;
  expect(plain.failures[0]!.digest).toBe(failures[0]!.digest);
  expect(decodeRun(readFileSync(join(cwd, file)), file).full).toBeUndefined();
});

test('under --keep-going each failing seed is recorded', async () => {
  const { cwd, failures } = await recorded(['--keep-going']);
  expect(failures.length).toBeGreaterThan(1);
  const files = failures.map(({ run }) => run!.replace('.groundhog/runs/', ''));
  expect(readdirSync(join(cwd, '.groundhog/runs')).sort()).toEqual(files.sort());
  for (const { run, digest } of failures) {
    const { full, result } = decodeRun(readFileSync(join(cwd, run!)), run!);
    expect({ digest: result.digest, steps: full?.steps.count }).toEqual({
      digest,
      steps: result.steps,
    });
  }
});

test('so is each failing run of a campaign', async () => {
  const cwd = tree({ 'race.mjs': RACE });
  const run = ['run', './race.mjs', '--strategy', 'guided', '--seeds', '150', '--keep-going'];
  await groundhog([...run, '--no-shrink', '--record', 'full'], { cwd });
  const folder = join(cwd, '.groundhog/runs');
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    expect(decodeRun(readFileSync(join(folder, file)), file).full).toBeDefined();
  }
});

test('replay says nothing of steps while all are as they were', async () => {
  const { cwd, file } = await recorded();
  expect(await replayed(cwd, file)).not.toContain('leaves the recorded run');
});

test('replay names the first step at which something else happens', async () => {
  const { cwd, file } = await recorded();
  changed(cwd, "'has it'", "'gets it'");
  expect(await replayed(cwd, file)).toMatch(
    / {2}it leaves the recorded run in what it does at step \d+, [\d.]+ ms:\n {4}recorded {2}main, timer, [\d.]+ ms: main \w+ has it\n {4}now {7}main, timer, [\d.]+ ms: main \w+ gets it\n/,
  );
});

test('replay names the first step that is another one', async () => {
  const { cwd, file } = await recorded();
  changed(cwd, 'sleep(1)', 'sleep(2)');
  expect(await replayed(cwd, file)).toMatch(
    / {2}it leaves the recorded run at step \d+, [\d.]+ ms:\n {4}recorded {2}main, timer, [^\n]*\n {4}now {7}main, loop\.turn, [\d.]+ ms\n/,
  );
});

test('what differs at the end only is said to', async () => {
  const { cwd, file } = await recorded();
  changed(cwd, "'twice'", "'two have it'");
  expect(await replayed(cwd, file)).toContain(
    'it leaves the recorded run in what its last step does, or in what is left at the end\n',
  );
});

test('--recorded tells what happened, though the program be gone', async () => {
  const { cwd, file } = await recorded();
  const now = await replayed(cwd, file);
  writeFileSync(join(cwd, 'race.mjs'), 'throw new Error("gone");');
  const { code, stdout } = await groundhog(['replay', file, '--recorded'], { cwd });
  expect(code).toBe(1);
  const story = /^(?:1\.[\s\S]*?)\n\n/.exec(now)![0];
  expect(stdout.startsWith(story)).toBe(true);
  expect(stdout).toContain('uncaught Error  (main)\n  twice\n');
  expect(stdout).toMatch(/; nothing was run\n$/);
});

test('explain reads a run that was recorded in full', async () => {
  const { cwd, file } = await recorded();
  const { code, stderr } = await groundhog(['explain', file, '--budget', '2s'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.each([
  [['FILE', '--recorded', '--twice'], '--recorded runs nothing: leave out --twice'],
  [['FILE', '--recorded', '--seed', '1'], /^FILE is a recorded run, .*: leave out --seed$/],
  [['./race.mjs', '--recorded'], '--recorded is for a recorded run, FILE.ghr'],
  [['no.ghr', '--recorded'], 'there is no file no.ghr'],
])('replay %j is refused', async (args, message) => {
  const { cwd, file } = await recorded();
  const given = ['replay', ...args.map((arg) => (arg === 'FILE' ? file : arg))];
  const { code, stderr } = await groundhog(given, { cwd });
  expect(code).toBe(2);
  expect(stderr.replace('groundhog: ', '').replace(file, 'FILE').trimEnd()).toEqual(
    typeof message === 'string' ? message : expect.stringMatching(message),
  );
});

test('a file of decisions has nothing to tell by itself, and says what would', async () => {
  const cwd = tree({ 'race.mjs': RACE });
  const { failures } = JSON.parse((await groundhog(RUN, { cwd })).stdout) as RunJson;
  const { code, stderr } = await groundhog(['replay', failures[0]!.run!, '--recorded'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/holds what its run decided, and not what it did: leave out --recorded/);
});
