import { getSystemErrorName } from 'node:util';
import { markAsUntransferable } from 'node:worker_threads';
import { CLOSED_FAULT, type Clock, machineClock, type NativeError, refusal } from './errors.ts';
import { type MagazineParts, Magazines } from './magazines.ts';

export interface PoolOptions {
  /** 1 to 4 GiB; rounded up to whole pages of 4 KiB. Blocks and their guards share it. */
  capacityBytes: number;
  /** Mixed into the guards around blocks. */
  secret?: bigint;
  /** Blocks read as zero when they are new: the default. */
  zeroed?: boolean;
  /** Blocks are overwritten with a pattern when they are freed. */
  wiped?: boolean;
  /**
   * How many freed blocks are held back before their memory is used again. A block that was written
   * to meanwhile is reported by `lateWrites`.
   */
  quarantine?: number;
  backing?: Backing;
  /** For the time in errors: the machine's, when nothing else is said. */
  nowMs?: Clock;
}

/** What the pool's memory is asked to be. `NativePool.grants` says what it became. */
interface Backing {
  /** A file without a name, instead of anonymous memory. */
  memoryFile?: boolean;
  hugePages?: boolean;
  /** Never paged out. */
  pinned?: boolean;
  /** All pages are there at once, so that none is waited for later. */
  populated?: boolean;
  /** A NUMA node. */
  node?: number;
}

/** `refused` carries the name of the system's error. */
type Grant = 'not asked' | 'granted' | `refused: ${string}`;

export interface Grants {
  memoryFile: Grant;
  hugePages: Grant;
  /** Asked for where huge pages were refused. */
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

/** The functions of addon/addon.cc. A negative answer is a fault. */
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
  close(pool: number, region: ArrayBuffer, ledger: ArrayBuffer | undefined): void;
}

/**
 * Blocks of native memory in one region. All that it answers depends on the sequence of calls
 * alone; places are byte offsets from the region's start.
 */
export class NativePool {
  readonly capacityBytes: number;
  readonly #binding: Binding;
  readonly #nowMs: Clock;
  readonly #buffer: ArrayBuffer;
  readonly #parts: MagazineParts | undefined;
  readonly #tags = new Map<string, number>();
  readonly #tagNames: string[] = [];
  #magazines: Magazines | undefined;
  #lastTag: string | undefined;
  #lastTagNumber = 0;
  #id: number;

