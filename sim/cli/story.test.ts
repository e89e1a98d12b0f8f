import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OVERDRAWN } from '../node/fixtures/overdrawn.ts';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';

const FILES = {
  'race.mjs': OVERDRAWN,
};

async function json(folder: string, ...args: string[]) {
  const { code, stdout } = await groundhog([...args, '--json'], { cwd: folder });
  return { code, ...JSON.parse(stdout) };
}

test('a failing seed becomes a story, and the story is its run in small', async () => {
  const folder = tree(FILES);
  const { code, failures } = await json(folder, 'run', 'race.mjs', '--seeds', '100');
  const [{ story: file, run, ...failure }] = failures;
  const { seed, signature, replay } = failure;
  expect(code).toBe(1);
  expect(replay).toBe(`npx groundhog replay ./race.mjs --seed ${seed}`);

  const again = await json(folder, 'replay', 'race.mjs', '--seed', seed);
  expect(again).toMatchObject({ code: 1, runs: 1, failures: [{ ...failure, story: null }] });
  for (const kept of [file, run]) {
    const { failures } = await json(folder, 'replay', kept);
    expect(failures).toMatchObject([{ signature }]);
  }

  const shrunk = await groundhog(['shrink', 'race.mjs', '--seed', seed, '-o', 'a.story.json'], {
    cwd: folder,
  });
  expect(shrunk.code).toBe(0);
  const story = JSON.parse(readFileSync(join(folder, 'a.story.json'), 'utf8'));
  expect(story).toMatchObject({ seed, signature });
  const { stdout } = await groundhog(['replay', 'a.story.json'], { cwd: folder });
  for (const sentence of story.text) expect(stdout).toContain(sentence);

  const told = await json(folder, 'replay', 'a.story.json');
  expect(told.code).toBe(1);
  expect(told.failures[0]).toMatchObject({ seed, signature });
  expect(await json(folder, 'replay', 'a.story.json', '--twice')).toMatchObject({
    digest: told.digest,
  });
});

test('shrink takes a recorded run, which may be one that no seed names, and a story', async () => {
  const folder = tree(FILES);
  const how = ['run', 'race.mjs', '--strategy', 'guided', '--seed', '1', '--no-shrink'];
  const { failures } = await json(folder, ...how);
  const [{ run, signature }] = failures;
  const shrunk = await json(folder, 'shrink', run);
  expect(shrunk).toMatchObject({ code: 0, minimal: true, failure: { signature } });
  expect(shrunk.decisions).toBeLessThan(shrunk.of);
  const again = await json(folder, 'shrink', shrunk.failure.story);
  expect(again).toMatchObject({ code: 0, minimal: true, of: shrunk.decisions });

  writeFileSync(join(folder, 'race.mjs'), 'await null;');
  const { code, stdout } = await groundhog(['shrink', run], { cwd: folder, alone: true });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^race\.mjs: nothing to shrink: the run passes\n {2}it no longer fails; /);
});

