// Pools whose blocks are known by handles and may be moved: see alloc/movable.h.

import { CLOSED_FAULT, type Clock, machineClock, refusal } from './errors.ts';
import { keepHere } from './keep-here.ts';

/** What addon/movables.cc offers: a count, an offset or a handle, or a negative fault. */
export interface MovableBinding {
  movableOpen(capacityBytes: number): number;
  movableBuffer(pool: number): ArrayBuffer;
  movableAllocate(pool: number, bytes: number, tag: number): number;
  movableFree(pool: number, handle: number): number;
  movablePin(pool: number, handle: number): number;
  movableUnpin(pool: number, handle: number): number;
  movableBytes(pool: number, handle: number): number;
  movableOffset(pool: number, handle: number): number;
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
  /** For the time in errors: the machine's, when nothing else is said. */
  nowMs?: Clock;
}

const STEP_BYTES_MAX = 2 ** 32;

export class MovablePool {
  readonly #binding: MovableBinding;
  readonly #nowMs: Clock;
  readonly #buffer: ArrayBuffer;
  #id: number;

  /** @throws NativeError `invalid-size`, `out-of-memory` */
  constructor(binding: MovableBinding, { capacityBytes, nowMs = machineClock }: MovableOptions) {
    const id = binding.movableOpen(capacityBytes);
    if (id < 0) throw refusal(id, `a pool of ${capacityBytes} bytes was refused`, nowMs());
    this.#binding = binding;
    this.#nowMs = nowMs;
    this.#id = id;
    this.#buffer = binding.movableBuffer(id);
    keepHere(this.#buffer);
  }

  /**
   * The handle of a zeroed block, good until it is freed, wherever the block is moved.
   *
   * @throws NativeError `invalid-size`, `out-of-memory`, `closed`
   */
  allocate(bytes: number): number {
    const handle = this.#binding.movableAllocate(this.#id, bytes, 0);
    if (handle < 0) throw refusal(handle, `${bytes} bytes were refused`, this.#nowMs());
    return handle;
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `closed` */
  free(handle: number): void {
    this.#must(this.#binding.movableFree(this.#id, handle), handle);
  }

  /**
   * Where the block is now, in bytes from the pool's start. After the next step of `defragment` it
   * may be elsewhere, unless it is pinned.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `closed`
   */
  offset(handle: number): number {
    return this.#must(this.#binding.movableOffset(this.#id, handle), handle);
  }

  /**
   * The bytes where they are now. Ask again after a step of `defragment`: an old view then shows
   * whatever has come to lie there.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `closed`
   */
  view(handle: number): Uint8Array {
    const bytes = this.#must(this.#binding.movableBytes(this.#id, handle), handle);
    return new Uint8Array(this.#buffer, this.offset(handle), bytes);
  }

  /** Keeps the block where it is. Pins are counted. */
  pin(handle: number): void {
    this.#must(this.#binding.movablePin(this.#id, handle), handle);
  }

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

  /** Views are empty from now on. A second call does nothing. */
  close(): void {
    if (this.#id < 0) return;
    this.#binding.movableClose(this.#id, this.#buffer);
    this.#id = -1;
  }

  #must(answer: number, handle: number): number {
    if (answer < 0) {
      throw refusal(answer, `there is no block with the handle ${handle}`, this.#nowMs());
    }
    return answer;
  }
}
