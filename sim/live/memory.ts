import type { Log } from '../env/log.ts';
import type { Memory, Pool, PoolOptions } from '../env/memory.ts';
import { type PoolOwner, PortPool } from '../memory/pool.ts';

/** Pools of native memory; nothing is refused but by the allocator. */
export class LiveMemory implements Memory, PoolOwner {
  private readonly pools = new Set<PortPool>();
  private readonly log: Log;
  readonly nowMs: () => number;

  constructor(options: { log: Log; nowMs: () => number }) {
    this.log = options.log;
    this.nowMs = options.nowMs;
  }

  pool(options: PoolOptions): Pool {
    for (const old of this.pools) if (!old.isOpen) this.pools.delete(old);
    const pool = new PortPool(this, options);
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
