import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';
import { seedOfBoth, TWO_FAILURES } from './fixtures/two-failures.ts';

const DICE = `const die = Math.floor(Math.random() * 6);
await new Promise((done) => setTimeout(done, die));
if (die > 2) throw new Error('a high die');`;

async function bugsIn(cwd: string, options: { readonly alone?: true } = {}) {
  const { code, stdout } = await groundhog(['bugs', '--json'], { cwd, ...options });
  return { code, bugs: JSON.parse(stdout).bugs };
}

test('a failure is kept once for each signature, with when it was first and last seen', async () => {
  const cwd = tree({ 'dice.mjs': DICE });
  for (let time = 0; time < 2; time++) {
    await groundhog(['run', './dice.mjs', '--seeds', '50'], { cwd });
  }
  const { code, bugs } = await bugsIn(cwd);
  expect(bugs).toHaveLength(1);
  const [{ firstSeen, lastSeen, ...bug }] = bugs;
  expect(bug).toMatchObject({
    scenario: './dice.mjs',
    signature: 'uncaught Error: a high die [main]',
    timesSeen: 2,
    state: 'fails',
  });
  expect(Date.parse(lastSeen)).toBeGreaterThan(Date.parse(firstSeen));
  expect(code).toBe(0);
  expect((await groundhog([...bug.replay.split(' ').slice(2)], { cwd })).code).toBe(1);
});

test('each bug says how it ends now', async () => {
  const cwd = tree({ 'dice.mjs': DICE });
  await groundhog(['run', './dice.mjs', '--seeds', '50'], { cwd });
  const stateWith = async (text: string) => {
    writeFileSync(join(cwd, 'dice.mjs'), text);
    return (await bugsIn(cwd, { alone: true })).bugs[0].state;
  };
  expect(await stateWith(DICE.replace('die > 2', 'false'))).toBe('passes');
  expect(await stateWith(DICE.replace('a high die', 'another'))).toBe('fails otherwise');
  expect(await stateWith('await nobody;')).toBe('fails otherwise');
  expect(await stateWith('this is no program')).toBe('unclear');
  const [story] = readdirSync(join(cwd, '.groundhog/bugs')).filter((file) => /story/.test(file));
  rmSync(join(cwd, '.groundhog/bugs', story!));
  expect((await bugsIn(cwd)).bugs[0]).toMatchObject({
    state: 'unclear',
    reason: `there is no file .groundhog/bugs/${story}`,
  });
});

test('what an earlier version called otherwise still is the same failure', async () => {
  const cwd = tree({ 'rounds.mjs': "throw new Error('lost in round 3');" });
  await groundhog(['run', './rounds.mjs', '--seed', '1'], { cwd });
  const [now, earlier] = ['lost in round #', 'lost in round 3'].map(
    (what) => `Error: ${what} [main]`,
  );
  const folder = join(cwd, '.groundhog/bugs');
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text).toContain(now);
    writeFileSync(join(folder, name), text.replace(now!, earlier!));
  }
  const [bug] = (await bugsIn(cwd)).bugs;
  expect(bug).toMatchObject({
    signature: `uncaught ${earlier}`,
    state: 'fails',
    reason: `that is its signature by an earlier groundhog; it is now: uncaught ${now}`,
  });
  const replayed = await groundhog(['replay', bug.story], { cwd });
  expect(replayed.stdout).not.toContain('it fails otherwise');
  const explained = await groundhog(['explain', bug.story], { cwd });
  expect(explained.stdout).not.toContain('in another way');
});

test('another failure that shrinking meets is a bug with a recorded run that replays', async () => {
  const cwd = tree({
    'two.mjs': TWO_FAILURES,
  });
  const seed = await seedOfBoth('./two.mjs', cwd);
  const shrunk = await groundhog(['shrink', './two.mjs', '--seed', seed], { cwd });
  const [, other] = /recorded in (\S+\.ghr)/.exec(shrunk.stdout)!;
  expect(shrunk.stdout).toContain('met on the way, another failure: uncaught Error: only a [main]');
  const again = await groundhog(['replay', other!], { cwd });
  expect(again.code).toBe(1);
  expect(again.stdout).toContain('\n  only a\n');
  const { bugs } = await bugsIn(cwd);
  const signatures = bugs.map(({ signature }: { signature: string }) => signature);
  expect(signatures.sort()).toEqual([
    'uncaught Error: both [main]',
    'uncaught Error: only a [main]',
  ]);
});

test('without bugs it says so, and an entry that is broken is named', async () => {
  const cwd = tree({});
  const none = await groundhog(['bugs'], { cwd });
  expect(none).toMatchObject({ code: 0, stderr: '' });
  expect(none.stdout).toMatch(/^no bugs are kept/);
  const broken = tree({ '.groundhog/bugs/x.bug.json': '{"format":"groundhog-bug","version":1}' });
  const { code, stderr } = await groundhog(['bugs'], { cwd: broken });
  expect(stderr).toBe('groundhog: x.bug.json in .groundhog/bugs has no scenario: remove it\n');
  expect(code).toBe(2);
  expect(readFileSync(join(broken, '.groundhog/bugs/x.bug.json'), 'utf8')).toContain(
    'groundhog-bug',
  );
});

test('of two stories of one bug the smaller stays, as long as it fails', async () => {
  const both = 'const [a, b, c] = [Math.random(), Math.random(), Math.random()];\n';
  const cwd = tree({
    'sum.mjs': `${both}if (a + b > 1.2 || c > 0.9) throw new Error('too much');`,
  });
  // One of them needs two decisions, the other one.
  const seeds = ['4', '11', ...Array.from({ length: 40 }, (_, i) => String(i + 1))];
  const needs = new Map<number, string>();
  for (const seed of seeds) {
    if (needs.has(1) && needs.has(2)) break;
    const out = join(cwd, `${seed}.story.json`);
    const { code } = await groundhog(['shrink', './sum.mjs', '--seed', seed, '-o', out], { cwd });
    if (code === 0) needs.set(JSON.parse(readFileSync(out, 'utf8')).decisions.length, seed);
  }
  const shrunk = async (seed: string, options: { readonly alone?: true } = {}) => {
    const command = ['shrink', './sum.mjs', '--seed', seed];
    const { stdout } = await groundhog(command, { cwd, ...options });
    const [name] = readdirSync(join(cwd, '.groundhog/bugs')).filter((file) => /story/.test(file));
    const { decisions } = JSON.parse(readFileSync(join(cwd, '.groundhog/bugs', name!), 'utf8'));
    return { stdout, needed: decisions.length };
  };
  const [small, large] = [needs.get(1)!, needs.get(2)!];
  expect((await shrunk(large)).needed).toBe(2);
  expect((await shrunk(small)).needed).toBe(1);
  const again = await shrunk(large);
  expect(again.needed).toBe(1);
  expect(again.stdout).toContain(
    'a smaller story of this bug, which still fails, stays in .groundhog',
  );

  const [story] = readdirSync(join(cwd, '.groundhog/bugs')).filter((file) => /story/.test(file));
  writeFileSync(join(cwd, '.groundhog/bugs', story!), '{ "cut off');
  expect((await shrunk(large)).needed).toBe(2);

  expect((await shrunk(small)).needed).toBe(1);
  writeFileSync(join(cwd, 'sum.mjs'), `${both}if (a + b > 1.2) throw new Error('too much');`);
  expect((await shrunk(large, { alone: true })).needed).toBe(2);
});
