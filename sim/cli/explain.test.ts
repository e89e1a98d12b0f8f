import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';
import { readDocument, typeAll } from './fixtures/document.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const { files, typed } = readDocument('explain.md');

function project(): string {
  const cwd = tree(files);
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(PACKAGE, join(cwd, 'node_modules', 'groundhog'));
  symlinkSync(join(PACKAGE, 'node_modules', 'vitest'), join(cwd, 'node_modules', 'vitest'));
  return cwd;
}

async function withStory(): Promise<{ readonly cwd: string; readonly story: string }> {
  const cwd = project();
  await groundhog(['run', './shop.mjs', '--seeds', '100'], { cwd });
  const [story] = readdirSync(join(cwd, '.groundhog/bugs')).filter((name) =>
    name.endsWith('.story.json'),
  );
  return { cwd, story: join('.groundhog/bugs', story!) };
}

test('the guide to explanations says what is printed', { timeout: 60_000 }, async () => {
  expect(await typeAll(typed, project())).toEqual(typed);
});

test('--json has the pair with its stacks, the runs and what ended it', async () => {
  const { cwd, story } = await withStory();
  const { code, stdout } = await groundhog(['explain', story, '--json'], { cwd });
  const object = JSON.parse(stdout);
  expect(object).toMatchObject({ outcome: 'same', ended: 'done', faults: [] });
  expect(object.cause).toMatchObject({ is: 'order', shown: false });
  expect(object.cause.first.madeAt[0]).toBe('buy (shop.mjs:7:9)');
  expect(object.cause.second.madeAt[0]).toBe('buy (shop.mjs:9:9)');
  expect(object.likelihood.jump.after).toMatchObject({ failed: 12, runs: 12 });
  expect(code).toBe(0);
});

test('Ctrl-C ends an explanation with what was found so far', async () => {
  const cwd = tree({
    'late.sim.mjs': `import { scenario } from 'groundhog';
process.stderr.write('loaded\\n');
const rounds = Number(process.env.ROUNDS ?? 0);
export default scenario({
  name: 'late',
  roles: { main: { program: './main.mjs', args: { rounds } } },
});`,
    'main.mjs': `export default async (env, { rounds }) => {
  for (let i = 0; i < rounds; i++) await env.timers.sleep(1);
  const die = env.random.integer('die', { min: 1, max: 6 });
  env.always('no six', die < 6);
};`,
  });
  await groundhog(['run', 'late', '--seeds', '100'], { cwd });
  const [story] = readdirSync(join(cwd, '.groundhog/bugs')).filter((name) =>
    name.endsWith('.story.json'),
  );
  const file = join('.groundhog/bugs', story!);
  const { code, stdout, stderr } = await groundhog(['explain', file, '--json'], {
    cwd,
    env: { ROUNDS: '20000' },
    interruptAt: /(loaded\s+){2}/,
  });
  expect(stderr).not.toMatch(/\n {4}at /);
  const { ended, wallMs } = JSON.parse(stdout);
  expect([ended, code]).toEqual(['interrupted', 130]);
  expect(wallMs).toBeLessThan(25_000);
});

test('a file that is not there is said so', async () => {
  const { code, stderr } = await groundhog(['explain', 'none.ghr'], { cwd: tree({}) });
  expect(stderr).toBe('groundhog: there is no file none.ghr\n');
  expect(code).toBe(2);
});
