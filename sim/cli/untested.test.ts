/** A run that is green although nothing was tested says so. */
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';

const FILES = {
  'leader.mjs': `export default async function node(env) { await env.timers.sleep(1); }
export const other = async (env) => {};`,
  'leader.cjs': 'module.exports = async (env, args) => {};',
  'library.mjs':
    'export const sum = (a, b) => a + b; await new Promise((r) => setTimeout(r, sum(1, 2)));',
  'idle.mjs': 'console.log(1);',
  'forgotten.mjs': `export default async (env) => {
  let begun = 0;
  for (let i = 0; i < 3; i++) {
    env.operation('add', { thinkMs: 2000 }, async () => {
      begun += 1;
      if (begun === 3) throw new Error('planted');
    });
  }
};`,
  'remote.mjs': `export const server = async (env) => {
  env.net.serve('add', async () => { await env.disk.writeFile('sum'); });
  env.net.serve('lead', () => { throw new Error('not the leader'); });
  let answered = 0;
  env.net.serve('late', () => { answered += 1; if (answered > 1 && env.random.integer('late', { min: 0, max: 1 }) === 0) null.x; });
};
export const client = async (env) => {
  for (const method of ['add', 'lead', 'late', 'late']) {
    await env.net.call('server-1', method, 1, { timeoutMs: 100 }).catch(() => {});
  }
};`,
  'all.sim.mjs': `import { scenario } from 'groundhog';
export const forgotten = scenario({
  name: 'forgotten', roles: { a: { program: './forgotten.mjs' } }, faults: 'calm',
});
export const remote = scenario({
  name: 'remote', faults: 'calm',
  roles: { server: { program: './remote.mjs#server' }, client: { program: './remote.mjs#client' } },
});`,
};

/** What is said below the verdict of a file. */
async function saidOf(file: string): Promise<string> {
  const { code, stdout } = await groundhog(['run', file, '--seed', '1'], { cwd: tree(FILES) });
  expect(code).toBe(0);
  const [verdict, ...more] = stdout.trim().split('\n');
  expect(verdict).toContain('passed');
  return more.join('\n');
}

test('a file that only exports programs says that nothing calls them', async () => {
  const same = 'the file waits for nothing: every run was the same';
  const how = 'of (env, args), write a scenario: `groundhog init` shows one';
  expect(await saidOf('leader.mjs')).toBe(
    `  ${same}, and nothing calls what it exports (a default function, other); if they are programs ${how}`,
  );
  expect(await saidOf('leader.cjs')).toBe(
    `  ${same}, and nothing calls what it exports (a default function); if it is a program ${how}`,
  );
  expect(await saidOf('idle.mjs')).toBe(`  ${same}`);
  expect(await saidOf('library.mjs')).toBe('');
});

test('an operation that nobody awaits is run to its end', async () => {
  const { code, stdout } = await groundhog(['run', 'forgotten', '--seed', '1'], {
    cwd: tree(FILES),
  });
  expect(stdout).toMatch(/uncaught Error {2}\(a-1\)\n {2}planted/);
  expect(code).toBe(1);
});

test('a mistake in a handler is told when every seed saw it', async () => {
  const cwd = tree(FILES);
  const args = ['run', 'remote', '--seeds', '20', '--workers', '1'];
  const { code, stdout } = await groundhog(args, { cwd });
  const mistake = "server's 'add' threw TypeError: env.disk.writeFile is not a function";
  expect(stdout.split('\n').filter((line) => line.includes('every seed'))).toEqual([
    `  every seed: ${mistake}`,
  ]);
  expect(code).toBe(0);
  const json = await groundhog([...args, '--json'], { cwd });
  expect(JSON.parse(json.stdout).everySeed).toEqual([mistake]);
});
