// Builds and runs the C++ tests under a sanitizer of the compiler:
//
//   npm run native:asan      addresses and leaks
//   npm run native:ubsan     undefined behaviour
//   npm run native:tsan      races: the structures on real threads
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
const stress = [join(here, 'stress', 'stress.cc')];

const HALT = { UBSAN_OPTIONS: 'halt_on_error=1' };
// Optimised, what UBSan adds makes the templates of the programs compile for minutes.
const KINDS = {
  asan: { flag: 'address', level: '-O1', sources: tests, args: [], env: {} },
  ubsan: { flag: 'undefined', level: '-O0', sources: tests, args: [], env: HALT },
  tsan: { flag: 'thread', level: '-O1', sources: stress, args: ['300'], env: {} },
};

const name = process.argv[2];
const kind = KINDS[name];
if (kind === undefined) {
  console.error(`node ${relative(process.cwd(), import.meta.filename)} asan | ubsan | tsan`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(kind);
}

async function run({ flag, level, sources, args, env }) {
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
