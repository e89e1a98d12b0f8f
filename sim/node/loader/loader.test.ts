import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tree } from '../fixtures/tree.ts';
import { mainHabitat } from '../program-source.ts';
import { moduleOf } from './compiled.ts';
import type { EsmForm } from './esm.ts';
import { ModuleGraph } from './graph.ts';
import { LoadError } from './load-error.ts';
import { loadModule } from './load-module.ts';
import { resolve } from './resolve.ts';

const NOTHING = new Map<string, object>();

type Exports = { readonly [name: string]: unknown };

/** Evaluates a file in a graph of its own. */
function evaluate(file: string, provided: ReadonlyMap<string, object> = NOTHING): Exports {
  return new ModuleGraph(mainHabitat(provided)).import(file).namespace() as Exports;
}

/** What the files export, of which the first is loaded. */
function exportsOf(files: { readonly [path: string]: string }): Exports {
  return evaluate(join(tree(files), Object.keys(files)[0]!));
}

/** Code, message and place of what is thrown. */
function refusal(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    return { code: error.code, message: error.message };
  }
  throw new Error('nothing was thrown');
}

describe('resolution', () => {
  const folder = (): string =>
    tree({
      'package.json':
        '{ "name": "own", "imports": { "#x": "./src/x.ts", "#dep": "dep" }, "exports": { "./x": "./src/x.ts" } }',
      'src/x.ts': '',
      'src/only.js': '',
      'src/folder/index.js': '',
      'src/with space.js': '',
      'node_modules/dep/package.json': '{ "main": "./lib/main" }',
      'node_modules/dep/lib/main.js': '',
      'node_modules/dep/lib/other.js': '',
      'node_modules/dual/package.json': JSON.stringify({
        exports: {
          '.': { 'module-sync': './sync.mjs', import: './i.mjs', require: './r.cjs' },
          './deep/*': { node: './deep/*.js', default: './none.js' },
          './private/*': null,
        },
      }),
      'node_modules/dual/i.mjs': '',
      'node_modules/dual/r.cjs': '',
      'node_modules/dual/deep/a.js': '',
      'node_modules/@scope/name/package.json': '{}',
      'node_modules/@scope/name/index.js': '',
    });

  test.for([
    ['import', './x.ts', 'src/x.ts'],
    ['import', './x.js', 'src/x.ts'],
    ['import', './only.ts', 'src/only.js'],
    ['import', './with%20space.js?query', 'src/with space.js'],
    ['import', './only', 'src/only.js'],
    ['require', './only', 'src/only.js'],
    ['require', './folder', 'src/folder/index.js'],
    ['require', './folder/', 'src/folder/index.js'],
    ['import', '#x', 'src/x.ts'],
    ['import', '#dep', 'node_modules/dep/lib/main.js'],
    ['import', 'own/x', 'src/x.ts'],
    ['import', 'dep', 'node_modules/dep/lib/main.js'],
    ['require', 'dep/lib/other', 'node_modules/dep/lib/other.js'],
    ['import', 'dual', 'node_modules/dual/i.mjs'],
    ['require', 'dual', 'node_modules/dual/r.cjs'],
    ['import', 'dual/deep/a', 'node_modules/dual/deep/a.js'],
    ['import', '@scope/name', 'node_modules/@scope/name/index.js'],
  ] as const)('%s of %s', ([kind, specifier, file]) => {
    const root = folder();
    const from = { file: join(root, 'src/from.ts') };
    expect(resolve({ specifier, kind, from })).toEqual({ is: 'file', file: join(root, file) });
  });

  test.for([
    ['import', './missing.js', 'ERR_MODULE_NOT_FOUND', "cannot find './missing.js'"],
    ['require', './missing', 'MODULE_NOT_FOUND', "cannot find './missing'"],
    [
      'import',
      'missing',
      'ERR_MODULE_NOT_FOUND',
      "cannot find package 'missing'; is it installed?",
    ],
    ['import', 'dual/private/a', 'ERR_PACKAGE_PATH_NOT_EXPORTED', "does not export './private/a'"],
    ['import', '#none', 'ERR_PACKAGE_IMPORT_NOT_DEFINED', "'#none' is not among the imports"],
    ['import', './only', 'ERR_MODULE_NOT_FOUND', "cannot find './only'"],
    ['import', './folder', 'ERR_UNSUPPORTED_DIR_IMPORT', "'./folder' is a folder"],
    ['import', 'https://host/x.js', 'ERR_MODULE_NOT_FOUND', 'only files can be'],
  ] as const)('%s of %s is refused', ([kind, specifier, code, what]) => {
    // From JavaScript, where imports say the whole name.
    const file = join(folder(), 'src/from.mjs');
    const { code: found, message } = refusal(() => resolve({ specifier, kind, from: { file } }));
    expect(found).toBe(code);
    expect(message).toContain(`${file}: `);
    expect(message).toContain(what);
  });

  test('a built-in module is one with and without its prefix', () => {
    const from = { file: '/x.mjs' };
    const fs = { is: 'builtin', name: 'fs/promises' };
    expect(resolve({ specifier: 'fs/promises', kind: 'import', from })).toEqual(fs);
    expect(resolve({ specifier: 'node:fs/promises', kind: 'require', from })).toEqual(fs);
  });
});

