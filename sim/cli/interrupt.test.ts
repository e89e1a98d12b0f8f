import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';

const FILES = {
  'long.mjs': `for (let i = 0; i < 50; i++) await new Promise((done) => setTimeout(done, Math.random()));`,
};
const ALL = ['run', 'long.mjs', '--seeds', '10000000', '--workers', '1'];

test('Ctrl-C ends a run with the results so far', async () => {
  const { code, stdout, stderr } = await groundhog(ALL, {
    cwd: tree(FILES),
    interruptAt: /\d seeds?/,
  });
  expect(stdout).toMatch(/long\.mjs: passed {2}[1-9][\d,]* seeds? .*, interrupted\n/);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect(code).toBe(130);
});

test('with --json the object is whole', async () => {
  // Read by the command, once to find it and once to run it, and then by the worker.
  const own = tree({
    'endless.sim.mjs': `import { scenario } from 'groundhog';
process.stderr.write('loaded\\n');
export default scenario({ name: 'endless', roles: { main: { program: './main.mjs' } } });`,
    'main.mjs': `export default async (env) => {
  for (let i = 0; i < 50; i++) await env.timers.sleep(env.random.integer('ms', { min: 0, max: 9 }));
};`,
  });
  const args = ['run', 'endless', '--seeds', '10000000', '--workers', '1', '--json'];
  const { code, stdout } = await groundhog(args, {
    cwd: own,
    interruptAt: /(loaded\s+){3}/,
  });
  const { seeds, runs, failures, interrupted } = JSON.parse(stdout);
  expect(seeds).toBe('1..10000000');
  expect(runs).toBeLessThan(10_000_000);
  expect(failures).toEqual([]);
  expect(interrupted).toBe(true);
  expect(code).toBe(130);
});