  constructor(binding: Binding, options: PoolOptions) {
    const zeroed = options.zeroed ?? true;
    const id = open(binding, options, zeroed);
    this.#nowMs = options.nowMs ?? machineClock;
    if (id < 0) throw this.#refusal(id, `a pool of ${options.capacityBytes} bytes was refused`);
    this.#binding = binding;
    this.#id = id;
    this.#buffer = binding.buffer(id);
    markAsUntransferable(this.#buffer);
    this.capacityBytes = this.#buffer.byteLength;
    this.#parts = binding.magazines(id);
    if (this.#parts) this.#magazines = new Magazines(this.#parts, this.#buffer, zeroed);
  }

  /**
   * The offset of a block. `tag` names its purpose in reports.
   *
   * @throws NativeError `out-of-memory`, `invalid-size`, `closed`
   */
  allocate(bytes: number, tag: string): number {
    const number = this.#numberOf(tag);
    if (this.#magazines !== undefined) {
      const offset = this.#magazines.allocate(bytes, number);
      if (offset >= 0) return offset;
    }
    const offset = this.#binding.allocate(this.#id, bytes, number);
    if (offset < 0) throw this.#refusedAllocation(offset, bytes, tag);
    return offset;
  }

  /**
   * A corrupt block stays live, so that `liveBlocks` shows it.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  free(offset: number): void {
    if (this.#magazines?.free(offset)) return;
    if (this.#binding.free(this.#id, offset) < 0) throw this.#refusedFree(offset);
  }

  /**
   * A block for each of `sizes`, whose offsets are put into `offsets`: all of them or none. From
   * some 16 blocks on this takes less time than as many calls of `allocate`.
   *
   * @throws NativeError `out-of-memory`, `invalid-size`, `closed`
   * @throws RangeError when `offsets` is shorter than `sizes`
   */
  allocateAll(sizes: Uint32Array, tag: string, offsets: Uint32Array): void {
    if (offsets.length < sizes.length) {
      throw new RangeError(`${sizes.length} sizes want as many offsets, not ${offsets.length}`);
    }
    let done = this.#binding.allocateAll(this.#openId(), sizes, this.#numberOf(tag), offsets);
    try {
      for (; done < sizes.length; done += 1) offsets[done] = this.allocate(sizes[done]!, tag);
    } catch (error) {
      this.freeAll(offsets.subarray(0, done));
      throw error;
    }
  }

  /**
   * Frees the blocks in the order of the array. At one that cannot be freed it stops and says which
   * it is: the blocks before it are free, it and those behind it are as they were.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  freeAll(offsets: Uint32Array): void {
    const done = this.#binding.freeAll(this.#openId(), offsets);
    if (done < offsets.length) throw this.#refusedFree(offsets[done]!);
  }

  /**
   * The size of a live block, as it was asked for.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  blockBytes(offset: number): number {
    const bytes = this.#binding.blockBytes(this.#id, offset);
    if (bytes < 0) throw this.#refusal(bytes, `there is no live block at ${offset}`);
    return bytes;
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  tag(offset: number): string {
    const tag = this.#binding.blockTag(this.#id, offset);
    if (tag < 0) throw this.#refusal(tag, `there is no live block at ${offset}`);
    return this.#tagName(tag)!;
  }

  /**
   * The bytes of a live block themselves, not a copy. After the free it shows whatever comes to
   * lie there; after `close` it is empty.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  view(offset: number): Uint8Array {
    return new Uint8Array(this.#buffer, offset, this.blockBytes(offset));
  }

  /** @throws NativeError `closed` */
  stats(): PoolStats {
    const { liveBytes, liveBlocks } = this.#binding.stats(this.#openId());
    const { bytes, blocks } = this.#magazines ?? { bytes: 0, blocks: 0 };
    return { liveBytes: liveBytes + bytes, liveBlocks: liveBlocks + blocks };
  }

  /**
   * All live blocks in the order of their offsets: before `close`, these are the leaks.
   *
   * @throws NativeError `closed`
   */
  liveBlocks(): LiveBlock[] {
    return this.#rows(this.#binding.live(this.#openId()), 4).map(
      ([offset, bytes, tag, intact]) => ({
        offset: offset!,
        bytes: bytes!,
        tag: this.#tagName(tag!),
        intact: intact === 1,
      }),
    );
  }

  /**
   * Blocks that were written to after their free, as far as they have left the quarantine; each is
   * told once.
   *
   * @throws NativeError `closed`
   */
  lateWrites(): LateWrite[] {
    return this.#rows(this.#binding.lateWrites(this.#openId()), 3).map(([offset, bytes, tag]) => ({
      offset: offset!,
      bytes: bytes!,
      tag: this.#tagName(tag!),
    }));
  }

  /**
   * What became of what was asked of the memory.
   *
   * @throws NativeError `closed`
   */
  grants(): Grants {
    const answers = this.#binding.grants(this.#openId());
    const name = (answer: number): Grant =>
      answer === 0
        ? 'not asked'
        : answer === 1
          ? 'granted'
          : `refused: ${getSystemErrorName(answer)}`;
    return {
      memoryFile: name(answers.memoryFile),
      hugePages: name(answers.hugePages),
      transparentHugePages: name(answers.transparentHugePages),
      pinned: name(answers.pinned),
      populated: name(answers.populated),
      bound: name(answers.bound),
    };
  }

  /**
   * Where the memory is in use, as plain data for JSON: offsets and sizes only. `cells` is how many
   * stretches the pool is cut into, 1 to 65,536; they are whole pages, so there may be fewer.
   *
   * @throws NativeError `closed`
   * @throws RangeError when `cells` is out of its range
   */
  map(cells = 1024): MemoryMap {
    if (!(Number.isInteger(cells) && cells >= 1 && cells <= CELLS_MAX)) {
      throw new RangeError(`a map has 1 to ${CELLS_MAX} cells, not ${cells}`);
    }
    const map = this.#binding.map(this.#openId(), cells);
    const { cellBytes, largeBytes, touchedBytes } = map;
    const classes = Array.from({ length: map.classes.length / 3 }, (_, row) => {
      const [blockBytes, slabs, usedBytes] = map.classes.subarray(row * 3);
      return { blockBytes: blockBytes!, slabs: slabs!, usedBytes: usedBytes! };
    });
    const { capacityBytes } = this;
    return { capacityBytes, touchedBytes, cellBytes, cells: [...map.cells], classes, largeBytes };
  }

  /**
   * 64 bits over the live blocks: their places, tags and bytes.
   *
   * @throws NativeError `closed`
   */
  contentHash(): bigint {
    return this.#binding.contentHash(this.#openId());
  }

  /** Gives the region back. Views into it are empty from now on. A second call does nothing. */
  close(): void {
    if (this.#id === CLOSED) return;
    this.#binding.close(this.#id, this.#buffer, this.#parts?.ledger);
    this.#magazines = undefined;
    this.#id = CLOSED;
  }

  #openId(): number {
    if (this.#id === CLOSED) throw this.#refusal(CLOSED_FAULT, 'it cannot be asked');
    return this.#id;
  }

  #rows(words: Uint32Array, width: number): number[][] {
    return Array.from({ length: words.length / width }, (_, row) =>
      Array.from(words.subarray(row * width, (row + 1) * width)),
    );
  }

  /** Tags are numbered in the order of their first use. */
  #numberOf(tag: string): number {
    return tag === this.#lastTag ? this.#lastTagNumber : this.#tagNumber(tag);
  }

  #tagNumber(tag: string): number {
    let number = this.#tags.get(tag);
    if (number === undefined) {
      number = this.#tags.size;
      this.#tags.set(tag, number);
      this.#tagNames.push(tag);
    }
    this.#lastTag = tag;
    this.#lastTagNumber = number;
    return number;
  }

  #tagName(number: number): string | undefined {
    return this.#tagNames[number];
  }

  #refusedFree(offset: number): NativeError {
    const fault = this.#binding.free(this.#id, offset);
    return this.#refusal(fault, `the block at ${offset} cannot be freed`);
  }

  #refusedAllocation(fault: number, bytes: number, tag: string): NativeError {
    const { capacityBytes } = this;
    const what = `${bytes} bytes for '${tag}' were refused by a pool of ${capacityBytes}`;
    return this.#refusal(fault, what);
  }

  #refusal(fault: number, what: string): NativeError {
    return refusal(fault, what, this.#nowMs());
  }
}

const CELLS_MAX = 65_536;

/** The number of no pool. */
const CLOSED = -1;

/** As `OpenFlag` in addon.cc. */
const ZEROED = 1;
const WIPED = 2;
const HUGE_PAGES = 4;
const PINNED = 8;
const BOUND = 16;
const POPULATED = 32;

/** As `BackingOptions::Kind` in port/backing.h. */
const ANONYMOUS = 0;
const MEMORY_FILE = 1;

function open(binding: Binding, options: PoolOptions, zeroed: boolean): number {
  const { backing } = options;
  const [secretLow, secretHigh] = halves(options.secret);
  const flags =
    (zeroed ? ZEROED : 0) |
    (options.wiped ? WIPED : 0) |
    (backing?.hugePages ? HUGE_PAGES : 0) |
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
