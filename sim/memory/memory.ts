/** `env.memory` of one incarnation: pools that die with it, refusals that come from the seed. */
import { site } from '../choice/site.ts';
import { perMille } from '../choice/strategy.ts';
import { type Memory, MemoryError, type Pool } from '../env/memory.ts';
import { unwatched } from '../node/guard/watch.ts';
import type { Incarnation } from '../node/incarnation.ts';
import type { Digest } from '../sched/digest.ts';
import { msOfNs } from '../time/units.ts';
import { loadNative, type PoolOwner, PortPool } from './pool.ts';

/** Loading the binary reads real files, which is the harness's own doing. */
let isLoaded = false;

const REFUSED = site('memory.refused');

/** What any allocation meets on any node. */
export interface MemoryConditions {
  /** Allocations of 1,000 that fail although there is room. */
  refusedPerMille: number;
}

export class NodeMemory implements Memory, PoolOwner {
  private readonly incarnation: Incarnation;
  private readonly pools = new Set<PortPool>();

  constructor(incarnation: Incarnation) {
    this.incarnation = incarnation;
  }

  pool({ capacityBytes }: { capacityBytes: number }): Pool {
    if (!this.incarnation.alive) {
      throw new MemoryError('closed', 'the incarnation has ended', this.nowMs());
    }
    if (!isLoaded) {
      unwatched(loadNative);
      isLoaded = true;
    }
    const pool = new PortPool(this, capacityBytes);
    this.pools.add(pool);
    return pool;
  }

  nowMs(): number {
    return msOfNs(this.incarnation.node.clock.localNs());
  }

  refuses(bytes: number, tag: string): boolean {
    const { world, refusedPerMille: ofNode } = this.incarnation.node;
    const { conditions, kernel } = world;
    const refusedPerMille = Math.min(1000, ofNode + conditions.memory.refusedPerMille);
    if (refusedPerMille === 0) return false;
    const refused = kernel.choices.branch(REFUSED, perMille(refusedPerMille)) === 1;
    if (refused) {
      const { name } = this.incarnation.node;
      kernel.tell('device', name, () => `an allocation of ${bytes} bytes for '${tag}' fails`);
    }
    return refused;
  }

  did(operation: 'allocate' | 'free', offset: number, bytes: number, tag: string): void {
    const { digest } = this.incarnation.node.world.kernel;
    digest.mix(operation === 'allocate' ? 1 : 2);
    digest.mix(offset);
    digest.mix(bytes);
    digest.mixText(tag);
  }

  leaked(blocks: readonly { offset: number; bytes: number; tag: string }[]): void {
    const { node } = this.incarnation;
    for (const { offset, bytes, tag } of blocks) {
      node.world.logged(node, 'warn', 'a block was never freed', { offset, bytes, tag });
    }
  }

  digest(digest: Digest): void {
    for (const pool of this.pools) {
      if (!pool.isOpen) continue;
      const hash = pool.contentHash();
      digest.mix(Number(BigInt.asIntN(32, hash)));
      digest.mix(Number(BigInt.asIntN(32, hash >> 32n)));
    }
  }

  close(): void {
    for (const pool of this.pools) pool.drop();
    this.pools.clear();
  }
}
