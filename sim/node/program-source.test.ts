import { join } from 'node:path';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { inMacrotask } from '../sched/macrotask.ts';
import { tree } from './fixtures/tree.ts';
import { type ProgramOptions, programPath, programSource } from './program-source.ts';
import { type Trial, trial } from './trial.ts';

const NOTHING = new Map<string, object>();

type Files = { readonly [path: string]: string };

/** Runs the first file, or an export of it, on one node. */
function run(
  files: Files,
  { name = '', modules = 'fresh' }: { name?: string; modules?: ProgramOptions['modules'] } = {},
): Promise<Trial> {
  const path = programPath(`./${Object.keys(files)[0]}${name}`, tree(files));
  const program = programSource(path, { modules, provided: NOTHING });
  return inMacrotask(() => trial({ seed: '1', programs: { n: program } }));
}

function printed({ output }: Trial): string[] {
  return output.map(({ text }) => text);
}

describe('a program is an export of a file', () => {
  const TWO = {
    'p.ts': `export default async (env: unknown) => console.log('default');
export async function named(): Promise<void> { console.log('named') }`,
  };

  test('the default one, or the one that is named', async () => {
    expect(printed(await run(TWO))).toEqual(['default']);
    expect(printed(await run(TWO, { name: '#named' }))).toEqual(['named']);
  });

  test('of CommonJS, or of a file that exports it for another', async () => {
    expect(
      printed(await run({ 'p.cjs': `module.exports = async () => console.log('cjs')` })),
    ).toEqual(['cjs']);
    const star = {
      'p.mjs': `export * from './q.mjs'`,
      'q.mjs': `export const named = async () => console.log('q')`,
    };
    expect(printed(await run(star, { name: '#named' }))).toEqual(['q']);
  });

  test.for([
    [
      { 'p.mjs': 'export const a = 1, b = 2' },
      '',
      /p\.mjs: there is no default export; it exports a, b$/,
    ],
    [{ 'p.mjs': 'export default 1' }, '#x', /p\.mjs: there is no export 'x'; it exports default$/],
    [
      { 'p.mjs': 'import "./none.mjs"; export default async () => {}' },
      '',
      /p\.mjs:1:8: cannot find/,
    ],
    [{ 'p.mjs': 'import "./q.ts"; export default 1', 'q.ts': '\nlet =' }, '', /q\.ts:2:6: /],
    [{ 'p.cjs': '\n\n}' }, '', /p\.cjs:3: Unexpected token '}'$/],
  ] as const)(
    'what is wrong with the files shows before anything runs: %j',
    ([files, name, message]) => {
      const path = programPath(`./${Object.keys(files)[0]}${name}`, tree(files));
      const make = () => programSource(path, { modules: 'fresh', provided: NOTHING });
      expect(make).toThrow(
        expect.objectContaining({ name: 'LoadError', message: expect.stringMatching(message) }),
      );
    },
  );

  test('a file that is not there', () => {
    const folder = tree({});
    const message = `${join(folder, 'scenario.ts')}: cannot find '${join(folder, 'none.ts')}'`;
    expect(() => programPath('./none.ts', folder)).toThrow(message);
  });

  test.for([
    [{ 'p.mjs': 'export default 1' }, '', 'the default export is a value of type number'],
    [{ 'p.ts': 'await 1; export const p = null' }, '#p', "the export 'p' is null"],
    [{ 'p.mjs': 'export default class {}' }, '', 'the default export is a class'],
    [{ 'p.cjs': 'module.exports = class {}' }, '', 'the default export is a class'],
    [{ 'p.cjs': 'exports.a = 1' }, '', 'the default export is a value of type object'],
  ] as const)('what is no program cannot be run: %j', async ([files, name, what]) => {
    const { missing, violation } = await run(files, { name });
    expect(missing).toContain(`: ${what}, not a function of (env, args)`);
    expect(violation).toBe(undefined);
  });

  test('an export that is not there when its module has run cannot be run', async () => {
    const { missing } = await run({ 'p.cjs': 'exports.a = 1' }, { name: '#b' });
    expect(missing).toMatch(/p\.cjs: there is no export 'b'$/);
  });

  test.for([
    [{ 'p.mjs': 'throw new RangeError("at load"); export default 1' }, /RangeError/, /^at load$/],
    [
      { 'p.cjs': 'require("./none"); module.exports = async () => {}' },
      /LoadError/,
      /p\.cjs: cannot find '\.\/none'$/,
    ],
    [
      { 'p.mjs': 'export default async () => { await import("./none.mjs") }' },
      /LoadError/,
      /cannot find '\.\/none\.mjs'$/,
    ],
  ] as const)(
    'what only shows when they run fails the run: %j',
    async ([files, property, message]) => {
      const { violation } = await run(files);
      expect(violation?.property).toMatch(property);
      expect(violation?.message).toMatch(message);
    },
  );
});