test('where chance is at its calmest nothing may end: the story is found all the same', async () => {
  const folder = tree({
    'queue.mjs': `import { setTimeout as sleep } from 'node:timers/promises';
const jobs = [1, 2, 3];
const done = [];
async function worker() {
  for (let job; (job = jobs[0]) !== undefined; ) {
    await sleep(1);
    if (Math.random() < 0.2) continue;
    done.push(job);
    jobs.shift();
    await sleep(Math.random() * 3);
  }
}
await Promise.all([worker(), worker()]);
if (new Set(done).size !== done.length) throw new Error('done twice');`,
  });
  const { stdout } = await groundhog(['shrink', './queue.mjs', '--seed', '1'], { cwd: folder });
  expect(stdout).toMatch(/\d+ of \d+ decisions \(none of them can go;/);
  expect(stdout).not.toContain('exits with code 0');
});

test('a message that is the smallest story’s is told as such, with the file that replays it', async () => {
  // The calmest draw is 0: with 19 seeds of 20 the first run says another number.
  const cwd = tree({
    'rounds.mjs': `throw new Error(2 + Math.floor(Math.random() * 20) + ' rounds');`,
  });
  const { stdout } = await groundhog(['run', './rounds.mjs', '--seed', '1'], { cwd });
  expect(stdout).toMatch(
    /\n {2}2 rounds\n[\s\S]*This is the smallest story's message; that of seed 1 is:\n {2}\d+ rounds\n/,
  );
  const [, file] = /\n {2}its run: npx groundhog replay (\S+\.story\.json)\n/.exec(stdout)!;
  expect(stdout).toMatch(/\n {2}npx groundhog replay \.\/rounds\.mjs --seed 1\n$/);
  const told = await json(cwd, 'replay', file!);
  expect(told.failures).toMatchObject([{ message: '2 rounds' }]);
});

test('a long story has its beginning, its end and all its numbers; replay tells all of it', async () => {
  const folder = tree({
    'talks.mjs': `for (let i = 1; i <= 150; i++) console.log('line ' + i + '.');
throw new Error('planted');`,
  });
  const told = await groundhog(['run', './talks.mjs', '--seeds', '1'], { cwd: folder });
  const [, left, command] = /\n {2}… (\d+) sentences are left out; `npx (.*)` tells them\n/.exec(
    told.stdout,
  )!;
  for (const line of [1, 30, 81, 150]) {
    expect(told.stdout).toMatch(new RegExp(`\\n +${line}\\. .* line ${line}\\.\\n`));
  }
  for (const line of [31, 80]) expect(told.stdout).not.toContain(`line ${line}.`);
  expect(left).toBe('50');
  const { stdout } = await groundhog(command!.split(' ').slice(1), { cwd: folder });
  for (let i = 1; i <= 150; i++) expect(stdout).toContain(`line ${i}.`);
});

test('the decisive event stays however many timers and requests come after it', async () => {
  const folder = tree({
    'slow.mjs': `import { setTimeout as sleep } from 'node:timers/promises';
setTimeout(() => {}, 3);
for (let i = 0; i < 50; i++) await sleep(10);
throw new Error('planted');`,
  });
  const { stdout } = await groundhog(['run', './slow.mjs', '--seeds', '1'], { cwd: folder });
  expect(stdout).toMatch(/\n +1\. .* main fires the 3 ms timer set at slow\.mjs:2:1\n/);
  expect(stdout.match(/fires the 10 ms timer/g)).toHaveLength(50);
});

test('timers that a helper sets are told apart by who called it', async () => {
  const cwd = tree({
    'nolock.js': `const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
let n = 0;
async function inc() { await sleep(Math.random() * 50); const was = n; await sleep(1); n = was + 1; }
async function twice() { await sleep(3); n *= 2; }
Promise.all([inc(), inc(), twice()]).then(() => { throw new Error('planted'); });`,
  });
  const { stdout } = await groundhog(['run', './nolock.js', '--seeds', '1'], { cwd });
  const set = 'set at nolock.js:1:45';
  expect(stdout).toContain(
    `fires the 1 ms timer ${set} by inc (nolock.js:3:30) from nolock.js:5:14\n`,
  );
  expect(stdout).toContain(
    `fires the 1 ms timer ${set} by inc (nolock.js:3:30) from nolock.js:5:21\n`,
  );
  expect(stdout).toContain(`fires the 1 ms timer ${set} by inc (nolock.js:3:78)\n`);
  expect(stdout).toContain(`fires the 3 ms timer ${set} by twice (nolock.js:4:32)\n`);
});

test('immediates are told, and draws that the failure needs', async () => {
  const cwd = tree({
    'dice.mjs': `import { randomInt, randomUUID } from 'node:crypto';
let id = randomUUID();
const roll = () => Math.random();
setImmediate(() => {
  const die = randomInt(1, 7);
  Math.random();
  if (die > 5 && roll() > 0.5 && id[0] !== '0') throw new Error('planted');
});`,
  });
  const { stdout } = await groundhog(['run', './dice.mjs', '--seeds', '200'], { cwd });
  expect(stdout).toMatch(/ main draws from crypto\.randomUUID at dice\.mjs:2:10\n/);
  expect(stdout).toMatch(/ main runs the immediate set at dice\.mjs:4:1\n/);
  expect(stdout).toMatch(
    / main draws 6 from crypto\.randomInt at Immediate\._onImmediate \(dice\.mjs:5:15\)\n/,
  );
  expect(stdout).toMatch(/ main draws 0\.5\d* from Math\.random at roll \(dice\.mjs:3:25\)\n/);
  expect(stdout).not.toContain('dice.mjs:6');
  const [, file] = /story in (\S+)/.exec(stdout)!;
  const told = / *\d+\. .* main draws .*/g;
  const replayed = await groundhog(['replay', file!], { cwd });
  expect(replayed.stdout.match(told)!.map((line) => line.trim())).toEqual(
    stdout.match(told)!.map((line) => line.trim()),
  );
});

test('a failure that does not come back in another process is a divergence', async () => {
  const folder = tree({
    'kept.sim.mjs': `import { scenario } from 'groundhog';
let checks = 0;
export default scenario({
  name: 'kept',
  roles: { one: { program: './one.mjs' } },
  check: () => ++checks !== 3,
});`,
    'one.mjs': `export default async (env) => env.timers.sleep(5);`,
  });
  const args = ['run', 'kept', '--seeds', '5', '--workers', '1'];
  const { code, stdout } = await groundhog(args, { cwd: folder });
  expect(code).toBe(3);
  expect(stdout).toContain('seed 2 ran again as another run');
});

test('after the code has changed, replay says what is left of the recorded run', async () => {
  const folder = tree(FILES);
  await groundhog(['run', 'race.mjs', '--seeds', '100'], { cwd: folder });
  const [run, story] = ['runs', 'bugs'].map((kind) => {
    const names = readdirSync(join(folder, '.groundhog', kind));
    return join('.groundhog', kind, names.find((name) => /\.(ghr|story\.json)$/.test(name))!);
  });
  const same = await groundhog(['replay', run!], { cwd: folder });
  expect(same.stdout).toMatch(/the recorded run violated after .*\n\n {2}npx/);

  writeFileSync(join(folder, 'race.mjs'), FILES['race.mjs'].replace('balance -= amount;', ''));
  const changed = await groundhog(['replay', run!], { cwd: folder, alone: true });
  expect(changed.code).toBe(0);
  expect(changed.stdout).toContain(
    'it no longer fails; recorded was: uncaught Error: overdrawn: -40',
  );
  expect(changed.stdout).toMatch(/it leaves the recorded run within steps 1 to \d+\n/);

  writeFileSync(join(folder, 'race.mjs'), 'await new Promise((done) => setTimeout(done, 5));');
  const rewritten = await groundhog(['replay', story!], { cwd: folder, alone: true });
  expect(rewritten.stdout).toMatch(/\d of the \d+ recorded decisions fit: the code has changed/);
  const { code, stdout } = await groundhog(['replay', story!, '--json'], {
    cwd: folder,
    alone: true,
  });
  expect(code).toBe(0);
  const { fit } = JSON.parse(stdout);
  expect(fit.used).toBeLessThan(fit.total);
});

test('two runs that are not the same are told apart, down to the line', async () => {
  const folder = tree({
    'kept.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({ name: 'kept', roles: { one: { program: './one.mjs' } } });`,
    'one.mjs': `export default async (env) => {
  await env.timers.sleep(5);
  env.log.info('begins');
  note(env);
};
function note(env) {
  globalThis.runs = (globalThis.runs ?? 0) + 1;
  env.log.info('runs: ' + globalThis.runs);
}`,
  });
  const parted =
    /two more runs of it part here:\n +first, passed +step \d+, 5\.\d+ ms, one-1: "runs: \d+" {2}at note \(one\.mjs:8:11\)\n +at default \(one\.mjs:4:3\)\n +second, passed +step \d+, 5\.\d+ ms, one-1: "runs: \d+" {2}at note \(one\.mjs:8:11\)\n +at default \(one\.mjs:4:3\)\n *likely: globalThis\.runs is kept from one run to the next/;
  const run = await groundhog(['run', 'kept', '--seeds', '5'], { cwd: folder });
  expect(run.code).toBe(3);
  expect(run.stdout).toContain('seed 1 ran again as another run');
  expect(run.stdout).toMatch(parted);

  const replayed = await groundhog(['replay', 'kept', '--seed', '1', '--twice'], { cwd: folder });
  expect(replayed.code).toBe(3);
  expect(replayed.stdout).toMatch(/\n {2}npx groundhog replay kept --seed 1 --twice\n$/);
  expect(replayed.stdout).toMatch(parted);
  expect(await json(folder, 'replay', 'kept', '--seed', '1', '--twice')).toMatchObject({
    code: 3,
    verdict: 'diverged',
    failures: [{ seed: '1', verdict: 'diverged', message: expect.stringMatching(parted) }],
  });
});

test('a recorded run is found among the scenarios of its file', async () => {
  const folder = tree({
    'two.sim.mjs': `import { scenario } from 'groundhog';
const roles = { one: { program: './one.mjs' } };
export const first = scenario({ name: 'first', roles });
export const second = scenario({ name: 'second', roles, check: () => false });`,
    'one.mjs': `export default async (env) => env.timers.sleep(env.random.integer('ms', { min: 1, max: 9 }));`,
  });
  await groundhog(['run', 'second', '--seeds', '1'], { cwd: folder });
  expect(await json(folder, 'replay', '.groundhog/runs/second-1.ghr')).toMatchObject({
    code: 1,
    scenario: 'second',
  });
  writeFileSync(join(folder, 'two.sim.mjs'), `export const none = 1;`);
  const { code, stderr } = await groundhog(['replay', '.groundhog/runs/second-1.ghr'], {
    cwd: folder,
    alone: true,
  });
  expect(code).toBe(2);
  expect(stderr).toBe("groundhog: two.sim.mjs no longer has a scenario named 'second'\n");
});

test('a story that is replayed from another folder says which file it looked for', async () => {
  const folder = tree({ ...FILES, 'elsewhere/nothing.txt': '' });
  const { failures } = await json(folder, 'run', 'race.mjs', '--seeds', '100', '--no-shrink');
  const cwd = join(folder, 'elsewhere');
  const { code, stderr } = await groundhog(['replay', `../${failures[0].run}`], { cwd });
  expect(stderr).toBe(
    'groundhog: it is of race.mjs, as seen from the folder where it was recorded, and there is no ' +
      `file ${cwd}/race.mjs: replay it from that folder\n`,
  );
  expect(code).toBe(2);
});

test('faults heal where there are some', async () => {
  const waits = 'await new Promise((done) => setTimeout(done, 4_000_000));';
  const program = 'export default (env) => env.timers.sleep(100_000);';
  const folder = tree({
    'waits.mjs': waits,
    'sleeps.mjs': program,
    'sleeps.scenario.yaml': 'name: sleeps\nroles: { a: { program: ./sleeps.mjs } }\n',
  });
  const told = async (...args: string[]) =>
    (await groundhog(['replay', ...args, '--seed', '1'], { cwd: folder })).stdout;
  expect(await told('waits.mjs')).not.toContain('faults heal');
  expect(await told('sleeps', '--faults', 'calm')).not.toContain('faults heal');
  expect(await told('sleeps', '--faults', 'net')).toContain('all faults heal (');
});
