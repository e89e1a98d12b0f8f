// Pools whose blocks are known by handles and may be moved: see alloc/movable.h.

import type { LiveBlock, PoolStats, Seen } from './binding.ts';
import { CLOSED_FAULT, type Clock, machineClock, refusal } from './errors.ts';
import { keepHere } from './keep-here.ts';
import { Tags } from './tags.ts';

/** What addon/movables.cc offers: a count, an offset or a handle, or a negative fault. */
export interface MovableBinding {
  movableOpen(capacityBytes: number, background: boolean): number;
  movableBuffer(pool: number): ArrayBuffer;
  movableAllocate(pool: number, bytes: number, tag: number): number;
  movableFree(pool: number, handle: number): number;
  movablePin(pool: number, handle: number): number;
  movableUnpin(pool: number, handle: number): number;
  movableBytes(pool: number, handle: number): number;
  movableOffset(pool: number, handle: number): number;
  movableStats(pool: number): PoolStats;
  movableSeen(pool: number): Seen;
  movableStep(pool: number, bytesMax: number): Float64Array;
  movableClose(pool: number, buffer: ArrayBuffer): void;
}

export interface DefragmentStep {
  readonly movedBytes: number;
  /** Given back to the system. */
  readonly releasedBytes: number;
  /** Nothing is left to be moved or given back. */
  readonly done: boolean;
}

export interface MovableOptions {
  /** 1 to 4 GiB; rounded up to whole pages. */
  capacityBytes: number;
  /**
   * The pool has a thread of its own: it moves blocks whenever so much was freed that it is worth it,
   * and gives the memory behind them back to the system.
   */
  background?: boolean;
  /** For the time in errors: the machine's, when nothing else is said. */
  nowMs?: Clock;
}

const STEP_BYTES_MAX = 2 ** 32;

export class MovablePool {
  readonly capacityBytes: number;
  readonly #binding: MovableBinding;
  readonly #nowMs: Clock;
  readonly #buffer: ArrayBuffer;
  readonly #tags = new Tags();
  #id: number;

  /** @throws NativeError `invalid-size`, `out-of-memory` */
  constructor(binding: MovableBinding, options: MovableOptions) {
    const { capacityBytes, background = false, nowMs = machineClock } = options;
    const id = binding.movableOpen(capacityBytes, background);
    if (id < 0) throw refusal(id, `a pool of ${capacityBytes} bytes was refused`, nowMs());
    this.#binding = binding;
    this.#nowMs = nowMs;
    this.#id = id;
    this.#buffer = binding.movableBuffer(id);
    keepHere(this.#buffer);
    this.capacityBytes = this.#buffer.byteLength;
  }

  /**
   * The handle of a zeroed block, good until it is freed, wherever the block is moved. `tag` names its
   * purpose in reports.
   *
   * @throws NativeError `invalid-size`, `out-of-memory`, `closed`
   */
  allocate(bytes: number, tag: string): number {
    const handle = this.#binding.movableAllocate(this.#id, bytes, this.#tags.numberOf(tag));
    if (handle >= 0) return handle;
    const what = `${bytes} bytes for '${tag}' were refused by a pool of ${this.capacityBytes}`;
    throw refusal(handle, what, this.#nowMs());
  }

  /** Also of a block that is pinned. @throws NativeError `invalid-offset`, `double-free`, `closed` */
  free(handle: number): void {
    this.#must(this.#binding.movableFree(this.#id, handle), handle);
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `closed` */
  blockBytes(handle: number): number {
    return this.#must(this.#binding.movableBytes(this.#id, handle), handle);
  }

  /**
   * Where the block is now, in bytes from the pool's start. It may be elsewhere later, unless it is
   * pinned.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `closed`
   */
  offset(handle: number): number {
    return this.#must(this.#binding.movableOffset(this.#id, handle), handle);
  }

  /**
   * The bytes of the block, which stays where it is until it is unpinned; then the view shows whatever
   * comes to lie there. Pins are counted.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `closed`
   */
  pin(handle: number): Uint8Array {
    const offset = this.#must(this.#binding.movablePin(this.#id, handle), handle);
    return new Uint8Array(this.#buffer, offset, this.blockBytes(handle));
  }

  /** @throws NativeError `invalid-offset` of a block that is not pinned, `double-free`, `closed` */
  unpin(handle: number): void {
    this.#must(this.#binding.movableUnpin(this.#id, handle), handle);
  }

  /**
   * One step: blocks of at most `bytesMax` bytes in all, or one larger block, move towards the
   * start; once none can, what lies behind the last is given back.
   *
   * @throws NativeError `closed`
   * @throws RangeError when `bytesMax` is not a whole number from 1 to 2^32
   */
  defragment({ bytesMax }: { bytesMax: number }): DefragmentStep {
    if (!(Number.isInteger(bytesMax) && bytesMax >= 1 && bytesMax <= STEP_BYTES_MAX)) {
      throw new RangeError(`a step moves 1 to 2^32 bytes, not ${bytesMax}`);
    }
    if (this.#id < 0) throw refusal(CLOSED_FAULT, 'nothing is moved', this.#nowMs());
    const [movedBytes, releasedBytes, done] = this.#binding.movableStep(this.#id, bytesMax);
    return { movedBytes: movedBytes!, releasedBytes: releasedBytes!, done: done === 1 };
  }

  /** @throws NativeError `closed` */
  stats(): PoolStats {
    return this.#binding.movableStats(this.#openId());
  }

  /** With their handles in place of offsets. @throws NativeError `closed` */
  liveBlocks(): LiveBlock[] {
    return this.#tags.blocksOf(this.#seen().blocks);
  }

  /** 64 bits over the live blocks: their handles, tags and bytes. @throws NativeError `closed` */
  contentHash(): bigint {
    return this.#seen().contentHash;
  }

  /** Views are empty from now on. A second call does nothing. */
  close(): void {
    if (this.#id < 0) return;
    this.#binding.movableClose(this.#id, this.#buffer);
    this.#id = -1;
  }

  #seen(): Seen {
    return this.#binding.movableSeen(this.#openId());
  }

  #openId(): number {
    if (this.#id < 0) throw refusal(CLOSED_FAULT, 'it cannot be asked', this.#nowMs());
    return this.#id;
  }

  #must(answer: number, handle: number): number {
    if (answer < 0) {
      throw refusal(answer, `there is no block with the handle ${handle}`, this.#nowMs());
    }
    return answer;
  }
}