describe('state of modules', () => {
  const COUNTER = {
    'p.mjs': `import { next } from './counter.mjs'; console.log('loaded'); export default async () => console.log(next())`,
    'counter.mjs': 'let n = 0; export const next = () => ++n;',
  };

  async function twoNodesTwice(modules: ProgramOptions['modules']): Promise<string[][]> {
    const program = programSource(programPath('./p.mjs', tree(COUNTER)), {
      modules,
      provided: new Map(),
    });
    return inMacrotask(() =>
      ['1', '2'].map((seed) => printed(trial({ seed, programs: { a: program, b: program } }))),
    );
  }

  test('fresh: each incarnation has its own', async () => {
    const own = ['loaded', '1', 'loaded', '1'];
    expect(await twoNodesTwice('fresh')).toEqual([own, own]);
  });

  test('shared: all nodes of all worlds have one, and its loading prints in none', async () => {
    expect(await twoNodesTwice('shared')).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  test('an error while shared modules load fails every run alike', async () => {
    const folder = tree({
      'p.mjs': 'try { Math.random() } catch {} export default async () => {}',
    });
    const program = programSource(programPath('./p.mjs', folder), {
      modules: 'shared',
      provided: new Map(),
    });
    const properties = await inMacrotask(() =>
      ['1', '2'].map((seed) => trial({ seed, programs: { n: program } }).violation?.property),
    );
    expect(properties).toEqual(['escape: Math.random', 'escape: Math.random']);
  });

  test('top-level await is waited for; shared modules must not', async () => {
    const files = {
      'p.mjs': `const word = await 'awaited'; export default async () => console.log(word)`,
    };
    expect(printed(await run(files))).toEqual(['awaited']);
    const { violation } = await run(files, { modules: 'shared' });
    expect(violation?.message).toMatch(/shared modules cannot await at top level/);
  });
});

test('a stack begins with the frames of the program, at the lines of its TypeScript', async () => {
  const { violation } = await run({
    'p.ts': `
import { fails } from './lib/fails.ts';

interface Nothing { readonly lines: 'that esbuild drops' }

export default async (env: { timers: { sleep(ms: number): Promise<void> } }, args: Nothing) => {
  await env.timers.sleep(1);
  [1].forEach(() => fails<string>('why'));
};`,
    'lib/fails.ts': `
type Text = string;

export function fails<T extends Text>(message: T): never {
  const values: readonly Text[] = [message];
  throw new RangeError(values[0]);
}`,
  });
  expect(violation?.property).toBe('uncaught RangeError');
  const lines = violation!.stack!.replaceAll(/\/\S*\/groundhog-\w+\//g, '').split('\n');
  expect(lines).toEqual([
    'RangeError: why',
    '    at fails (lib/fails.ts:6:9)',
    '    at p.ts:8:21',
    '    at Array.forEach (<anonymous>)',
    '    at default (p.ts:8:7)',
  ]);
});

test('a stack that a program logs is the same wherever it runs', async () => {
  const files = { 'p.mjs': 'export default async () => { console.log(new Error("x").stack) }' };
  const { output } = await run(files);
  expect(output.map(({ text }) => text.replace(/\/\S*\//, ''))).toEqual([
    'Error: x',
    '    at default (p.mjs:1:42)',
  ]);
});

test('worlds and their modules are collected after the run', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const folder = tree({
    'p.mjs': `import { big } from './big.mjs'; export default async () => { globalThis.never = big.length > 1 ? 0 : big }`,
    'big.mjs': 'export const big = new Uint8Array(1_000_000).fill(1);',
  });
  const program = programSource(programPath('./p.mjs', folder), {
    modules: 'fresh',
    provided: NOTHING,
  });
  await inMacrotask(() => {
    for (let seed = 0; seed < 200; seed++) trial({ seed: `${seed}`, programs: { n: program } });
  });
  const left = (): number =>
    getHeapStatistics().external_memory + process.memoryUsage().arrayBuffers;
  // What one collection finds dead a thread of V8's frees later; how many it takes is V8's to say.
  for (let rounds = 0; rounds < 20 && left() >= 150e6; rounds++) await inMacrotask(() => collect());
  expect(left()).toBeLessThan(150e6);
});
