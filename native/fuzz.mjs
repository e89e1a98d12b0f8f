// Fuzzes pools with libFuzzer for so many seconds (60 when not told): npm run native:fuzz -- 300
//
// Ends with 1 when something is found, with 2 where there is no clang.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { CannotBuild, compile } from './build.mjs';

const CLANGS = ['clang++', 'clang++-19', 'clang++-17', 'clang++-16', 'clang++-15', 'clang++-14'];

const here = import.meta.dirname;
const seconds = Number(process.argv[2] ?? 60);
process.env.CXX ??= CLANGS.find((name) => spawnSync(name, ['--version']).status === 0) ?? 'clang++';
try {
  const program = await compile({
    sources: [join(here, 'fuzz', 'pool_fuzz.cc')],
    output: join(here, 'build', 'pool-fuzz'),
    flags: ['-O1', '-g', '-fsanitize=fuzzer,address'],
  });
  const found = join(here, 'build', 'fuzz-found/');
  mkdirSync(found, { recursive: true });
  const args = [`-max_total_time=${seconds}`, '-max_len=2000', `-artifact_prefix=${found}`];
  process.exitCode = spawnSync(program, args, { stdio: 'inherit' }).status === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof CannotBuild)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
