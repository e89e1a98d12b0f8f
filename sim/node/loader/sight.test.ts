import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findTarget, loadTarget } from '../../campaign/targets.ts';
import { runOne } from '../../explore/runner.ts';
import { inMacrotask } from '../../sched/macrotask.ts';
import { tree } from '../fixtures/tree.ts';
import type { Incarnation } from '../incarnation.ts';
import type { ProgramSource } from '../node.ts';
import { programPath, programSource } from '../program-source.ts';
import { realmSource } from '../realm/realm-source.ts';
import { type Trial, trial } from '../trial.ts';
import type { Making, Sight } from './sight.ts';

const NOTHING = new Map<string, object>();

/** The run of a source, and what is seen of its program at the end. */
async function seen(source: ProgramSource): Promise<{ run: Trial; sight: Sight | undefined }> {
  let life: Incarnation | undefined;
  const program: ProgramSource = {
    load: (incarnation) => {
      life = incarnation;
      return source.load(incarnation);
    },
  };
  const run = await inMacrotask(() => trial({ seed: '1', programs: { main: program } }));
  return { run, sight: life!.interior!.sight() };
}

const FILES: readonly (readonly [file: string, text: string, names: readonly string[]])[] = [
  [
    'module.mjs',
    'let a = 1; export const { b } = { b: 2 }; export function f() {} a++;',
    ['a', 'b'],
  ],
  [
    'waits.mjs',
    'const a = await Promise.resolve(2); setTimeout(() => {}, 3); const b = a;',
    ['a', 'b'],
  ],
  ['types.ts', 'const a: number = 2; export let b: string = "x";', ['a', 'b']],
  [
    'common.cjs',
    'const a = 2; var b = this === module.exports; setTimeout(() => {}, 1);',
    ['a', 'b'],
  ],
  [
    'strict.cjs',
    "#!/bin/x\n// c\n'use strict'; const a = 2; const b = (() => this)();",
    ['a', 'b'],
  ],
  ['imports.mjs', "import { sep } from 'node:path'; const a = 2; export default () => sep;", ['a']],
];

test.for(FILES)('%s is the same open, and its variables are seen', async ([name, text, names]) => {
  const file = join(tree({ [name]: text }), name);
  const source = (making: Making) => realmSource(file, { argv: [], provided: NOTHING, making });
  const plain = await seen(source('plain'));
  const open = await seen(source('open'));
  expect(plain.run).toMatchObject({ end: 'completed', violation: undefined });
  expect(open.run).toEqual(plain.run);
  expect(plain.sight).toBeUndefined();
  expect(open.sight?.names).toEqual(names);
  expect(open.sight?.evaluate('a')).toBe(2);
});

test('a strict file stays strict when it is open', async () => {
  const file = join(
    tree({ 'a.cjs': "'use strict';\nconst a = (function () { return this; })();" }),
    'a.cjs',
  );
  const { sight } = await seen(realmSource(file, { argv: [], provided: NOTHING, making: 'open' }));
  expect(sight?.evaluate('a')).toBe(undefined);
});

test('an error in an open file has the place that it has in the file', async () => {
  const text =
    'const a = 1;\nexport default async function main() {\n  throw new Error("x");\n}\nawait main();';
  const file = join(tree({ 'a.mjs': text }), 'a.mjs');
  const places = await Promise.all(
    (['plain', 'open'] as const).map(async (making) => {
      const { run } = await seen(realmSource(file, { argv: [], provided: NOTHING, making }));
      return run.violation?.stack;
    }),
  );
  expect(places[0]).toContain('a.mjs:3:9');
  expect(places[1]).toBe(places[0]);
});

test('of a program its main function is seen, as of its last call, but for Env', async () => {
  const text = `const limit = 3;
export default async function main(env, { start }) {
  let count = start;
  while (count < limit) { await env.timers.sleep(1); count++; }
}
export const other = async (env) => { const inner = 1; };`;
  const folder = tree({ 'program.mjs': text });
  const options = { modules: 'fresh', provided: NOTHING, making: 'open' } as const;
  const source = programSource(programPath('./program.mjs', folder), options);
  let life: Incarnation | undefined;
  const program: ProgramSource = {
    load: (incarnation) => {
      life = incarnation;
      return source.load(incarnation);
    },
  };
  const args = { start: 1 };
  await inMacrotask(() => trial({ seed: '1', programs: { main: program }, args }));
  const sight = life!.interior!.sight()!;
  expect(sight.names).toEqual(['start', 'count', 'limit', 'other']);
  expect(sight.evaluate('[start, count, limit]')).toEqual([1, 3, 3]);
});

// The first planted bug would be a hook that takes a microtask, draws or prints.
test.for(['register', 'bank', './scenarios/npm/async-mutex-0.3.2.mjs'])(
  '%s makes the same run open',
  async (name) => {
    const ref = await findTarget(name, new URL('../../..', import.meta.url).pathname);
    const spec = { seed: '3', strategy: 'random' } as const;
    const plain = await runOne((await loadTarget(ref)).subject, spec);
    const open = await runOne((await loadTarget(ref, 'open')).subject, spec);
    expect(open.result).toEqual(plain.result);
  },
);