describe('the module system of a file', () => {
  test.for([
    ['a.mjs', 'export const x = 1', undefined, 'esm'],
    ['a.cjs', 'exports.x = 1', undefined, 'cjs'],
    ['a.js', 'export const x = 1', 'module', 'esm'],
    ['a.js', 'exports.x = 1', 'commonjs', 'cjs'],
    ['a.js', 'exports.x = 1 // import', undefined, 'cjs'],
    ['a.js', 'export const x = 1', undefined, 'esm'],
    ['a.js', 'globalThis.url = import.meta.url; var x = 1', undefined, 'esm'],
    ['a.js', 'const x = await 1', undefined, 'esm'],
    ['a.js', 'exports.x = async () => await 1', undefined, 'cjs'],
    ['a.ts', 'export const x: number = 1', undefined, 'esm'],
    ['a.ts', 'export const x: number = 1', 'commonjs', 'esm'],
    ['a.ts', 'const x: number = 1; module.exports = { x }', undefined, 'cjs'],
    ['a.cts', 'import fs = require("fs"); export = { x: 1 }', undefined, 'cjs'],
    ['a.ts', 'import fs = require("fs"); import "fs"; export const x = 1', 'commonjs', 'cjs'],
    ['a.ts', 'export const x = [__dirname]', undefined, 'cjs'],
    ['a.ts', 'export const x = [__dirname, import.meta.url]', undefined, 'esm'],
    ['a.ts', 'export const x = await [__dirname]', 'commonjs', 'esm'],
    ['a.ts', 'export const x = [__dirname]', 'module', 'esm'],
    ['a.ts', 'export const x = (module: any) => module.exports', 'commonjs', 'esm'],
    ['a.ts', 'import { module } from "./b"; export const x = module', 'commonjs', 'esm'],
    ['a.ts', 'const module = 1; export const x = { require: module }', 'commonjs', 'esm'],
    ['a.mts', 'export const x: number = 1', 'commonjs', 'esm'],
    ['a.json', '{ "x": 1 }', undefined, 'json'],
  ] as const)('%s with "%s" and type %s', ([name, text, type, form]) => {
    const json = type === undefined ? '{}' : `{ "type": "${type}" }`;
    const folder = tree({ [name]: text, 'package.json': json });
    expect(moduleOf(join(folder, name)).form.is).toBe(form);
  });
});

