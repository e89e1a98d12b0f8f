import type { Log } from '../env/log.ts';
import type { Memory, MovablePool, MovablePoolOptions, Pool, PoolOptions } from '../env/memory.ts';
import { type PoolOwner, PortMovablePool, PortPool } from '../memory/pool.ts';

/** Pools of native memory; nothing is refused but by the allocator. */
export class LiveMemory implements Memory, PoolOwner {
  private readonly pools = new Set<PortPool | PortMovablePool>();
  private readonly log: Log;
  readonly nowMs: () => number;

  constructor(options: { log: Log; nowMs: () => number }) {
    this.log = options.log;
    this.nowMs = options.nowMs;
  }

  pool(options: PoolOptions): Pool {
    return this.kept(new PortPool(this, options));
  }

  movablePool(options: MovablePoolOptions): MovablePool {
    return this.kept(new PortMovablePool(this, options));
  }

  private kept<Opened extends PortPool | PortMovablePool>(pool: Opened): Opened {
    for (const old of this.pools) if (!old.isOpen) this.pools.delete(old);
    this.pools.add(pool);
    return pool;
  }

  refuses(): boolean {
    return false;
  }

  did(): void {}

  leaked(blocks: readonly { offset: number; bytes: number; tag: string }[]): void {
    for (const block of blocks) this.log.warn('a block was never freed', block);
  }

  /** As when the process ends: nothing is reported. */
  close(): void {
    for (const pool of this.pools) if (pool.isOpen) pool.drop();
    this.pools.clear();
  }
}
