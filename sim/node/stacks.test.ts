import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runOne } from '../explore/runner.ts';
import { fileSubject } from '../explore/subjects.ts';
import { bodySubject } from '../explore/test-world.ts';
import { framesOf } from '../trace/told.ts';
import { tree } from './fixtures/tree.ts';

type Body = Parameters<typeof bodySubject>[2];

async function failureOf(body: Body) {
  const subject = bodySubject('stacks', { forMs: 10_000 }, body);
  const run = await runOne(subject, { seed: '1', strategy: 'random' });
  const told = await runOne(subject, { seed: '1', strategy: 'random', onEvent: () => {} });
  expect(told.result).toEqual(run.result);
  return run.result.failure!;
}

/** Names of the functions on the stack; `null` where there is none. */
function functions(failure: { readonly message: string; readonly stack: string | undefined }) {
  const frames = framesOf(failure).map((frame) => frame.trim());
  for (const frame of frames) expect(frame).toContain('stacks.test.ts');
  return frames.map((frame) => /^at (?:async )?(?:(.*) \()?/.exec(frame)![1] ?? null);
}

test.each<[string, (env: Parameters<Body>[0]['env']) => Promise<unknown>]>([
  ['a disk call', (env) => env.disk.open('nope', 'read')],
  ['a call on a directory', (env) => env.disk.list('nope')],
  ['a connection refused', (env) => env.net.connect({ host: 'silent', port: 80 })],
  ['a name that nobody has', (env) => env.net.lookup('nobody')],
])(
  'an error that comes on its own, %s, has the lines that await it and none of ours',
  async (_, call) => {
    const failure = await failureOf(async ({ env, node }) => {
      node('silent', async ({ timers }) => timers.sleep(5_000));
      const load = async () => {
        await env.timers.sleep(1);
        await call(env);
      };
      const start = async () => {
        await load();
      };
      await start();
    });
    expect(functions(failure).slice(0, 2)).toEqual(['load', 'start']);
  },
);

test('who reads or writes a stream that breaks is on the stack', async () => {
  const failure = await failureOf(async ({ env, node }) => {
    node('server', async ({ net }) => {
      const stream = await net.listen(80).accept();
      stream.abort();
    });
    await env.timers.sleep(1);
    const stream = await env.net.connect({ host: 'server', port: 80 });
    const read = async () => {
      await stream.read();
    };
    await read();
  });
  expect(failure.message).toContain('(reset)');
  expect(functions(failure)[0]).toBe('read');
});

test('an error of the program has its async callers, beyond the frames of the harness', async () => {
  const failure = await failureOf(async ({ env }) => {
    const inner = async () => {
      await env.timers.sleep(1);
      throw new Error('planted');
    };
    const outer = async () => {
      await inner();
    };
    await outer();
  });
  expect(functions(failure).slice(0, 2)).toEqual(['inner', 'outer']);
});

test('what a handler threw is told with its line where the caller leaves it uncaught', async () => {
  const failure = await failureOf(async ({ env, node }) => {
    node('server', async ({ net, timers }) => {
      const add = async () => {
        await timers.sleep(1);
        throw Object.assign(new RangeError('too many'), { limit: 3 });
      };
      net.serve('add', add);
    });
    await env.timers.sleep(1);
    await env.net.call('server', 'add', null, { timeoutMs: 100 });
  });
  expect(failure.message).toBe('too many (remote)');
  expect(failure.details).toMatch(
    /^thrown by its handler on server: RangeError: too many\n {2}limit: 3\n {2}at add \(.*stacks\.test\.ts:\d+:\d+\)$/,
  );
});

test('a function without a name has none of ours, where a file awaits at its top', async () => {
  const text = `await new Promise((done) => setTimeout(done, 5));
await new Promise((done) => setTimeout(done, 5));
throw new Error('x');`;
  const file = join(tree({ 'main.mjs': text }), 'main.mjs');
  const told: string[] = [];
  const onEvent = ({ text: said }: { readonly text: string }) => told.push(said);
  const subject = fileSubject('main.mjs', file, new Map());
  await runOne(subject, { seed: '1', strategy: 'random', onEvent });
  const timers = told.filter((said) => said.startsWith('fires'));
  expect(timers.map((said) => said.replace(/set at .*\//, 'set at '))).toEqual([
    'fires the 5 ms timer set at main.mjs:1:29',
    'fires the 5 ms timer set at main.mjs:2:29',
  ]);
});
