import { createHook } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Env } from '../../env/env.ts';
import { inMacrotask } from '../../sched/macrotask.ts';
import reach, { escapes } from '../fixtures/escapes.ts';
import { tree } from '../fixtures/tree.ts';
import type { ProgramSource } from '../node.ts';
import { programPath, programSource } from '../program-source.ts';
import { type Trial, trial } from '../trial.ts';

const NOTHING = new Map<string, object>();

function run(program: ProgramSource, args: string | null = null): Promise<Trial> {
  return inMacrotask(() => trial({ seed: '1', programs: { n: program }, args }));
}

function closure(main: (env: Env) => unknown): ProgramSource {
  return {
    load: () => async (env) => {
      await main(env);
    },
  };
}

function file(path: string, folder: string): ProgramSource {
  return programSource(programPath(path, folder), { modules: 'fresh', provided: NOTHING });
}

describe('a call into the real world fails the run, although the program catches it', () => {
  const program = file('../fixtures/escapes.ts', import.meta.dirname);

  test.for(Object.keys(escapes))('%s in a program', async (called) => {
    const { end, violation } = await run(program, called);
    expect(end).toBe('violated');
    expect(violation?.property).toBe(`escape: ${called}`);
    expect(violation?.nodes).toEqual(['n']);
    expect(violation?.message).toMatch(/^[^\n]+: (use|pass|give|hold) [^\n]+$/);
    expect(violation?.stack?.split('\n')[1]).toMatch(/sim\/node\/fixtures\/escapes\.ts:\d+:\d+/);
  });

  test.for(Object.keys(escapes))(
    '%s in a module that the test runner has loaded',
    async (called) => {
      const { violation } = await run({ load: () => reach as never }, called);
      expect(violation?.property).toBe(`escape: ${called}`);
      expect(violation?.stack?.split('\n')[1]).toMatch(/escapes\.ts:\d+:\d+/);
    },
  );

  test('the same through packages that a program imports', async () => {
    const folder = tree({
      'main.mjs': `import id from 'ids'; export default async () => { try { id() } catch {} };`,
      'node_modules/ids/package.json': '{ "main": "ids.js" }',
      'node_modules/ids/ids.js': `const { random } = require('random'); module.exports = () => 'id-' + random();`,
      'node_modules/random/package.json': '{ "exports": "./lib/random.js" }',
      'node_modules/random/lib/random.js': `
const { randomInt } = require('crypto');
exports.random = () => randomInt(1000);`,
    });
    const { violation } = await run(file('./main.mjs', folder));
    expect(violation?.property).toBe('escape: crypto.randomInt');
    expect(violation?.stack).toContain(join(folder, 'node_modules/random/lib/random.js:3:24'));
    expect(violation?.stack).toContain(join(folder, 'node_modules/ids/ids.js:1:70'));
  });

  test('in a timer, a tick, a microtask, and at the top level of a module', async () => {
    const ways: { readonly [way: string]: string } = {
      timer: `export default async ({ timers }) => {
        timers.after(5, () => Math.random());
        await timers.sleep(9);
      }`,
      tick: 'export default async () => process.nextTick(() => Math.random())',
      microtask: 'export default async () => queueMicrotask(() => Math.random())',
      top: 'Math.random(); export default async () => {}',
    };
    for (const [way, text] of Object.entries(ways)) {
      const { violation } = await run(file('./main.mjs', tree({ 'main.mjs': text })));
      expect([way, violation?.property]).toEqual([way, 'escape: Math.random']);
    }
  });
});

test('what is pure passes', async () => {
  const folder = tree({
    'main.ts': `
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { inspect, promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fs from 'node:fs';

export default async (env) => {
  assert.equal(new Date(0).toISOString(), '1970-01-01T00:00:00.000Z');
  assert.equal(new Date(2020, 1).getTime(), +new Date('2020-02-01T00:00'));
  assert.ok(new Date(0) instanceof Date && Date.UTC(1970) === 0);
  assert.equal(createHash('sha256').update('a').digest('hex').length, 64);
  assert.equal(gunzipSync(gzipSync('text')).toString(), 'text');
  assert.equal(Buffer.from('x').byteOffset, 0);
  assert.deepEqual([...Buffer.allocUnsafe(3)], [0, 0, 0]);
  const emitter = new EventEmitter();
  process.nextTick(() => emitter.emit('ready', 1));
  assert.deepEqual(await once(emitter, 'ready'), [1]);
  await pipeline(Readable.from(['a', 'b']), async function* (source) { for await (const s of source) yield s });
  assert.equal(structuredClone({ a: 1 }).a, 1);
  assert.equal(new URL('http://a/b').pathname, '/b');
  assert.equal(await new Response('body').text(), 'body');
  assert.ok(join('a', 'b') && inspect({}) && new StringDecoder() && resolve('x') && process.cwd());
  assert.ok(typeof fs.constants.O_RDONLY === 'number' && typeof connect === 'function');
  const controller = new AbortController();
  controller.abort();
  await env.timers.sleep(1);
};`,
  });
  const { end, violation } = await run(file('./main.ts', folder));
  expect(violation).toBeUndefined();
  expect(end).toBe('completed');
});

