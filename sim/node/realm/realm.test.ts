import { join } from 'node:path';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { inMacrotask } from '../../sched/macrotask.ts';
import { tree } from '../fixtures/tree.ts';
import type { ProgramSource } from '../node.ts';
import { type Trial, type TrialOptions, trial } from '../trial.ts';
import { type RealmOptions, realmSource } from './realm-source.ts';

const NOTHING = new Map<string, object>();

type Options = Partial<RealmOptions> & Partial<TrialOptions>;
type Files = { readonly [path: string]: string };

function source(files: Files, options: Partial<RealmOptions> = {}): ProgramSource {
  const file = join(tree(files), Object.keys(files)[0]!);
  return realmSource(file, { argv: [], provided: NOTHING, ...options });
}

/** Runs the first of the files, or a text as `main.mjs`, on one node. */
async function run(files: Files | string, options: Options = {}): Promise<Trial> {
  const program = source(typeof files === 'string' ? { 'main.mjs': files } : files, options);
  return inMacrotask(() => trial({ seed: '1', programs: { main: program }, ...options }));
}

function printed({ output }: Trial): string[] {
  return output.map(({ text }) => text);
}

describe('how a process ends', () => {
  test.for([
    ['', undefined, undefined],
    ['setTimeout(() => {}, 5)', undefined, undefined],
    ['process.exit(0)', undefined, undefined],
    ['process.exit()', undefined, undefined],
    ['process.exitCode = 0', undefined, undefined],
    ['setInterval(() => {}, 5).unref()', undefined, undefined],
    ['process.on("uncaughtException", () => {}); throw new Error("x")', undefined, undefined],
    ['Promise.reject(new Error("x")).catch(() => {})', undefined, undefined],
    ['process.exit(3)', 'exit code', 'exited with code 3'],
    ['process.exitCode = 4', 'exit code', 'exited with code 4'],
    ['process.exitCode = "5"', 'exit code', 'exited with code 5'],
    ['process.exitCode = 6; process.exit()', 'exit code', 'exited with code 6'],
    ['process.on("exit", () => { process.exitCode = 7 })', 'exit code', 'exited with code 7'],
    ['process.on("exit", () => process.exit(8))', 'exit code', 'exited with code 8'],
    ['try { process.exit(9) } catch {} process.exitCode = 0', 'exit code', 'exited with code 9'],
    [
      'setTimeout(() => process.exit(2), 5); setInterval(() => {}, 1)',
      'exit code',
      'exited with code 2',
    ],
    ['throw new RangeError("thrown")', 'uncaught RangeError', 'thrown'],
    ['setTimeout(() => { throw new Error("late") }, 5)', 'uncaught Error', 'late'],
    ['setTimeout(() => { throw null }, 5)', 'uncaught exception', 'not an Error: null'],
    ['throw "text"', 'uncaught exception', 'not an Error: text'],
    ['process.nextTick(() => { throw new Error("tick") })', 'uncaught Error', 'tick'],
    ['queueMicrotask(() => { throw new Error("micro") })', 'uncaught Error', 'micro'],
    ['Promise.reject(new TypeError("lost"))', 'uncaught TypeError', 'lost'],
    ['Promise.reject("text")', 'uncaught rejection', 'not an Error: text'],
    ['await Promise.reject(new Error("awaited"))', 'uncaught Error', 'awaited'],
    ['process.on("exit", () => { throw new Error("at exit") })', 'uncaught Error', 'at exit'],
    [
      'import assert from "assert"; assert.equal(1, 2, "differ")',
      'uncaught AssertionError',
      'differ',
    ],
    [
      'new (await import("events")).EventEmitter().emit("error", new Error("event"))',
      'uncaught Error',
      'event',
    ],
  ] as const)('%s', async ([text, property, message]) => {
    const { end, violation } = await run(text);
    expect([violation?.property, violation?.message]).toEqual([property, message]);
    expect(end).toBe(property === undefined ? 'completed' : 'violated');
  });

  test.for([
    ['await new Promise(() => {})', /^the top-level await at \S*main\.mjs:1 never settles/],
    ['\n\nawait 1;\nawait new Promise(() => {});\nawait 2;', /main\.mjs:4 never settles/],
    ['import "./dep.mjs"; await 1;', /dep\.mjs:2 never settles/],
    [
      'for await (const x of (async function* () { await new Promise(() => {}) })());',
      /main\.mjs:1 /,
    ],
  ] as const)(
    'a top-level await that nothing can settle is a deadlock: %j',
    async ([text, message]) => {
      const { violation } = await run({
        'main.mjs': text,
        'dep.mjs': '\nawait new Promise(() => {});',
      });
      expect(violation?.property).toBe('deadlock');
      expect(violation?.message).toMatch(message);
    },
  );

  test('a promise that never settles inside of a function is none', async () => {
    const { end } = await run({ 'main.cjs': '(async () => { await new Promise(() => {}); })();' });
    expect(end).toBe('completed');
  });

  test('listeners for the exit of a process that fails still run', async () => {
    const result = await run(
      'process.on("exit", (code) => console.log("exit", code)); throw new Error("x")',
    );
    expect(printed(result)).toEqual(['exit 1']);
    expect(result.violation?.message).toBe('x');
  });

  test('nothing runs after an exit', async () => {
    const text = `
setTimeout(() => console.log('timer'), 1); setImmediate(() => console.log('immediate'));
process.nextTick(() => console.log('tick'));
process.exit(0);`;
    expect(printed(await run({ 'main.cjs': text }))).toEqual([]);
  });
});

