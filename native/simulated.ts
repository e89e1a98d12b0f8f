// Pools of the simulated world. Their threads are fibers, and get on with their work while a call is
// under way, as far as `choose` lets them.

import type { LiveBlock, PoolStats } from './binding.ts';
import type { FiberBinding } from './fibers.ts';
import {
  CALL,
  KIND,
  type SimulatedBinding,
  SimulatedCalls,
  type SimulatedOptions,
} from './simulated-calls.ts';
import { Tags } from './tags.ts';

export interface SimulatedPoolOptions extends SimulatedOptions {
  /** `late` is a planted bug: the pool's thread overwrites blocks after it has given them back. */
  readonly wiping?: 'right' | 'late';
}

const WIPING = { right: KIND.blocks, late: KIND.blocksWipedLate };

/** All but the first are planted bugs; see `Moving` in pool/movable_pool.h. */
export type Moving = 'right' | 'unlocked' | 'not-waited-for' | 'waited-for-under-lock';

export interface SimulatedMovableOptions extends SimulatedOptions {
  readonly moving?: Moving;
}

const MOVING: Record<Moving, (typeof KIND)[keyof typeof KIND]> = {
  right: KIND.movable,
  unlocked: KIND.movableUnlocked,
  'not-waited-for': KIND.movableNotWaitedFor,
  'waited-for-under-lock': KIND.movableWaitedForUnderLock,
};

/** What both kinds do alike. A block is known by its offset, or by its handle where it may be moved. */
class Simulated {
  readonly capacityBytes: number;
  protected readonly calls: SimulatedCalls;
  readonly #tags = new Tags();

  protected constructor(calls: SimulatedCalls) {
    this.calls = calls;
    this.capacityBytes = calls.buffer.byteLength;
  }

  /**
   * The offset or handle of a zeroed block.
   *
   * @throws NativeError `out-of-memory`, `invalid-size`, `closed`, `corrupt` when the pool's own
   *   threads went wrong
   */
  allocate(bytes: number, tag: string): number {
    const block = this.calls.call(CALL.allocate, bytes, this.#tags.numberOf(tag));
    if (block >= 0) return block;
    const what = `${bytes} bytes for '${tag}' were refused by a pool of ${this.capacityBytes}`;
    throw this.calls.refusal(block, what);
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  free(block: number): void {
    const fault = this.calls.call(CALL.free, block);
    if (fault < 0) throw this.calls.refusal(fault, `the block ${block} cannot be freed`);
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  blockBytes(block: number): number {
    return this.live(this.calls.ask(CALL.blockBytes, block), block);
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  tag(block: number): string {
    return this.#tags.nameOf(this.live(this.calls.ask(CALL.blockTag, block), block))!;
  }

  /** @throws NativeError `closed` */
  stats(): PoolStats {
    const { liveBytes, blocks } = this.calls.seen();
    return { liveBytes, liveBlocks: blocks.length / 4 };
  }

  /** @throws NativeError `closed` */
  liveBlocks(): LiveBlock[] {
    return this.#tags.blocksOf(this.calls.seen().blocks);
  }

  /** @throws NativeError `closed` */
  contentHash(): bigint {
    return this.calls.seen().contentHash;
  }

  /** Gives the region back, without a question. Views are empty from now on. */
  close(): void {
    this.calls.close();
  }

  protected live(answer: number, block: number): number {
    if (answer < 0) throw this.calls.refusal(answer, `there is no live block ${block}`);
    return answer;
  }
}

/** Blocks by offsets. Its threads wipe and refill. */
export class SimulatedPool extends Simulated {
  constructor(binding: SimulatedBinding & FiberBinding, options: SimulatedPoolOptions) {
    super(new SimulatedCalls(binding, options, WIPING[options.wiping ?? 'right']));
  }

  /** As `NativePool.view`. @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  view(offset: number): Uint8Array {
    return new Uint8Array(this.calls.buffer, offset, this.blockBytes(offset));
  }
}

/** Blocks by handles, as `MovablePool` has them. A thread of its own moves them. */
export class SimulatedMovablePool extends Simulated {
  constructor(binding: SimulatedBinding & FiberBinding, options: SimulatedMovableOptions) {
    super(new SimulatedCalls(binding, options, MOVING[options.moving ?? 'right']));
  }

  /** As `MovablePool.pin`. @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  pin(handle: number): Uint8Array {
    const offset = this.live(this.calls.call(CALL.pin, handle), handle);
    return new Uint8Array(this.calls.buffer, offset, this.blockBytes(handle));
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  unpin(handle: number): void {
    const fault = this.calls.call(CALL.unpin, handle);
    if (fault < 0) throw this.calls.refusal(fault, `the block ${handle} cannot be unpinned`);
  }
}
