/** What `groundhog replay --twice` says of programs that differ from run to run, each by another mistake. */
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';

const FOLDER = {
  'programs.ts': `import vm from 'node:vm';
const word: RegExp = /a/g;
const seen = new Map<number, number>();

function next(): number {
  seen.set(seen.size, 1);
  return seen.size;
}

type Env = import('groundhog').Env;

export async function memo(env: Env) {
  await env.timers.sleep(5 + next());
  env.log.info('late');
}

export async function regexp(env: Env) {
  await env.timers.sleep(5);
  env.log.info(String(word.test('ab')));
}

export async function global(env: Env) {
  const own = globalThis as unknown as { served?: number };
  own.served = (own.served ?? 0) + 1;
  env.log.info(String(own.served));
}

export async function prototype(env: Env) {
  const all = Array.prototype as unknown as { served?: number };
  all.served = (all.served ?? 0) + 1;
  env.log.info(String(all.served));
}

export async function later(env: Env) {
  const own = globalThis as unknown as { late?: number };
  own.late = (own.late ?? 0) + 1;
  for (let i = 0; i < 3; i++) await env.timers.sleep(2);
  await env.timers.sleep(5 + own.late);
}

export async function context(env: Env) {
  await env.timers.sleep(5 + vm.runInNewContext('Math.random()') * 20);
}

export async function innocent(env: Env) {
  await env.timers.sleep(5);
}
`,
  'worlds.sim.ts': `import { scenario } from 'groundhog';
const of = (name: string, modules: 'shared' | 'fresh') =>
  scenario({ name, modules, roles: { node: { program: './programs.ts#' + name, count: 2 } } });
export const memo = of('memo', 'shared');
export const regexp = of('regexp', 'shared');
export const onGlobal = of('global', 'fresh');
export const later = of('later', 'fresh');
export const context = of('context', 'fresh');
export const onPrototype = of('prototype', 'fresh');
let checks = 0;
export const checked = scenario({
  name: 'checked',
  roles: { node: { program: './programs.ts#innocent', count: 1 } },
  check() {
    if (checks++ % 2 === 1) throw new Error('every other time');
  },
});
`,
  'method.mjs': `import events from 'node:events';
events.prototype.emit.served = (events.prototype.emit.served ?? 0) + 1;
await new Promise((done) => setTimeout(done, 5));
await new Promise((done) => setTimeout(done, 5 + events.prototype.emit.served));
`,
  'threads.sim.ts': `import { cell, threads } from 'groundhog/threads';
const { random } = Math;
let made = 0;
export const captured = threads({
  name: 'captured',
  setup: () => ({ sum: cell(0) }),
  threads: {
    *main({ sum }) {
      yield sum.add(Math.floor(random() * 1e9));
    },
    *other({ sum }) {
      yield sum.load();
    },
  },
});
export const outside = threads({
  name: 'outside',
  setup: () => ({ sum: cell(0) }),
  threads: {
    *main({ sum }) {
      yield sum.add(++made);
    },
    *other({ sum }) {
      yield sum.load();
    },
  },
});
`,
};

const kept = 'is kept from one run to the next';
const CULPRITS: readonly (readonly [scenario: string, parts: RegExp, likely: string])[] = [
  [
    'memo',
    /first, passed +step \d+, \d+\.\d+ ms, node-1: runs the \d+ ms timer set {2}at memo \(programs\.ts:13:20\)/,
    `'seen' ${kept}: it is declared outside of all functions (programs.ts:3:7) and changed at programs.ts:6:3`,
  ],
  [
    'regexp',
    /second, passed +step \d+, .* "true" {2}at regexp \(programs\.ts:19:11\)/,
    `'word' ${kept}: it is declared outside of all functions (programs.ts:2:7) and changed at programs.ts:19:23`,
  ],
  [
    'global',
    / "\d+" {2}at global \(/,
    `globalThis.served ${kept}: the first run has left it changed`,
  ],
  [
    'prototype',
    / at prototype \(/,
    `Array.prototype.served ${kept}: the first run has left it changed`,
  ],
  [
    'later',
    /node-1: runs the \d+ ms timer set {2}at later \(programs\.ts:38:20\)/,
    `globalThis.late ${kept}: the first run has left it changed`,
  ],
  [
    'context',
    /node-[12]: runs the [\d.]+ ms timer set {2}at context \(programs\.ts:42:20\)/,
    "'vm' is of node:vm (programs.ts:1:8), whose contexts have clocks and random numbers that no seed reaches",
  ],
  [
    './method.mjs',
    /main: runs the \d+ ms timer set {2}at method\.mjs:4:\d+/,
    `EventEmitter.prototype.emit.served ${kept}: the first run has left it changed`,
  ],
  [
    'checked',
    /first, passed +has ended\n +second, violated +step/,
    `'checks' ${kept}: it is declared outside of all functions (worlds.sim.ts:10:5) and changed at worlds.sim.ts:15:9`,
  ],
  [
    'captured',
    /first, passed +step \d, main: sum\.add\(\d+\) is 0 {2}at main \(threads\.sim\.ts:9:17\)/,
    "'random' is Math.random, taken before the run began (threads.sim.ts:2:7), where no world could replace it",
  ],
  [
    'outside',
    /first, passed +step \d, main: sum\.add\(\d\) is 0 {2}at main \(threads\.sim\.ts:21:17\)/,
    `'made' ${kept}: it is declared outside of all functions (threads.sim.ts:3:5) and changed at threads.sim.ts:21:21`,
  ],
];

test.for(CULPRITS)(
  'a divergence by %s names what is likely to blame',
  async ([name, parts, likely]) => {
    const { code, stdout } = await groundhog(['replay', name, '--seed', '1', '--twice'], {
      cwd: tree(FOLDER),
    });
    expect(code).toBe(3);
    expect(stdout).toMatch(parts);
    expect(stdout).toContain(`\n  likely: ${likely}\n`);
  },
);