describe('ES modules', () => {
  test('exports are live, also to those who pass them on', () => {
    const { seen } = exportsOf({
      'main.mjs': `
import { n, next, o, twice } from './middle.mjs';
import * as all from './counter.mjs';
const before = [n, o, all.n, twice];
next();
export const seen = [before, [n, o, all.n, twice]];`,
      'middle.mjs': `export * from './counter.mjs'; export { n as twice } from './counter.mjs';`,
      'counter.mjs': `
export let n = 1, o = 'o';
export function next() { n++; ({ o } = { o: 'p' }); return n }`,
    });
    expect(seen).toEqual([
      [1, 'o', 1, 1],
      [2, 'p', 2, 2],
    ]);
  });

  test('an inner variable of the same name is not the export', () => {
    const { n, set } = exportsOf({
      'main.mjs': `
export let n = 0;
export const set = [(n) => { n = 5; return n }, () => { let n; n = 6 }, () => { for (let n = 0; n < 3; n++); },
  class n { m() { n = 7 } }, function n() { try { throw 1 } catch (n) { n = 8 } }];
set[0](1); set[1](); set[2](); set[4]();`,
    });
    expect([n, (set as unknown[]).length]).toEqual([0, 5]);
  });

  test('assignments of every kind are seen', () => {
    const { log } = exportsOf({
      'main.mjs': `
import * as m from './m.mjs';
import { v, w, x, loop, fn } from './m.mjs';
export const log = [[v, w, x, loop, fn()]];
m.change();
log.push([v, w, x, loop, fn()]);`,
      'm.mjs': `
export let v = 1, w = 2, x, loop;
export function fn() { return 'fn' }
export const change = () => {
  const r = (v += 10, w ??= 0, w--, [x] = [v], v);
  for (loop of [1, 2, 3]) {}
  fn = () => r;
};`,
    });
    expect(log).toEqual([
      [1, 2, undefined, undefined, 'fn'],
      [11, 1, 11, 3, 11],
    ]);
  });

  test.for([
    ['export default () => {}', 'default'],
    ['export default function () {}', 'default'],
    ['export default async function* () {}', 'default'],
    ['export default class {}', 'default'],
    ['export default (class {});', 'default'],
    ['export /* a */ default function named() {}', 'named'],
    ['export default class Named {}', 'Named'],
    ['const fn = function other() {}; export default fn', 'other'],
    ['const own = () => {}; export { own as default }', 'own'],
  ])('%s', ([text, name]) => {
    expect((exportsOf({ 'main.mjs': text! })['default'] as { name: string }).name).toBe(name);
  });

  test('odd names, comments and statements without semicolons survive the rewriting', () => {
    const exports = exportsOf({
      'main.mjs': `#!/usr/bin/env node
import{a as b}from'./a.mjs'/* import */;import'./a.mjs'
import c,{"odd name" as odd}from"./a.mjs"
export{b as "also odd",c as default}
export const{x:[y]=[1],...rest}={x:[2],z:3},arrow=()=>y
var $G=1,$H=2;import'./a.mjs';import d from'./a.mjs';export{d as third}
export const url=import.meta.url,text=\`import.meta \${$G+$H}\`
export var hoisted; if(true){var inner=4}
export{inner}`,
      'a.mjs': 'export const a = 1; const o = 2; export { o as "odd name" }; export default 3',
    });
    expect(exports).toMatchObject({ 'also odd': 1, default: 3, y: 2, rest: { z: 3 }, inner: 4 });
    expect([exports['text'], (exports['arrow'] as () => number)()]).toEqual(['import.meta 3', 2]);
    expect(exports['url']).toMatch(/^file:.*main\.mjs$/);
  });

  test('functions are there in a cycle before their module has run', () => {
    const { seen } = exportsOf({
      'main.mjs': `import { b } from './b.mjs'; export function a() { return 'a' } export const seen = b;`,
      'b.mjs': `import { a } from './main.mjs'; export const b = a() + 'b';`,
    });
    expect(seen).toBe('ab');
  });

  test('dependencies run first, in the order of the imports, each once', () => {
    const { log } = exportsOf({
      'main.mjs': `import './a.mjs'; export * from './b.mjs'; import './c.cjs'; import './a.mjs';
export const log = globalThis.order.splice(0);`,
      'a.mjs': `import './d.mjs'; (globalThis.order ??= []).push('a');`,
      'b.mjs': `import './d.mjs'; globalThis.order.push('b');`,
      'c.cjs': `globalThis.order.push('c');`,
      'd.mjs': `(globalThis.order ??= []).push('d');`,
    });
    expect(log).toEqual(['d', 'a', 'b', 'c']);
  });

  test('top-level await: who imports it waits, who does not goes on', async () => {
    const folder = tree({
      'main.mjs': `import { slow } from './slow.mjs'; import { log } from './log.mjs'; log.push('main ' + slow); export { log };`,
      'slow.mjs': `import { log } from './log.mjs'; log.push('begins'); export const slow = await new Promise((r) => setTimeout(r, 5, 'slow')); log.push('goes on');`,
      'log.mjs': `export const log = [];`,
    });
    const instance = new ModuleGraph(mainHabitat(NOTHING)).import(join(folder, 'main.mjs'));
    await (instance as { pending?: Promise<unknown> }).pending;
    expect((instance.namespace() as Exports)['log']).toEqual(['begins', 'goes on', 'main slow']);
    const graph = new ModuleGraph(mainHabitat(NOTHING));
    const cjs = tree({ 'main.cjs': `require('./slow.mjs')`, 'slow.mjs': 'await 1' });
    expect(refusal(() => graph.import(join(cjs, 'main.cjs'))).code).toBe(
      'ERR_REQUIRE_ASYNC_MODULE',
    );
  });

  test('lines and columns stay, so that stacks need no map', () => {
    const file = join(
      tree({ 'a.mjs': `import x from 'fs'; export const a = () => { throw new Error() }` }),
      'a.mjs',
    );
    const { code, prologueLength } = moduleOf(file).form as EsmForm;
    expect(code.slice(prologueLength).indexOf('throw')).toBe(45);
  });

  test('a graph that is evaluated again has a state of its own', () => {
    const file = join(tree({ 'a.mjs': 'export let n = 0; export const add = () => ++n' }), 'a.mjs');
    const [a, b] = [evaluate(file), evaluate(file)] as [Exports, Exports];
    (a['add'] as () => void)();
    expect([a['n'], b['n']]).toEqual([1, 0]);
  });
});

