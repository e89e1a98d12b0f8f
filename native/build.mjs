// Compiles native/ with a plain compiler and the headers of two npm packages: no node-gyp, no
// download of Node's headers.
//
//   npm run native                    the addon, into prebuilds/<platform>-<arch>/, where
//                                     node-gyp-build finds it
//   npm run native -- --if-possible   the same, and no failure without a compiler (`npm ci`)
//
// What is up to date stays: the stamp of an output is a hash of all that went into it.

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);
const native = import.meta.dirname;
const root = dirname(native);
const tuple = `${process.platform}-${process.arch}`;

const GCC_MIN = 11;
const FLAGS = ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra'];

/** The machine lacks something: not an error of ours. */
export class CannotBuild extends Error {}

const PREBUILT = join(root, 'prebuilds', tuple, 'groundhog.node');

export async function buildAddon({ output = PREBUILT, flags = [] } = {}) {
  const headers = [
    dirname(require.resolve('node-addon-api/napi.h')),
    require('node-api-headers').include_dir,
  ];
  return compile({
    sources: filesBelow(join(native, 'addon')).filter((file) => file.endsWith('.cc')),
    output,
    flags: [...flags, '-O2', '-g1', '-fPIC', '-fvisibility=hidden', '-DNAPI_VERSION=9'].concat(
      ['-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS', '-DBUILDING_NODE_EXTENSION'],
      headers.map((folder) => `-I${folder}`),
    ),
    libraries: ['-shared', '-static-libstdc++', '-static-libgcc'],
  });
}

/**
 * Compiles and links `sources` (absolute paths) unless `output` is up to date, and answers with
 * `output`.
 */
export async function compile({ sources, output, flags, libraries = [] }) {
  if (process.platform !== 'linux')
    throw new CannotBuild(`it needs Linux, not ${process.platform}`);
  const compiler = process.env.CXX ?? 'g++';
  const words = [compiler, compilerVersion(compiler), ...FLAGS, ...flags, ...libraries];
  const stamp = `${hashOf(words, sources)}\n`;
  const folder = join(native, 'build', relative(root, output).replaceAll('/', '.'));
  const stampFile = join(folder, 'stamp');
  if (existsSync(output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    return output;
  }
  mkdirSync(folder, { recursive: true });
  mkdirSync(dirname(output), { recursive: true });
  const objects = sources.map((file) =>
    join(folder, `${relative(native, file).replaceAll('/', '.')}.o`),
  );
  await inParallel(
    sources.map(
      (file, at) => () => run(compiler, [...FLAGS, ...flags, '-c', file, '-o', objects[at]]),
    ),
  );
  const linked = join(folder, 'linked');
  await run(compiler, [...flags, ...objects, ...libraries, '-o', linked]);
  renameSync(linked, output); // a process that has the old one open keeps it
  writeFileSync(stampFile, stamp);
  return output;
}

function compilerVersion(compiler) {
  let version;
  try {
    version = execFileSync(compiler, ['-dumpfullversion', '-dumpversion'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    const script = relative(process.cwd(), import.meta.filename);
    throw new CannotBuild(
      `no C++ compiler (${compiler}): install g++ ${GCC_MIN} or later ` +
        `(Debian, Ubuntu: apt install g++), then run: node ${script}`,
    );
  }
  if (!/clang/.test(compiler) && Number.parseInt(version, 10) < GCC_MIN) {
    throw new CannotBuild(`${compiler} is version ${version}: install g++ ${GCC_MIN} or later`);
  }
  return version;
}

/** Over the words, the sources, and all headers that a source can include. */
function hashOf(words, sources) {
  const hash = createHash('sha256').update(JSON.stringify(words));
  const headers = filesBelow(native).filter((file) => file.endsWith('.h'));
  for (const file of [...sources, ...headers]) {
    hash.update(`${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function inParallel(jobs) {
  const waiting = jobs.values();
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (const job of waiting) await job();
  });
  await Promise.all(workers);
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${code}`));
    });
  });
}

if (process.argv[1] === import.meta.filename) {
  buildAddon().then(
    (output) => console.log(`native memory: ${relative(process.cwd(), output)} is up to date`),
    (error) => {
      if (!(error instanceof CannotBuild)) throw error;
      console.error(`native memory is not built: ${error.message}`);
      process.exitCode = process.argv.includes('--if-possible') ? 0 : 2;
    },
  );
}
