// What crosses into addon/pools.cc, and what comes back, as plain data.

import type { Clock } from './errors.ts';
import type { Leak } from './leaks.ts';
import type { MagazineParts } from './magazines.ts';

export interface PoolOptions {
  /** 1 to 4 GiB; rounded up to whole pages of 4 KiB. Blocks and their guards share it. */
  capacityBytes: number;
  /** Mixed into the guards around blocks. */
  secret?: bigint;
  /** Blocks read as zero when they are new: the default. */
  zeroed?: boolean;
  /**
   * Blocks are overwritten with a pattern when they are freed. `deferred`: those above 64 KiB later,
   * by `wipe`, or when their memory is wanted.
   */
  wiped?: boolean | 'deferred';
  /**
   * How many freed blocks are held back before their memory is used again. A block that was written
   * to meanwhile is reported by `lateWrites`.
   */
  quarantine?: number;
  backing?: Backing;
  /**
   * The pool has threads of its own: one wipes blocks after their free, and one makes memory ready for
   * new ones before it is missed.
   */
  background?: boolean;
  /** Keeps the last operations, for `enablePostMortem`: every call enters native code then. */
  recorded?: boolean;
  /** Keeps the stack of each allocation, for `leaks`: it takes microseconds a block. */
  stacks?: boolean;
  /** Told at `close` of what nobody freed, if there is anything. */
  onLeaks?: (leaks: readonly Leak[]) => void;
  /** For the time in errors: the machine's, when nothing else is said. */
  nowMs?: Clock;
}

/** What the pool's memory is asked to be. `NativePool.grants` says what it became. */
interface Backing {
  /** A file without a name, instead of anonymous memory: what `window` needs. */
  memoryFile?: boolean;
  /**
   * Pages of 2 MiB or more, set aside by the system's administrator, or the transparent ones where
   * there are none. When not said, a pool of at least 64 MiB asks for transparent ones: a third less
   * time for blocks all over it, in return for memory that grows by 2 MiB.
   */
  hugePages?: boolean;
  /** Never paged out. */
  pinned?: boolean;
  /** All pages are there at once, so that none is waited for later. */
  populated?: boolean;
  /** A NUMA node. */
  node?: number;
}

/** `refused` carries the name of the system's error. */
export type Grant = 'not asked' | 'granted' | `refused: ${string}`;

export interface Grants {
  memoryFile: Grant;
  hugePages: Grant;
  /** Asked for where huge pages were refused, and by large pools. */
  transparentHugePages: Grant;
  pinned: Grant;
  populated: Grant;
  bound: Grant;
}

export interface PoolStats {
  /** Bytes of the live blocks as they were asked for. */
  liveBytes: number;
  liveBlocks: number;
}

/** Of live blocks, as addon/seen.h has it. */
export interface Seen {
  readonly liveBytes: number;
  readonly contentHash: bigint;
  /** Rows of four words; see `Tags.blocksOf`. */
  readonly blocks: Uint32Array;
}

/** Blocks count with their guards. */
export interface MemoryMap {
  readonly capacityBytes: number;
  /** Above lies what was never used. */
  readonly touchedBytes: number;
  readonly cellBytes: number;
  /** Bytes in use in each cell, from offset 0 on. */
  readonly cells: readonly number[];
  /** Slabs of 64 KiB, by the size of their blocks; of 1 KiB in pools up to 4 MiB. */
  readonly classes: readonly {
    readonly blockBytes: number;
    readonly slabs: number;
    readonly usedBytes: number;
  }[];
  /** In use outside of slabs. */
  readonly largeBytes: number;
}

export interface LiveBlock {
  offset: number;
  bytes: number;
  /** Undefined when the words before the block were overwritten. */
  tag: string | undefined;
  /** Whether the guards on both sides are as they were written. */
  intact: boolean;
}

export interface LateWrite {
  offset: number;
  bytes: number;
  tag: string | undefined;
}

/** The functions of addon/pools.cc. A negative answer is a fault. */
export interface Binding {
  open(
    capacityBytes: number,
    secretLow: number,
    secretHigh: number,
    flags: number,
    quarantine: number,
    kind: number,
    path: string,
    node: number,
  ): number;
  buffer(pool: number): ArrayBuffer;
  magazines(pool: number): MagazineParts | undefined;
  allocate(pool: number, bytes: number, tag: number): number;
  free(pool: number, offset: number): number;
  allocateAll(pool: number, sizes: Uint32Array, tag: number, offsets: Uint32Array): number;
  freeAll(pool: number, offsets: Uint32Array): number;
  blockBytes(pool: number, offset: number): number;
  blockTag(pool: number, offset: number): number;
  stats(pool: number): PoolStats;
  live(pool: number): Uint32Array;
  lateWrites(pool: number): Uint32Array;
  grants(pool: number): Record<keyof Grants, number>;
  map(
    pool: number,
    cells: number,
  ): {
    cellBytes: number;
    largeBytes: number;
    touchedBytes: number;
    cells: Uint32Array;
    classes: Float64Array;
  };
  contentHash(pool: number): bigint;
  wipe(pool: number, bytesMax: number): number;
  window(pool: number, onWrite: number): ArrayBuffer | number;
  close(pool: number, buffers: readonly ArrayBuffer[]): void;
}

/**
 * What a write does that goes through a window. `copy`: the page is copied, and is the window's own
 * from then on. `fault`: the process ends by SIGSEGV.
 */
export type OnWrite = 'copy' | 'fault';

/** As `OnWrite` in port/backing.h. */
export const ON_WRITE: Record<OnWrite, number> = { copy: 0, fault: 1 };

/** As `OpenFlag` in addon/pools.cc. */
const ZEROED = 1;
const WIPED = 2;
const HUGE_PAGES = 4;
const PINNED = 8;
const BOUND = 16;
const POPULATED = 32;
const RECORDED = 64;
const DEFERRED = 128;
const BACKGROUND = 256;
const TRANSPARENT_HUGE_PAGES = 512;
/** From this capacity on a pool asks for them. */
const LARGE_BYTES = 64 * 2 ** 20;

/** As `BackingOptions::Kind` in port/backing.h. */
const ANONYMOUS = 0;
const MEMORY_FILE = 1;

/** The number of a pool, or a fault. */
export function open(binding: Binding, options: PoolOptions, zeroed: boolean): number {
  const { backing } = options;
  const isLarge = options.capacityBytes >= LARGE_BYTES;
  const [secretLow, secretHigh] = halves(options.secret);
  const flags =
    (zeroed ? ZEROED : 0) |
    (options.wiped ? WIPED : 0) |
    (options.wiped === 'deferred' ? DEFERRED : 0) |
    (options.background ? BACKGROUND : 0) |
    (options.recorded ? RECORDED : 0) |
    (backing?.hugePages ? HUGE_PAGES : 0) |
    ((backing?.hugePages ?? isLarge) ? TRANSPARENT_HUGE_PAGES : 0) |
    (backing?.pinned ? PINNED : 0) |
    (backing?.populated ? POPULATED : 0) |
    (backing?.node !== undefined ? BOUND : 0);
  return binding.open(
    options.capacityBytes,
    secretLow,
    secretHigh,
    flags,
    options.quarantine ?? 0,
    backing?.memoryFile ? MEMORY_FILE : ANONYMOUS,
    '',
    backing?.node ?? 0,
  );
}

function halves(secret: bigint | undefined): [number, number] {
  if (secret === undefined) return [0, 0];
  const word = BigInt.asUintN(64, secret);
  return [Number(word & 0xffff_ffffn), Number(word >> 32n)];
}
