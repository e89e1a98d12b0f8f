/** `env.memory` of one incarnation: pools that die with it, refusals that come from the seed. */
import { site } from '../choice/site.ts';
import { perMille } from '../choice/strategy.ts';
import { type Memory, MemoryError, type Pool } from '../env/memory.ts';
import type { Digest } from '../sched/digest.ts';
import { checkAlive } from '../sched/ended.ts';
import { outsideWorld } from '../sched/inside-world.ts';
import type { Kernel, Owner } from '../sched/kernel.ts';
import type { NodeClock } from '../time/clock.ts';
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

/** The node that the memory is in. */
interface Machine extends MemoryConditions {
  readonly name: string;
  readonly clock: NodeClock;
}

export interface MemoryOptions {
  readonly kernel: Kernel;
  readonly owner: Owner;
  readonly machine: Machine;
  readonly conditions: MemoryConditions;
  readonly warn: (message: string, block: LeakedBlock) => void;
  /** Told when the machine has no native memory, and what to do. */
  readonly missing: (what: string) => void;
}

type LeakedBlock = {
  readonly offset: number;
  readonly bytes: number;
  readonly tag: string;
};

export class NodeMemory implements Memory, PoolOwner {
  private readonly options: MemoryOptions;
  private readonly pools = new Set<PortPool>();

  constructor(options: MemoryOptions) {
    this.options = options;
  }

  pool({ capacityBytes }: { capacityBytes: number }): Pool {
    checkAlive(this.options.owner);
    if (!isLoaded) {
      const missing = outsideWorld(loadNative);
      if (missing !== undefined) {
        this.options.missing(missing);
        throw new MemoryError('unavailable', missing, this.nowMs());
      }
      isLoaded = true;
    }
    const pool = new PortPool(this, capacityBytes);
    this.pools.add(pool);
    return pool;
  }

  nowMs(): number {
    return msOfNs(this.options.machine.clock.localNs());
  }

  refuses(bytes: number, tag: string): boolean {
    const { kernel, machine, conditions } = this.options;
    const refusedPerMille = Math.min(1000, machine.refusedPerMille + conditions.refusedPerMille);
    if (refusedPerMille === 0) return false;
    const refused = kernel.choices.branch(REFUSED, perMille(refusedPerMille)) === 1;
    if (refused) {
      kernel.tell(
        'device',
        machine.name,
        () => `an allocation of ${bytes} bytes for '${tag}' fails`,
      );
    }
    return refused;
  }

  did(operation: 'allocate' | 'free', offset: number, bytes: number, tag: string): void {
    const { digest } = this.options.kernel;
    digest.mix(operation === 'allocate' ? 1 : 2);
    digest.mix(offset);
    digest.mix(bytes);
    digest.mixText(tag);
  }

  leaked(blocks: readonly LeakedBlock[]): void {
    for (const { offset, bytes, tag } of blocks) {
      this.options.warn('a block was never freed', { offset, bytes, tag });
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
