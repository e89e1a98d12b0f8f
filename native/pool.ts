import { markAsUntransferable } from 'node:worker_threads';
import { codeOf, NativeError } from './errors.ts';

export interface PoolOptions {
  /** 1 to 1 GiB; rounded up to whole pages of 4 KiB. Blocks and their canaries share it. */
  capacityBytes: number;
  /** Mixed into the canaries. */
  secret?: bigint;
}

export interface PoolStats {
  /** Bytes of the live blocks as they were asked for. */
  liveBytes: number;
  liveBlocks: number;
  /** What the live blocks take from the capacity: their bytes, canaries and rounding. */
  takenBytes: number;
}

export interface LiveBlock {
  offset: number;
  bytes: number;
  tag: string;
  /** Whether the canaries on both sides are as they were written. */
  intact: boolean;
}

/** The functions of addon/addon.cc. A negative answer is a fault. */
export interface Binding {
  open(capacityBytes: number, secretLow: number, secretHigh: number): number;
  buffer(pool: number): ArrayBuffer;
  allocate(pool: number, bytes: number, tag: number): number;
  free(pool: number, offset: number): number;
  blockBytes(pool: number, offset: number): number;
  stats(pool: number): PoolStats;
  live(pool: number): Uint32Array;
  contentHash(pool: number): bigint;
  close(pool: number, buffer: ArrayBuffer): void;
}

/**
 * Blocks of native memory in one region. All that it answers depends on the sequence of calls
 * alone; places are byte offsets from the region's start.
 */
export class NativePool {
  readonly capacityBytes: number;
  readonly #binding: Binding;
  readonly #buffer: ArrayBuffer;
  readonly #tags = new Map<string, number>();
  #id: number;

  constructor(binding: Binding, options: PoolOptions) {
    const secret = BigInt.asUintN(64, options.secret ?? 0n);
    const id = binding.open(
      options.capacityBytes,
      Number(secret & 0xffff_ffffn),
      Number(secret >> 32n),
    );
    if (id < 0) throw refusal(id, `a pool of ${options.capacityBytes} bytes was refused`);
    this.#binding = binding;
    this.#id = id;
    this.#buffer = binding.buffer(id);
    markAsUntransferable(this.#buffer);
    this.capacityBytes = this.#buffer.byteLength;
  }

  /**
   * The offset of a zeroed block. `tag` names its purpose in reports.
   *
   * @throws NativeError `out-of-memory`, `invalid-size`, `closed`
   */
  allocate(bytes: number, tag: string): number {
    const offset = this.#binding.allocate(this.#id, bytes, this.#tagNumber(tag));
    if (offset < 0) {
      const { capacityBytes } = this;
      throw refusal(
        offset,
        `${bytes} bytes for '${tag}' were refused by a pool of ${capacityBytes}`,
      );
    }
    return offset;
  }

  /**
   * A corrupt block stays live, so that `liveBlocks` shows it.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  free(offset: number): void {
    const fault = this.#binding.free(this.#id, offset);
    if (fault < 0) throw refusal(fault, `the block at ${offset} cannot be freed`);
  }

  /**
   * The size of a live block, as it was asked for.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `closed`
   */
  blockBytes(offset: number): number {
    const bytes = this.#binding.blockBytes(this.#id, offset);
    if (bytes < 0) throw refusal(bytes, `there is no live block at ${offset}`);
    return bytes;
  }

  /**
   * The bytes of a live block themselves, not a copy. After the free it shows whatever comes to
   * lie there; after `close` it is empty.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `closed`
   */
  view(offset: number): Uint8Array {
    return new Uint8Array(this.#buffer, offset, this.blockBytes(offset));
  }

  /** @throws NativeError `closed` */
  stats(): PoolStats {
    return this.#binding.stats(this.#openId());
  }

  /**
   * All live blocks in the order of their offsets: before `close`, these are the leaks.
   *
   * @throws NativeError `closed`
   */
  liveBlocks(): LiveBlock[] {
    const names = [...this.#tags.keys()];
    const words = this.#binding.live(this.#openId());
    return Array.from({ length: words.length / 4 }, (_, at) => ({
      offset: words[at * 4]!,
      bytes: words[at * 4 + 1]!,
      tag: names[words[at * 4 + 2]!]!,
      intact: words[at * 4 + 3] === 1,
    }));
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
    this.#binding.close(this.#id, this.#buffer);
    this.#id = CLOSED;
  }

  #openId(): number {
    if (this.#id === CLOSED) throw new NativeError('closed', 'the pool was closed');
    return this.#id;
  }

  /** Tags are numbered in the order of their first use. */
  #tagNumber(tag: string): number {
    let number = this.#tags.get(tag);
    if (number === undefined) {
      number = this.#tags.size;
      this.#tags.set(tag, number);
    }
    return number;
  }
}

/** The number of no pool. */
const CLOSED = -1;

function refusal(fault: number, what: string): NativeError {
  const code = codeOf(fault);
  return new NativeError(code, `${what}: ${WHY[code]}`);
}

const WHY: Record<ReturnType<typeof codeOf>, string> = {
  'out-of-memory': 'no free block is large enough',
  'invalid-size': 'a size is a whole number of bytes from 1 to the capacity',
  'invalid-offset': 'it is not the start of a live block',
  'double-free': 'it was freed already',
  corrupt: 'the bytes around it were overwritten',
  closed: 'the pool was closed',
  unavailable: 'the addon is not built',
};