test('a program sees the copy of groundhog that runs, whatever is installed', () => {
  const provided = new Map<string, object>([['groundhog/check', { linearizable: 'here' }]]);
  const folder = tree({
    'main.mjs': `export { linearizable } from 'groundhog/check';`,
    'main.cjs': `exports.linearizable = require('groundhog/check').linearizable;`,
    'node_modules/groundhog/package.json': '{ "exports": { "./check": "./none.js" } }',
  });
  expect(evaluate(join(folder, 'main.mjs'), provided)['linearizable']).toBe('here');
  expect(evaluate(join(folder, 'main.cjs'), provided)['linearizable']).toBe('here');
});

test('TypeScript is compiled under the tsconfig.json of its project', () => {
  const exports = exportsOf({
    'src/main.ts': `
import { type Used, unused } from './none-at-run-time.ts';
enum Level { Low = 1, High }
namespace Space { export const inner = 3 }
class Point { constructor(readonly x: number, public y = 2) {} }
const seen: string[] = [];
function note(target: object, key: string) { seen.push(key) }
class Noted { @note field = 1 }
export const all = [Level[2], Space.inner, new Point(1), seen, <const>'satisfies' satisfies string];
export let value!: Used;
type Local = typeof unused;`,
    'tsconfig.json': '{ "extends": ["./base.json"], /* why */ "compilerOptions": {}, }',
    'base.json': '{ "compilerOptions": { "experimentalDecorators": true } } // comment',
  });
  expect(exports['all']).toEqual(['High', 3, { x: 1, y: 2 }, ['field'], 'satisfies']);
});

describe('TypeScript that its package does not declare to be a module', () => {
  const compiled = `Object.defineProperty(exports, '__esModule', { value: true });
exports.default = class Queue {}; exports.size = 1;`;

  test.for([
    ['commonjs', 'Queue'],
    ['module', undefined],
  ] as const)('of type %s imports the default export %s of what was compiled', ([type, name]) => {
    const exports = exportsOf({
      'main.ts': `
import Queue, { size } from 'queue';
import * as all from 'queue';
import plain from 'plain';
export { default as Again } from 'queue';
export const seen = [Queue.name, all.default === Queue, size, plain];`,
      'package.json': `{ "type": "${type}" }`,
      'node_modules/queue/index.js': compiled,
      'node_modules/queue/package.json': '{}',
      'node_modules/plain/index.js': 'module.exports = "plain"',
      'node_modules/plain/package.json': '{}',
    });
    expect(exports['seen']).toEqual([name, true, 1, 'plain']);
    expect((exports['Again'] as { name?: string }).name).toBe(name);
  });

  test('may take what only CommonJS has', () => {
    const exports = exportsOf({
      'main.ts': `
import { basename } from 'node:path';
import three = require('./three');
import Queue from 'queue';
export const seen: unknown[] = [three, basename(__filename), Queue.name, require.main === module];`,
      'three.ts': `import { sep } from 'node:path'; export = sep.length + 2;`,
      'node_modules/queue/index.js': compiled,
      'node_modules/queue/package.json': '{}',
    });
    expect(exports['seen']).toEqual([3, 'main.ts', 'Queue', false]);
  });
});

