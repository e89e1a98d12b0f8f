// Builds and runs the C++ tests under a sanitizer of the compiler:
//
//   npm run native:asan      addresses and leaks
//   npm run native:ubsan     undefined behaviour
//   npm run native:tsan      races: the structures and pools on real threads
//   npm run native:short     for every change: addresses, leaks and undefined behaviour of all but the
//                            engine's own tests, which compile for minutes, and races of pools
//
// Ends with 1 when something is found, with 2 when the compiler lacks it.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { CannotBuild, compile } from './build.mjs';

const here = import.meta.dirname;
const tests = readdirSync(join(here, 'test'))
  .filter((file) => file.endsWith('.cc'))
  .map((file) => join(here, 'test', file));
const quick = tests.filter((file) => !/(engine|litmus|programs)_test\.cc$/.test(file));
const onThreads = ['main.cc', 'pool_test.cc', 'movable_pool_test.cc'].map((file) =>
  join(here, 'test', file),
);
const stress = [join(here, 'stress', 'stress.cc')];

const HALT = { UBSAN_OPTIONS: 'halt_on_error=1' };
// Optimised, what UBSan adds makes the templates of the programs compile for minutes.
const PROGRAMS = {
  asan: { flag: 'address', level: '-O1', sources: tests, args: [], env: {} },
  ubsan: { flag: 'undefined', level: '-O0', sources: tests, args: [], env: HALT },
  quick: { flag: 'address,undefined', level: '-O1', sources: quick, args: [], env: HALT },
  stress: { flag: 'thread', level: '-O1', sources: stress, args: ['300'], env: {} },
  threads: { flag: 'thread', level: '-O1', sources: onThreads, args: [], env: {} },
};
const KINDS = {
  asan: ['asan'],
  ubsan: ['ubsan'],
  tsan: ['stress', 'threads'],
  short: ['quick', 'threads'],
};

const kind = KINDS[process.argv[2]];
if (kind === undefined) {
  const kinds = Object.keys(KINDS).join(' | ');
  console.error(`node ${relative(process.cwd(), import.meta.filename)} ${kinds}`);
  process.exitCode = 2;
} else {
  for (const name of kind) process.exitCode ||= await run(name, PROGRAMS[name]);
}

async function run(name, { flag, level, sources, args, env }) {
  let program;
  try {
    program = await compile({
      sources,
      output: join(here, 'build', `native-${name}`),
      flags: [level, '-g', `-fsanitize=${flag}`, '-fno-omit-frame-pointer', '-pthread'],
    });
  } catch (error) {
    if (!(error instanceof CannotBuild)) throw error;
    console.error(error.message);
    return 2;
  }
  const { status, signal } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (signal !== null) console.error(`it ended by ${signal}`);
  return status === 0 ? 0 : 1;
}
