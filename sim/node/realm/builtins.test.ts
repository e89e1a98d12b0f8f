import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inMacrotask } from '../../sched/macrotask.ts';
import { tree } from '../fixtures/tree.ts';
import { isPure } from '../guard/pure.ts';
import { nodeModule } from '../loader/node-module.ts';
import { trial } from '../trial.ts';
import { realmSource } from './realm-source.ts';

type Open = { [name: string]: unknown };

/** Real, and known to say the same in every process. */
const FACTS: ReadonlySet<string> = new Set(['v8.serialize', 'v8.deserialize', 'module.isBuiltin']);

test('of built-in modules a realm has what is pure, what it simulates, and stubs', async () => {
  const modules = builtinModules
    .map((name) => name.replace(/^node:/, ''))
    .filter((name) => !name.startsWith('_') && !/internal/.test(name));
  const found: { [module: string]: Open } = {};
  const folder = tree({
    'main.cjs': `const found = require('found');
for (const name of ${JSON.stringify(modules)}) found[name] = { ...require('node:' + name) };`,
  });
  const provided = new Map([['found', found]]);
  const main = realmSource(join(folder, 'main.cjs'), { argv: [], provided });
  const { violation } = await inMacrotask(() => trial({ seed: '1', programs: { main } }));
  expect(violation?.message).toBeUndefined();
  const real: string[] = [];
  for (const module of modules) {
    const exports = nodeModule(module) as Open;
    for (const [name, value] of Object.entries(found[module]!)) {
      const full = `${module}.${name}`;
      if (typeof value !== 'function' || value !== exports[name]) continue;
      if (!isPure(module, name) && !FACTS.has(full)) real.push(full);
    }
  }
  expect(real).toEqual([]);
});

test('a file that can be dated only by a clock has the time of its realm', async () => {
  const folder = tree({
    'main.mjs': `
await new Promise((done) => setTimeout(done, 1000));
const made = Date.now();
const file = new File(['x'], 'x'), told = new File([], 'y', { lastModified: 5 });
await new Promise((done) => setTimeout(done, 1000));
console.log(file.lastModified - made, told.lastModified, file, file instanceof File);`,
  });
  const main = realmSource(join(folder, 'main.mjs'), { argv: [], provided: new Map() });
  const { output } = await inMacrotask(() => trial({ seed: '1', programs: { main } }));
  expect(output.map(({ text }) => text).join('\n')).toMatch(
    /^0 5 File \{ size: 1, type: '', name: 'x', lastModified: 17672\d{8} \} true$/,
  );
});

test('the boundary of a FormData that is a body is drawn from the seed', async () => {
  const folder = tree({
    'main.mjs': `
const form = new FormData();
form.append('word', 'value');
const sent = new Response(form);
console.log(sent.headers.get('content-type'));
console.log((await sent.text()).includes('name="word"'));`,
  });
  const main = realmSource(join(folder, 'main.mjs'), { argv: [], provided: new Map() });
  const said = (seed: string) => inMacrotask(() => trial({ seed, programs: { main } }));
  const once = await said('1');
  expect(once.output.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^multipart\/form-data; boundary=.*\d{11}/),
    'true',
  ]);
  expect(await said('1')).toEqual(once);
  expect((await said('2')).output[0]).not.toEqual(once.output[0]);
});

test.for([
  'new crypto.ECDH("secp256k1")',
  'crypto.ECDH("secp256k1")',
  'crypto.DiffieHellmanGroup("modp5")',
  'new crypto.DiffieHellman(Buffer.alloc(9))',
  'crypto.publicEncrypt({}, Buffer.alloc(1))',
  'crypto.sign("sha256", Buffer.alloc(1), {}, () => {})',
  'crypto.verify("sha256", Buffer.alloc(1), {}, Buffer.alloc(1), () => {})',
])('%s is not simulated', async (text) => {
  const folder = tree({ 'main.mjs': `import crypto from 'node:crypto'; ${text};` });
  const main = realmSource(join(folder, 'main.mjs'), { argv: [], provided: new Map() });
  const { violation } = await inMacrotask(() => trial({ seed: '1', programs: { main } }));
  expect(violation?.property).toMatch(/^not simulated: crypto\.\w+/);
});

test('arguments of the realm are those of its util.parseArgs', async () => {
  const text = `import { parseArgs } from 'node:util';
console.log(parseArgs({ allowPositionals: true }).positionals.join());`;
  const folder = tree({ 'main.mjs': text });
  const options = { argv: ['a', 'b'], provided: new Map() };
  const main = realmSource(join(folder, 'main.mjs'), options);
  const { output } = await inMacrotask(() => trial({ seed: '1', programs: { main } }));
  expect(output.map((line) => line.text)).toEqual(['a,b']);
});
