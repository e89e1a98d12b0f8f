/** The memory port on the native allocator: the one file that both worlds reach it through. */
import {
  type FiberChoice,
  NativeError,
  type NativePool,
  openPool,
  openSimulatedPool,
  type SimulatedPool,
  unavailable,
} from '../../native/index.ts';
import { MemoryError, type Offset, type Pool, type PoolOptions } from '../env/memory.ts';

/** What the node that owns the pool adds to the allocator. */
export interface PoolOwner {
  /** Monotonic milliseconds, for errors. */
  nowMs(): number;
  /** Whether this allocation is to fail although there is room. */
  refuses(bytes: number, tag: string): boolean;
  /** Told of each operation that took place. */
  did(operation: 'allocate' | 'free', offset: number, bytes: number, tag: string): void;
  /** Told at close of blocks nobody freed. */
  leaked(blocks: readonly { offset: number; bytes: number; tag: string }[]): void;
  /** In a simulated world, when threads of a pool get on. Elsewhere they are real ones. */
  readonly choose?: FiberChoice;
}

export class PortPool implements Pool {
  readonly capacityBytes: number;
  isOpen = true;
  private readonly pool: NativePool | SimulatedPool;
  private readonly owner: PoolOwner;

  constructor(owner: PoolOwner, { capacityBytes, background = false }: PoolOptions) {
    this.owner = owner;
    const nowMs = () => owner.nowMs();
    const { choose } = owner;
    this.pool = translated(() =>
      background && choose
        ? openSimulatedPool({ capacityBytes, nowMs, choose })
        : openPool({ capacityBytes, nowMs, background }),
    );
    this.capacityBytes = this.pool.capacityBytes;
  }

  usedBytes(): number {
    return translated(() => this.pool.stats().liveBytes);
  }

  allocate(bytes: number, tag: string): Offset {
    const { owner, pool } = this;
    if (owner.refuses(bytes, tag)) {
      throw new MemoryError('out-of-memory', `${bytes} bytes for '${tag}'`, owner.nowMs());
    }
    const offset = translated(() => pool.allocate(bytes, tag));
    owner.did('allocate', offset, bytes, tag);
    return offset as Offset;
  }

  free(block: Offset): void {
    const { owner, pool } = this;
    const bytes = translated(() => {
      const size = pool.blockBytes(block);
      pool.free(block);
      return size;
    });
    owner.did('free', block, bytes, '');
  }

  view(block: Offset): Uint8Array {
    return translated(() => this.pool.view(block));
  }

  close(): void {
    if (!this.isOpen) return;
    const blocks = this.pool.liveBlocks().map(({ offset, bytes, tag }) => {
      return { offset, bytes, tag: tag ?? '(overwritten)' };
    });
    this.drop();
    if (blocks.length > 0) this.owner.leaked(blocks);
  }

  /** 64 bits over all live blocks. */
  contentHash(): bigint {
    return this.pool.contentHash();
  }

  /** As when a process dies: nothing is reported. */
  drop(): void {
    this.isOpen = false;
    this.pool.close();
  }
}

/** Loads the binary, which otherwise happens at the first pool. Where there is none: what to do. */
export function loadNative(): string | undefined {
  return unavailable();
}

/** The allocator's errors as the port's. */
function translated<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    throw new MemoryError(error.code, error.message, error.atMs, { cause: error });
  }
}