describe('time', () => {
  test('is virtual: a year takes no time', async () => {
    const { virtualMs, violation } = await run(`
const year = 365 * 24 * 3600 * 1000, began = Date.now();
for (let day = 0; day < 365; day++) await new Promise((r) => setTimeout(r, 24 * 3600 * 1000));
if (Date.now() - began < year) throw new Error(String(Date.now() - began));`);
    expect(violation).toBeUndefined();
    expect(virtualMs).toBeGreaterThanOrEqual(365 * 24 * 3600 * 1000);
  });

  test('begins at a fixed moment and has one zone', async () => {
    const text = `
console.log(new Date(0).getTimezoneOffset(), Intl.DateTimeFormat().resolvedOptions().timeZone);
console.log(new Date().toISOString(), (1234.5).toLocaleString(), new Date(0).toLocaleString());
console.log(new Intl.DateTimeFormat().format(), typeof Temporal === 'undefined' || Temporal.Now.instant().epochMilliseconds === Date.now());`;
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Kolkata';
    try {
      expect(printed(await run(text))).toEqual([
        '0 UTC',
        '2026-01-01T00:00:00.000Z 1,234.5 1/1/1970, 12:00:00 AM',
        '1/1/2026 true',
      ]);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  test('is the time of events, the real one never shows', async () => {
    const text = `
import { inspect } from 'node:util';
const wait = () => new Promise((done) => setTimeout(done, 50));
await wait();
const made = performance.now();
const events = [new Event('a'), new CustomEvent('b'), new (class extends Event {})('c')];
const controller = new AbortController();
await wait();
if (events.some(({ timeStamp }) => timeStamp !== made)) throw new Error(String(events[0].timeStamp));
controller.signal.onabort = (event) => console.log(event.timeStamp === performance.now(), event);
controller.abort();
console.log(events[0] instanceof Event, events[1] instanceof Event, events, inspect(events[0], { colors: true }));`;
    const [a, b] = [await run(text), await run(text)];
    expect(a.violation).toBeUndefined();
    expect(printed(a)[0]).toBe('true Event {');
    expect(printed(b)).toEqual(printed(a));
    expect(b.digest).toBe(a.digest);
  });

  test('passes for who waits for it in a loop', async () => {
    const { end } = await run('const t = Date.now(); while (Date.now() < t + 20);');
    expect(end).toBe('completed');
  });

  test('whether a timer of 1 ms or an immediate of the main script comes first is open', async () => {
    const program = source({
      'main.cjs': `setTimeout(() => console.log('t')); setImmediate(() => console.log('i'));`,
    });
    const orders = await inMacrotask(() =>
      Array.from({ length: 40 }, (_, seed) =>
        printed(trial({ seed: `${seed}`, programs: { n: program } })).join(''),
      ),
    );
    // Each of the two comes in about half of the runs: 40 all alike with a chance of 2^-39.
    expect(new Set(orders)).toEqual(new Set(['ti', 'it']));
  });

  test('timers come due on whole milliseconds, so those set at different moments meet', async () => {
    const program = source({
      'main.cjs': `
const at = () => console.log(performance.now() % 1);
setTimeout(at, 3); setImmediate(() => setTimeout(at, 3));`,
    });
    const lines = await inMacrotask(() =>
      ['1', '2', '3'].map((seed) => printed(trial({ seed, programs: { n: program } }))),
    );
    for (const [first, second] of lines) expect(second).toBe(first);
  });

  test('timers of one delay never overtake each other, and several that are due run in one turn', async () => {
    const program = source({
      'main.mjs': `
let at; const turns = [];
for (let i = 0; i < 6; i++) setTimeout(() => { turns.push(i); setImmediate(() => turns.push('|')) }, 5 + (i >> 1));
await new Promise((r) => setTimeout(r, 50));
console.log(turns.join('').replace(/\\|+/g, '|'));`,
    });
    const lines = await inMacrotask(() =>
      Array.from({ length: 60 }, (_, seed) => {
        const conditions = { lagNs: 3_000_000 };
        return printed(trial({ seed: `${seed}`, programs: { n: program }, conditions }))[0]!;
      }),
    );
    for (const line of lines) expect(line.replaceAll('|', '')).toBe('012345');
    expect(new Set(lines).size).toBeGreaterThan(3);
  });
});

describe('randomness', () => {
  const DRAWS = `
import { getRandomValues, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
const later = await promisify(randomBytes)(3);
const filled = await new Promise((resolve) => randomFill(Buffer.alloc(8), 4, (error, buffer) => resolve(buffer)));
console.log(Math.random(), randomInt(10), randomInt(5, 7), randomBytes(5).toString('hex'), randomUUID());
console.log(later.toString('hex'), filled.toString('hex'), randomFillSync(Buffer.alloc(2)).length);
console.log(crypto.randomUUID(), crypto.getRandomValues(new Uint32Array(2)), webcrypto.getRandomValues(new Uint8Array(1)).length);
console.log(randomBytes(100_000).length, getRandomValues(new Uint16Array(1)).length);
try { randomInt(5, 5) } catch (error) { console.log(error.code) }
try { crypto.subtle.digest('SHA-1', new Uint8Array()) } catch (error) { console.log(error.message) }`;

  test('comes from the seed', async () => {
    const [a, again, b] = [
      await run(DRAWS, { seed: 'a' }),
      await run(DRAWS, { seed: 'a' }),
      await run(DRAWS, { seed: 'b' }),
    ];
    expect(a.violation).toBeUndefined();
    expect(printed(a)).toHaveLength(7);
    expect(printed(a)[1]).toMatch(/^[0-9a-f]{6} 00000000[0-9a-f]{8} 2$/);
    expect(printed(a).at(-3)).toBe('ERR_OUT_OF_RANGE');
    expect(printed(again)).toEqual(printed(a));
    expect(again.digest).toBe(a.digest);
    expect(printed(b)[0]).not.toBe(printed(a)[0]);
  });
});

test('ids of the process are those of the realm', async () => {
  const text = `
import { AsyncResource } from 'node:async_hooks';
const a = new AsyncResource('a'), b = new AsyncResource('b', { triggerAsyncId: a.asyncId() });
console.log(a.asyncId(), a.triggerAsyncId(), b.asyncId(), b.triggerAsyncId(), a);
console.log(a.runInAsyncScope((x) => x + 1, undefined, 1), AsyncResource.bind((x) => x)(3));`;
  const [first, second] = [await run(text), await run(text)];
  expect(first.violation).toBeUndefined();
  expect(printed(first)).toEqual(['2 1 3 2 AsyncResource {}', '2 3']);
  expect(second.digest).toBe(first.digest);
});

test('URLs of blobs, which are random, are refused', async () => {
  const { violation } = await run('URL.createObjectURL(new Blob(["x"]))');
  expect(violation?.property).toBe('escape: URL.createObjectURL');
  expect(violation?.stack?.split('\n')[1]).toMatch(/main\.mjs:1:\d+/);
});

test('ids that Node.js gives to promises while an AsyncLocalStorage is in use never show', async () => {
  const text = `
import { AsyncLocalStorage } from 'node:async_hooks';
const storage = new AsyncLocalStorage();
await storage.run(7, async () => {
  const promise = Promise.resolve(3).then(() => 4);
  await new Promise((done) => setTimeout(done, 1));
  console.log(promise, Object.getOwnPropertySymbols(promise).map((symbol) => promise[symbol]));
  console.log(storage.getStore());
});`;
  const [first, second] = [await run(text), await run(text)];
  expect(printed(first).at(-1)).toBe('7');
  expect(printed(first).join()).not.toMatch(/async_id/);
  expect(second.digest).toBe(first.digest);
});

describe('what is not simulated', () => {
  test.for([
    ['fs.readFileSync', 'import { readFileSync } from "fs"; readFileSync("x")'],
    ['fs.promises.readFile', 'import fs from "fs/promises"; await fs.readFile("x")'],
    ['fs.promises.readFile', 'import { promises } from "fs"; await promises.readFile("x")'],
    ['net.connect', 'import net from "net"; net.connect(1)'],
    ['net.Socket', 'import { Socket } from "net"; class Mine extends Socket {}; new Mine()'],
    ['http.createServer', 'import { createServer } from "http"; createServer().listen(1)'],
    ['https.get', 'import https from "https"; https.get("https://x")'],
    ['dns.lookup', 'import dns from "dns"; dns.lookup("x", () => {})'],
    ['child_process.spawn', 'import { spawn } from "child_process"; spawn("x")'],
    ['worker_threads.Worker', 'import { Worker } from "worker_threads"; new Worker("x")'],
    ['vm.runInNewContext', 'import vm from "vm"; vm.runInNewContext("1")'],
    ['zlib.gzip', 'import zlib from "zlib"; zlib.gzip("x", () => {})'],
    ['crypto.generateKeyPairSync', 'import c from "crypto"; c.generateKeyPairSync("ed25519")'],
    ['async_hooks.executionAsyncId', 'import a from "async_hooks"; a.executionAsyncId()'],
    ['readline.createInterface', 'import r from "readline"; r.createInterface({})'],
    ['fetch', 'await fetch("http://x")'],
    ['MessageChannel', 'new MessageChannel()'],
    ['Atomics.wait', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
    ['process.kill', 'process.kill(1)'],
    ['process.chdir', 'process.chdir("/")'],
  ] as const)('%s throws when it is called', async ([name, text]) => {
    const { violation } = await run(text);
    expect(violation?.property).toBe(`not simulated: ${name}`);
    expect(violation?.message).toMatch(/^not simulated: [\w.]+; \S[^\n]+$/);
    expect(violation?.stack?.split('\n')[1]).toMatch(/main\.mjs:1:\d+/);
  });

  test('can be imported, extended and looked at', async () => {
    const { violation } = await run(`
import fs, * as all from 'node:fs'; import http, { Agent, METHODS } from 'node:http'; import 'node:net';
import os from 'node:os'; import tty from 'node:tty'; import { isMainThread } from 'node:worker_threads';
import cluster from 'node:cluster'; import inspector from 'node:inspector'; import v8 from 'node:v8';
import test from 'node:test'; import repl from 'node:repl'; import { builtinModules } from 'node:module';
class Mine extends Agent {}
const request = Object.create(http.IncomingMessage.prototype);
if (!METHODS.includes('GET') || fs.constants.O_RDONLY !== 0 || !all.readFile || tty.isatty(1)) throw 1;
if (!isMainThread || os.cpus().length !== 4 || os.hostname() !== 'main' || os.EOL !== '\\n') throw 2;
if (!builtinModules.includes('fs') || inspector.url() !== undefined || !cluster.isPrimary) throw 3;`);
    expect(violation).toBeUndefined();
  });

  test('a caught call is told in the output, and the run goes on', async () => {
    const result = await run(`
import fs from 'node:fs';
try { fs.readFileSync('x') } catch (error) { console.log(error.name, error.code, error instanceof Error) }`);
    expect(printed(result)).toEqual([
      'not simulated: fs.readFileSync',
      'NotSimulated ERR_NOT_SIMULATED true',
    ]);
    expect(result.end).toBe('completed');
  });
});

describe('what the process is started with', () => {
  test('arguments and environment are given, and the same in every run', async () => {
    const text = `
console.log(process.argv.slice(2), process.env.GIVEN, process.env.PATH, process.cwd() === ${JSON.stringify(process.cwd())});
process.env.GIVEN += '!'; process.argv.push('more'); Array.prototype.extra = 1; globalThis.left = 1;
console.log([].extra, globalThis.left);`;
    const program = source({ 'main.cjs': text }, { argv: ['--flag', 'x'], env: { GIVEN: 'yes' } });
    const [first, second] = await inMacrotask(() => [
      printed(trial({ seed: '1', programs: { n: program } })),
      printed(trial({ seed: '1', programs: { n: program } })),
    ]);
    expect(first).toEqual(["[ '--flag', 'x' ] yes undefined true", '1 1']);
    expect(second).toEqual(first);
    expect('extra' in []).toBe(false);
  });

  test('two nodes have a realm each', async () => {
    const program = source({ 'main.cjs': `console.log(globalThis.mark); globalThis.mark = 1;` });
    const { output } = await inMacrotask(() =>
      trial({ seed: '1', programs: { a: program, b: program } }),
    );
    expect(output.map(({ node, text }) => `${node} ${text}`).sort()).toEqual([
      'a undefined',
      'b undefined',
    ]);
  });

  test('a file may import the harness that runs it', async () => {
    const provided = new Map([['groundhog', { answer: 42 }]]);
    const text = `import { answer } from 'groundhog'; console.log(answer)`;
    expect(printed(await run(text, { provided }))).toEqual(['42']);
  });
});

test('TypeScript, with packages of both kinds, and a stack at its own lines', async () => {
  const { violation, output } = await run({
    'race.ts': `
import { setTimeout as sleep } from 'node:timers/promises';
import { twice } from 'dual';
import three from 'old';
interface Waits { readonly forMs: number }

async function wait({ forMs }: Waits): Promise<number> {
  await sleep(forMs);
  return twice(three);
}

console.log(await wait({ forMs: 5 }));
enum Word { Why = 'why' }
throw new Error(Word.Why);`,
    'node_modules/dual/package.json':
      '{ "type": "module", "exports": { "import": "./i.js", "require": "./none.cjs" } }',
    'node_modules/dual/i.js': `import { EventEmitter } from 'events'; export const twice = (n) => 2 * n;`,
    'node_modules/old/package.json': '{ "main": "lib" }',
    'node_modules/old/lib/index.js': `module.exports = require('./three');`,
    'node_modules/old/lib/three.json': '3',
  });
  expect(output[0]!.text).toBe('6');
  expect(violation?.property).toBe('uncaught Error');
  expect(violation?.stack?.replaceAll(/\/\S*\//g, '')).toBe('Error: why\n    at race.ts:14:7');
});

test.for([
  ['import "./none.mjs"', /main\.mjs:1:8: cannot find '\.\/none\.mjs'$/],
  ['import none from "none"', /main\.mjs:1:18: cannot find package 'none'/],
  ['let let = 1', /main\.mjs:1:5: /],
  ['import { no } from "fs"', /main\.mjs:1:10: 'fs' does not export 'no'/],
] as const)('what is wrong with a file is said with its line: %s', async ([text, message]) => {
  const error = await run(text).then(
    ({ violation }) => violation,
    (thrown: Error) => thrown,
  );
  expect(error?.message).toMatch(message);
});

test('a run is the same whatever ran before it', async () => {
  const busy = source({
    'busy.mjs': `
import { EventEmitter } from 'node:events'; import { AsyncLocalStorage } from 'node:async_hooks';
EventEmitter.defaultMaxListeners = 1;
const storage = new AsyncLocalStorage(); console.log(Buffer.from('some text').byteOffset);
await storage.run(1, () => new Promise((r) => setTimeout(r, Math.random() * 9)));
await Promise.all(Array.from({ length: 9 }, () => new Promise((r) => setTimeout(r, Math.random() * 9))));
console.log(EventEmitter.defaultMaxListeners, +setTimeout(() => {}), storage.getStore(), process.hrtime(), process.memoryUsage());`,
  });
  const other = source({
    'other.mjs': `import { EventEmitter } from 'node:events'; console.log(EventEmitter.defaultMaxListeners);`,
  });
  await inMacrotask(() => {
    const conditions = { lagNs: 1_000_000 };
    const run = (seed: string, program: ProgramSource) =>
      trial({ seed, programs: { n: program }, conditions });
    const digests = new Map<string, string>();
    for (const seed of ['1', '2', '3']) digests.set(seed, run(seed, busy).digest);
    expect(printed(run('1', other))).toEqual(['10']);
    for (const seed of ['3', '1', '2', '1']) expect(run(seed, busy).digest).toBe(digests.get(seed));
    expect(new Set(digests.values()).size).toBe(3);
  });
});

test('realms are collected after the run', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const program = source({
    'main.mjs': `
import { AsyncLocalStorage } from 'node:async_hooks'; import { EventEmitter, once } from 'node:events';
new AsyncLocalStorage().enterWith({ big: new Array(1000).fill({}) });
setInterval(() => {}, 5).unref(); process.on('exit', () => {}); once(new EventEmitter(), 'never');
new FinalizationRegistry(() => {}).register({}); Error.prepareStackTrace = (error) => error.message;
AbortSignal.timeout(1e6); new Promise(() => {}); console.log(new Error('x').stack);
await new Promise((r) => setTimeout(r, 5)); process.exit(0);`,
  });
  const before = getHeapStatistics().number_of_native_contexts;
  for (let round = 0; round < 3; round++) {
    await inMacrotask(() => {
      for (let seed = 0; seed < 40; seed++) trial({ seed: `${seed}`, programs: { n: program } });
    });
    await inMacrotask(() => collect());
  }
  const left = (): number => getHeapStatistics().number_of_native_contexts - before;
  // What one collection finalises the next one frees; how many it takes is V8's to say.
  for (let more = 0; more < 20 && left() >= 5; more++) await inMacrotask(() => collect());
  expect(left()).toBeLessThan(5);
});
