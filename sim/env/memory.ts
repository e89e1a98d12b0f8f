/** A place in a pool, in bytes from its start. Never an address: it is the same in every run. */
export type Offset = number & { readonly brand: 'Offset' };

/**
 * - `out-of-memory`: no free block is large enough, or the seed says so
 * - `invalid-size`: not a whole number of bytes from 1 to the pool's capacity
 * - `invalid-offset`: not the start, or the handle, of a live block of this pool
 * - `double-free`: the block was freed already
 * - `corrupt`: the bytes around the block were overwritten
 * - `closed`: the pool was closed
 * - `unavailable`: the native addon is not there; the message says how to build it
 */
export type MemoryErrorCode =
  | 'out-of-memory'
  | 'invalid-size'
  | 'invalid-offset'
  | 'double-free'
  | 'corrupt'
  | 'closed'
  | 'unavailable';

export class MemoryError extends Error {
  override readonly name = 'MemoryError';
  readonly code: MemoryErrorCode;
  /** Milliseconds on the monotonic clock of the node that saw the error. */
  readonly atMs: number;

  constructor(code: MemoryErrorCode, message: string, atMs: number, options?: ErrorOptions) {
    super(`${message} (${code})`, options);
    this.code = code;
    this.atMs = atMs;
  }
}

/** What a block is known by that may be moved. A number that is not used again soon, never an address. */
export type Handle = number & { readonly brand: 'Handle' };

/** Blocks of native memory in one region, which this incarnation of the node owns. */
interface Blocks<Block> {
  readonly capacityBytes: number;
  /** Bytes of the live blocks as they were asked for. */
  usedBytes(): number;
  /**
   * A block of `bytes` bytes, zeroed. `tag` names its purpose in memory maps and leak reports.
   *
   * @throws MemoryError `out-of-memory`, `invalid-size`, `closed`
   */
  allocate(bytes: number, tag: string): Block;
  /** @throws MemoryError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  free(block: Block): void;
  /** Gives the region back. Blocks that are still live are reported as leaks in the log. */
  close(): void;
}

/** Blocks that stay where they are. */
export interface Pool extends Blocks<Offset> {
  /**
   * The block's bytes themselves, not a copy. Valid until the block is freed; what is read through
   * it later is unspecified, and never another pool's memory.
   *
   * @throws MemoryError `invalid-offset`, `double-free` for a block that was freed, `closed`
   */
  view(block: Offset): Uint8Array;
}

/**
 * Blocks that a thread of the pool moves towards the start of the region, so that no holes stay between
 * them. In the simulated world the seed says how far it gets during each `allocate`, `free`, `pin` and
 * `unpin`; it may between any two atomic operations of the call.
 */
export interface MovablePool extends Blocks<Handle> {
  /**
   * The block's bytes themselves. It stays where it is until it is unpinned; what is read through the
   * view later is unspecified, and never another pool's memory. Pins are counted, and a free ends them.
   *
   * @throws MemoryError `invalid-offset`, `double-free` for a block that was freed, `closed`
   */
  pin(block: Handle): Uint8Array;
  /** @throws MemoryError `invalid-offset` for a block that is not pinned, `double-free`, `closed` */
  unpin(block: Handle): void;
}

export interface MovablePoolOptions {
  /** 1 to 4 GiB, rounded up to whole pages. */
  readonly capacityBytes: number;
}

export interface PoolOptions extends MovablePoolOptions {
  /**
   * The pool has threads of its own: one overwrites blocks after their free, one makes memory ready for
   * new ones. In the simulated world the seed says how far they get during each `allocate` and `free`;
   * they may between any two atomic operations of the call.
   */
  readonly background?: boolean;
}

export interface Memory {
  /**
   * A pool of its own region.
   *
   * @throws MemoryError `out-of-memory`, `invalid-size`, `unavailable`
   */
  pool(options: PoolOptions): Pool;
  /**
   * One whose blocks may be moved.
   *
   * @throws MemoryError `out-of-memory`, `invalid-size`, `unavailable`
   */
  movablePool(options: MovablePoolOptions): MovablePool;
}