test('what a program prints is kept with the run, by the node that printed', async () => {
  const write = vi.spyOn(console, 'log').mockImplementation(() => {});
  const talk = closure(async (env) => {
    console.log('%s is %d', env.name, 1, { a: [1] });
    process.stdout.write('half a ');
    await env.timers.sleep(2);
    process.stdout.write('line\nand');
    console.error(new RangeError('out').message);
    console.group('group');
    console.table([{ a: 1 }]);
    console.time('t');
    await env.timers.sleep(3);
    console.timeEnd('t');
  });
  const { output } = await inMacrotask(() =>
    trial({ seed: '1', programs: { a: talk }, conditions: { lagNs: 0 } }),
  );
  expect(write).not.toHaveBeenCalled();
  expect(output.map(({ node, stream, text }) => `${node} ${stream} ${text}`)).toEqual([
    'a stdout a is 1 { a: [ 1 ] }',
    'a stdout half a line',
    'a stderr out',
    'a stdout andgroup',
    'a stdout   ┌─────────┬───┐',
    'a stdout   │ (index) │ a │',
    'a stdout   ├─────────┼───┤',
    'a stdout   │ 0       │ 1 │',
    'a stdout   └─────────┴───┘',
    'a stdout   t: 3.000ms',
  ]);
});

test('a run keeps its last thousand lines', async () => {
  const { output } = await run(
    closure(() => {
      for (let i = 0; i < 2_500; i++) console.log(i);
      console.log('x'.repeat(10_000));
    }),
  );
  expect(output).toHaveLength(1_000);
  expect(output[0]!.text).toBe('1501');
  expect(output.at(-1)!.text).toHaveLength(4_096);
});

test('what is printed is part of the digest', async () => {
  const [a, b] = [
    await run(closure(() => console.log('a'))),
    await run(closure(() => console.log('b'))),
  ];
  expect(a.digest).not.toBe(b.digest);
});

test('stacks are read, errors formatted and expectations met inside a world without an escape', async () => {
  const { violation } = await run(
    closure(async (env) => {
      const error = await Promise.reject(new Error('x')).catch((thrown: Error) => thrown);
      expect(error.stack).toMatch(/guard\.test\.ts:\d+:\d+/);
      expect(error.stack).not.toContain('sim/sched');
      expect(() => expect({ a: 1 }).toEqual({ a: 2 })).toThrow(/expected/);
      console.log(error, new EventEmitter());
      env.log.info(String(error.stack));
    }),
  );
  expect(violation).toBeUndefined();
});

test('warnings are printed, but for those that come only once a process', async () => {
  const warns = closure(() => {
    // biome-ignore lint/suspicious/noExplicitAny: deprecated, and so not typed.
    new (Buffer as any)(1);
    const emitter = new EventEmitter();
    for (let i = 0; i < 11; i++) emitter.on('x', () => {});
    process.emitWarning('mine', 'MyWarning');
  });
  const [first, second] = [await run(warns), await run(warns)];
  expect(first!.output.map(({ text }) => text.split(':')[0])).toEqual([
    'MaxListenersExceededWarning',
    'MyWarning',
  ]);
  expect(second!.digest).toBe(first!.digest);
});

test('with an AsyncLocalStorage, nothing that Node.js counts is on a promise or on an AsyncResource', async () => {
  const folder = tree({
    'main.mjs': `
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
const storage = new AsyncLocalStorage();
export default (env) => storage.run(7, async () => {
  const promise = Promise.resolve(3).then(() => 4);
  await env.timers.sleep(1);
  const resource = new AsyncResource('Mine');
  for (const object of [promise, resource]) {
    const symbols = Object.getOwnPropertySymbols(object).map((symbol) => object[symbol]);
    console.log(object, symbols, Reflect.ownKeys(object).length);
  }
  console.log(resource.runInAsyncScope(() => storage.getStore()), storage.getStore());
});`,
  });
  const runs = [];
  for (let i = 0; i < 3; i++) runs.push(await run(file('./main.mjs', folder)));
  const printed = runs[0]!.output.map(({ text }) => text);
  expect(printed.at(-1)).toBe('7 7');
  expect(printed.join()).not.toMatch(/async_id/);
  // Storages of a run that is over are on no promise of the next.
  expect(new Set(runs.map(({ digest }) => digest)).size).toBe(1);
  const hooked: number[] = [];
  const hook = createHook({ init: (id, type) => type === 'PROMISE' && hooked.push(id) }).enable();
  await Promise.resolve().then(() => {});
  hook.disable();
  expect(hooked.length).toBeGreaterThan(1);
  expect(new Set(hooked).size).toBe(hooked.length);
});

