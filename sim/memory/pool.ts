/** The memory port on the native allocator: the one file that both worlds reach it through. */
import {
  type FiberChoice,
  NativeError,
  type MovablePool as NativeMovablePool,
  type NativePool,
  openMovablePool,
  openPool,
  openSimulatedMovablePool,
  openSimulatedPool,
  type SimulatedMovablePool,
  type SimulatedPool,
  unavailable,
} from '../../native/index.ts';
import {
  type Handle,
  MemoryError,
  type MovablePool,
  type MovablePoolOptions,
  type Offset,
  type Pool,
  type PoolOptions,
} from '../env/memory.ts';

/** What the engine found in a pool's own threads: `race`, `deadlock`, and so on, and what just. */
export interface PoolFailure {
  readonly verdict: string;
  readonly message: string;
}

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
  /** There, told when a pool's own threads went wrong. */
  readonly failed?: (failure: PoolFailure) => void;
}

/** What pools of both kinds do. */
abstract class PortBlocks<
  Block extends number,
  Inner extends NativePool | SimulatedPool | NativeMovablePool | SimulatedMovablePool,
> {
  readonly capacityBytes: number;
  isOpen = true;
  protected readonly pool: Inner;
  private readonly owner: PoolOwner;

  protected constructor(owner: PoolOwner, open: () => Inner) {
    this.owner = owner;
    this.pool = translated(open);
    this.capacityBytes = this.pool.capacityBytes;
  }

  usedBytes(): number {
    return translated(() => this.pool.stats().liveBytes);
  }

  allocate(bytes: number, tag: string): Block {
    const { owner, pool } = this;
    if (owner.refuses(bytes, tag)) {
      throw new MemoryError('out-of-memory', `${bytes} bytes for '${tag}'`, owner.nowMs());
    }
    const block = translated(() => pool.allocate(bytes, tag));
    owner.did('allocate', block, bytes, tag);
    return block as Block;
  }

  free(block: Block): void {
    const { owner, pool } = this;
    const bytes = translated(() => {
      const size = pool.blockBytes(block);
      pool.free(block);
      return size;
    });
    owner.did('free', block, bytes, '');
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

export class PortPool extends PortBlocks<Offset, NativePool | SimulatedPool> implements Pool {
  constructor(owner: PoolOwner, { capacityBytes, background = false }: PoolOptions) {
    const nowMs = () => owner.nowMs();
    const { choose, failed: onFailure } = owner;
    super(owner, () =>
      background && choose
        ? openSimulatedPool({ capacityBytes, nowMs, choose, onFailure })
        : openPool({ capacityBytes, nowMs, background }),
    );
  }

  view(block: Offset): Uint8Array {
    return translated(() => this.pool.view(block));
  }
}

export class PortMovablePool
  extends PortBlocks<Handle, NativeMovablePool | SimulatedMovablePool>
  implements MovablePool
{
  constructor(owner: PoolOwner, { capacityBytes }: MovablePoolOptions) {
    const nowMs = () => owner.nowMs();
    const { choose, failed: onFailure } = owner;
    super(owner, () =>
      choose
        ? openSimulatedMovablePool({ capacityBytes, nowMs, choose, onFailure })
        : openMovablePool({ capacityBytes, nowMs, background: true }),
    );
  }

  pin(block: Handle): Uint8Array {
    return translated(() => this.pool.pin(block));
  }

  unpin(block: Handle): void {
    translated(() => this.pool.unpin(block));
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