describe('what cannot be loaded is said in one line, with file and line', () => {
  test.for([
    ['a.mjs', 'const a = 1;\nconst a = 2;', 'ERR_SYNTAX', /a\.mjs:2:7: Identifier 'a' has already/],
    ['a.cjs', '\nconst = 1;', 'ERR_SYNTAX', /a\.cjs:2: Unexpected token '='$/],
    ['a.js', 'import a from "b";\n}', 'ERR_SYNTAX', /a\.js:2:1: Unexpected token$/],
    ['a.ts', 'const a: = 1;', 'ERR_SYNTAX', /a\.ts:1:10: Unexpected "="$/],
    [
      'a.mjs',
      '\nimport "./b.mjs";',
      'ERR_MODULE_NOT_FOUND',
      /a\.mjs:2:8: cannot find '\.\/b\.mjs'$/,
    ],
    [
      'a.ts',
      'type A = 1;\nimport { b } from "./b.ts"; b;',
      'ERR_MODULE_NOT_FOUND',
      /a\.ts:2:\d+: cannot find/,
    ],
    [
      'a.mjs',
      'import { no } from "fs";',
      'ERR_NO_EXPORT',
      /a\.mjs:1:10: 'fs' does not export 'no'$/,
    ],
    ['a.mjs', 'import { a } from "./a.mjs";', 'ERR_NO_EXPORT', /'\.\/a\.mjs' does not export 'a'$/],
    ['a.mjs', 'import "./a.node";', 'ERR_MODULE_NOT_FOUND', /a\.mjs:1:8: cannot find/],
  ] as const)('%s: %j', ([name, text, code, message]) => {
    const folder = tree({ [name]: text });
    const found = refusal(() => evaluate(join(folder, name)));
    expect(found.code).toBe(code);
    expect(found.message).toMatch(message);
    expect(found.message.startsWith(join(folder, name))).toBe(true);
    expect(found.message).not.toContain('\n');
  });

  test('a name that two modules give in different meanings', () => {
    const files = {
      'a.mjs': `import { x } from './both.mjs';`,
      'both.mjs': `export * from './one.mjs'; export * from './two.mjs';`,
      'one.mjs': 'export const x = 1;',
      'two.mjs': 'export const x = 2;',
    };
    expect(refusal(() => exportsOf(files)).message).toMatch(/exports 'x' from two places$/);
  });
});

describe('loadModule, for modules around worlds', () => {
  const provided = new Map<string, object>([
    ['groundhog', { scenario: (of: object) => ({ ...of }) }],
  ]);

  test.for([
    [
      'a.sim.ts',
      `import { scenario } from 'groundhog'; import { n } from './n.ts'; export default scenario({ n: n as number })`,
    ],
    [
      'a.sim.js',
      `const { scenario } = require('groundhog'); const { n } = require('./n.ts'); module.exports = scenario({ n })`,
    ],
    [
      'a.sim.mjs',
      `import { scenario } from 'groundhog'; const { n } = await import('./n.ts'); export default scenario({ n })`,
    ],
    [
      'a.sim.cts',
      `import { scenario } from 'groundhog'; import { n } from './n.ts'; export default scenario({ n })`,
    ],
  ] as const)('%s', async ([name, text]) => {
    const folder = tree({ [name]: text, 'n.ts': 'export const n: number = 4;' });
    expect(await loadModule(join(folder, name), { provided })).toMatchObject({ default: { n: 4 } });
  });

  test('packages are loaded by Node.js, once', async () => {
    const folder = tree({
      'a.sim.ts': `import { n } from 'pack'; import data from 'pack/data.json' with { type: 'json' }; export default [n, data.d];`,
      'b.sim.ts': `const { n } = await import('pack'); export default n;`,
      'node_modules/pack/package.json':
        '{ "type": "module", "exports": { ".": "./index.js", "./data.json": "./data.json" } }',
      'node_modules/pack/index.js':
        'export const n = globalThis.packLoads = (globalThis.packLoads ?? 0) + 1;',
      'node_modules/pack/data.json': '{ "d": 5 }',
    });
    expect(await loadModule(join(folder, 'a.sim.ts'), { provided })).toMatchObject({
      default: [1, 5],
    });
    expect(await loadModule(join(folder, 'b.sim.ts'), { provided })).toMatchObject({ default: 1 });
  });

  test.for([
    ['throw new TypeError("why\\nmore");', /a\.ts:1:7: TypeError: why$/],
    ['\n\nfunction f(): void { null!.x }\nf();', /a\.ts:3:28: TypeError: Cannot read/],
    ['await Promise.reject(new Error("late"));', /a\.ts:1:22: Error: late$/],
    ['throw "text";', /a\.ts: threw text$/],
    ['import "broken";', /a\.ts:1:8: cannot load '.*broken.*index\.js': Error: no luck$/],
    ['import "none";', /a\.ts:1:8: cannot find package 'none'/],
    ['let x: = 1', /a\.ts:1:8: Unexpected "="/],
  ] as const)('%j fails with one line', async ([text, message]) => {
    const folder = tree({
      'a.ts': text,
      'node_modules/broken/package.json': '{}',
      'node_modules/broken/index.js': 'throw new Error("no luck")',
    });
    const error = await loadModule(join(folder, 'a.ts'), { provided }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(LoadError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });

  test('a file that is not there', async () => {
    const file = join(tree({}), 'none.sim.ts');
    await expect(loadModule(file, { provided })).rejects.toThrow(/cannot find '.*none\.sim\.ts'$/);
  });
});