test('a module that warns as it loads does so in no run', async () => {
  const text = `
import { WASI } from 'node:wasi';
export default async (env) => {
  await env.timers.sleep(1);
  console.log(typeof WASI);
};`;
  const folder = tree({ 'main.mjs': text });
  for (let i = 0; i < 2; i++) {
    const { output } = await run(file('./main.mjs', folder));
    expect(output.map((line) => line.text)).toEqual(['function']);
  }
});

test('modules that change the process by loading are not loaded', async () => {
  const folder = tree({
    'main.mjs': `
import domain from 'node:domain';
import { EventEmitter } from 'node:events';
import repl from 'node:repl';
export default () => {
  console.log(EventEmitter.usingDomains, 'domain' in new EventEmitter(), typeof repl.start);
  try { domain.create() } catch {}
};`,
  });
  const { output, violation } = await run(file('./main.mjs', folder));
  expect(output.map(({ text }) => text)).toEqual(['false false function']);
  expect(violation?.property).toBe('escape: domain.create');
});

test('a response that is not told its date is an escape', async () => {
  const folder = tree({
    'main.mjs': `
import { IncomingMessage, ServerResponse } from 'node:http';
export default () => {
  const [set, given, silent, real] = [1, 2, 3, 4].map(
    () => new ServerResponse(new IncomingMessage(null)),
  );
  set.setHeader('Date', 'x').end();
  given.writeHead(200, { date: 'y' }).end();
  silent.sendDate = false;
  silent.end();
  for (const { _header } of [set, given, silent]) console.log(/date: .*/i.exec(_header)?.[0]);
  real.end();
};`,
  });
  const { output, violation } = await run(file('./main.mjs', folder));
  expect(violation?.property).toBe('escape: http.sendDate');
  expect(output.map(({ text }) => text)).toEqual(['Date: x', 'date: y', 'undefined']);
});

test('what a program assigns to a guarded global lasts as long as its world', async () => {
  const text = `
export default () => {
  console.log(Error.stackTraceLimit === 3, typeof process.send, process.title, process.exitCode);
  Error.stackTraceLimit = 3;
  process.send = () => {};
  process.title = 'mine';
  process.exitCode = 7;
  // Loads outside of the world.
  process.getBuiltinModule?.('node:trace_events');
  console.log(Error.stackTraceLimit, typeof process.send, process.title, process.exitCode);
};`;
  const before = [Error.stackTraceLimit, process.title, process.exitCode];
  const folder = tree({ 'main.mjs': text });
  for (let i = 0; i < 2; i++) {
    const { output } = await run(file('./main.mjs', folder));
    expect(output.map((line) => line.text)).toEqual([
      'false undefined node undefined',
      '3 function mine 7',
    ]);
    expect([Error.stackTraceLimit, process.title, process.exitCode]).toEqual(before);
  }
});

test('after a slice everything is as it was', async () => {
  const before = [Date, Date.now, Math.random, setTimeout, console, process.exit, process.hrtime];
  await run(closure(() => Date.now()));
  const after = [Date, Date.now, Math.random, setTimeout, console, process.exit, process.hrtime];
  expect(after).toEqual(before);
  expect(Date.now()).toBeGreaterThan(1_700_000_000_000);
  expect(readFileSync(import.meta.filename, 'utf8')).toContain('as it was');
  await new Promise((resolve) => setTimeout(resolve, 1));
});

test('fake timers of a test runner do not hide an escape', async () => {
  vi.useFakeTimers();
  try {
    vi.setSystemTime(5);
    // Not from a macrotask, since those are fake too: the program's first lines run all the same.
    const { violation } = trial({ seed: '1', programs: { n: closure(() => Date.now()) } });
    expect(violation?.property).toBe('escape: Date.now');
    expect(Date.now()).toBe(5);
  } finally {
    vi.useRealTimers();
  }
});
