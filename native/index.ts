// The entry to native memory, and the only file that loads the binary. Importing it is always
// possible: the binary is looked for at the first use.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import type { Binding as PoolBinding, PoolOptions } from './binding.ts';
import { machineClock, NativeError } from './errors.ts';
import {
  type FiberBinding,
  type FiberChoice,
  type FiberOutcome,
  Fibers,
  type SearchOptions,
  type SearchState,
} from './fibers.ts';
import { SharedPool } from './members.ts';
import { type MovableBinding, type MovableOptions, MovablePool } from './movable.ts';
import { NativePool } from './pool.ts';
import { type PostMortemBinding, reportEnds } from './post-mortem.ts';
import {
  type SimulatedMovableOptions,
  SimulatedMovablePool,
  SimulatedPool,
  type SimulatedPoolOptions,
} from './simulated.ts';
import type { SimulatedBinding } from './simulated-calls.ts';
import { Store, type StoreBinding, type StoreOptions } from './store.ts';

export type { PoolOptions } from './binding.ts';
export { NativeError } from './errors.ts';
export type {
  FiberChoice,
  FiberOutcome,
  FiberStrategy,
  SearchOptions,
  SearchState,
} from './fibers.ts';
export type { MovablePool } from './movable.ts';
export type { NativePool } from './pool.ts';
export type { SimulatedMovablePool, SimulatedPool } from './simulated.ts';
export { StoreError } from './store.ts';

type Binding = PoolBinding &
  MovableBinding &
  FiberBinding &
  PostMortemBinding &
  SimulatedBinding &
  StoreBinding & { transactions(): number };

let binding: Binding | undefined;
let fibers: Fibers | undefined;

/**
 * A pool in a region of its own, zeroed.
 *
 * @throws NativeError `invalid-size`, `out-of-memory`, `unavailable`
 */
export function openPool(options: PoolOptions): NativePool {
  binding ??= load();
  return new NativePool(binding, options);
}

/**
 * A pool of blocks that are known by handles, and may be moved. It belongs to the calling thread; at
 * most 4 GiB.
 *
 * @throws NativeError `invalid-size`, `out-of-memory`, `unavailable`
 */
export function openMovablePool(options: MovableOptions): MovablePool {
  return new MovablePool((binding ??= load()), options);
}

/**
 * A pool for several members of this process, each with rights, limits and a quality of service.
 * `options` are those of the common region.
 *
 * @throws NativeError `invalid-size`, `out-of-memory`, `unavailable`
 */
export function openSharedPool(options: PoolOptions): SharedPool {
  return new SharedPool(openPool, options);
}

/**
 * A pool with threads of its own, as `openPool` makes with `background`, in a simulated world: the
 * threads are fibers, and `choose` says when they get on. They may between any two atomic operations
 * of a call.
 *
 * @throws NativeError `invalid-size`, `out-of-memory`, `unavailable`
 */
export function openSimulatedPool(options: SimulatedPoolOptions): SimulatedPool {
  return new SimulatedPool((binding ??= load()), options);
}

/** A pool as `openMovablePool` makes with `background`, in a simulated world, as above. */
export function openSimulatedMovablePool(options: SimulatedMovableOptions): SimulatedMovablePool {
  return new SimulatedMovablePool((binding ??= load()), options);
}

/**
 * Opens the store in a file, or makes one there. One process at a time has it.
 *
 * @throws StoreError `no-file`, `file-in-use`, `corrupt`, `invalid-size`, `out-of-memory`
 * @throws NativeError `unavailable`
 */
export function openStore(options: StoreOptions): Store {
  return new Store((binding ??= load()), options);
}

/**
 * From now on the end of this process by a fatal signal, or by an error that nobody caught, leaves a
 * report at `path`, over what is there: what ended it, and for each pool that was opened with
 * `recorded` its last operations and where its memory is in use.
 *
 * @throws NativeError `unavailable`
 * @throws RangeError when the path is longer than 1,023 bytes, or holds a zero byte
 */
export function enablePostMortem(path: string): void {
  reportEnds((binding ??= load()), path);
}

/**
 * One run of a native program on fibers; every decision in it is `choose`'s. By priorities it is not
 * asked who runs next, but who comes before whom, and when the running thread falls behind.
 *
 * @throws NativeError `unavailable`
 * @throws RangeError when no program has that name
 */
export function runFibers(
  program: string,
  choose: FiberChoice,
  { byPriorities = false }: { readonly byPriorities?: boolean } = {},
): FiberOutcome {
  fibers ??= new Fibers((binding ??= load()));
  return fibers.run(program, choose, byPriorities);
}

/**
 * What this machine's CPU has of hardware transactions, which locks in C++ use where they can
 * (`ElidedLock`): `disabled` when it has them and none succeeds.
 *
 * @throws NativeError `unavailable`
 */
export function transactions(): 'none' | 'disabled' | 'usable' {
  binding ??= load();
  return (['none', 'disabled', 'usable'] as const)[binding.transactions()]!;
}

/** The names of the native programs. @throws NativeError `unavailable` */
export function fiberPrograms(): readonly string[] {
  fibers ??= new Fibers((binding ??= load()));
  return fibers.programs;
}

/**
 * Many runs of a native program by a strategy: what is known after each `runsAtOnce` of them, until
 * a run fails or there are no others. One search at a time.
 *
 * @throws NativeError `unavailable`
 * @throws RangeError when no program has that name
 */
export function searchFibers(
  program: string,
  options: SearchOptions,
  runsAtOnce: number,
): Generator<SearchState> {
  fibers ??= new Fibers((binding ??= load()));
  return fibers.search(program, options, runsAtOnce);
}

/** Why native memory cannot be used here, in one line that says what to do; or nothing. */
export function unavailable(): string | undefined {
  try {
    binding ??= load();
    return undefined;
  } catch (error) {
    if (error instanceof NativeError) return error.message;
    throw error;
  }
}

function load(): Binding {
  const require = createRequire(import.meta.url);
  const root = packageRoot();
  const findAndLoad: (root: string) => Binding = require('node-gyp-build');
  try {
    return findAndLoad(root);
  } catch (cause) {
    const script = relative(process.cwd(), join(root, 'native', 'build.mjs'));
    throw new NativeError(
      'unavailable',
      `native memory is not built for ${process.platform}-${process.arch}: ` +
        `install g++ 11 or later (Debian, Ubuntu: apt install g++), then run: node ${script}`,
      machineClock(),
      { cause },
    );
  }
}

function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
