/** `env.memory` of one incarnation: pools that die with it, refusals that come from the seed. */
import { answerOf, type FiberQuestion } from '../choice/fiber-question.ts';
import { hashName } from '../choice/mix.ts';
import { type Site, site } from '../choice/site.ts';
import { perMille, weights } from '../choice/strategy.ts';
import {
  type Memory,
  MemoryError,
  type MovablePool,
  type MovablePoolOptions,
  type Pool,
  type PoolOptions,
} from '../env/memory.ts';
import type { Digest } from '../sched/digest.ts';
import { checkAlive } from '../sched/ended.ts';
import { outsideWorld } from '../sched/inside-world.ts';
import type { Kernel, Owner } from '../sched/kernel.ts';
import type { NodeClock } from '../time/clock.ts';
import { msOfNs } from '../time/units.ts';
import type { Violation } from '../trace/violation.ts';
import { loadNative, type PoolFailure, type PoolOwner, PortMovablePool, PortPool } from './pool.ts';

/** Loading the binary reads real files, which is the harness's own doing. */
let isLoaded = false;

const REFUSED = site('memory.refused');
/** As native/port/decisions.h names it: which thread takes the next step. */
const PICK = 'native.pick';
/** The property that breaks when the threads of a pool go wrong. */
const FAILED = 'native memory';
/** Where a search places a refusal. */
export const MEMORY_POINT: Site = site('memory.point');
/** Placed, never drawn. */
const REFUSES = weights(1, 0);

/** What any allocation meets on any node. */
export interface MemoryConditions {
  /** Allocations of 1,000 that fail although there is room. */
  refusedPerMille: number;
  /** Each allocation may be where a search places a refusal. */
  points: boolean;
}

/** The node that the memory is in. */
interface Machine extends Pick<MemoryConditions, 'refusedPerMille'> {
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
  /** Told when the threads of a pool went wrong, whatever the program makes of the error. */
  readonly violated: (what: Pick<Violation, 'property' | 'message' | 'stack'>) => void;
}

type LeakedBlock = {
  readonly offset: number;
  readonly bytes: number;
  readonly tag: string;
};

export class NodeMemory implements Memory, PoolOwner {
  private readonly options: MemoryOptions;
  private readonly pools = new Set<PortPool | PortMovablePool>();

  constructor(options: MemoryOptions) {
    this.options = options;
  }

  pool(options: PoolOptions): Pool {
    return this.opened(() => new PortPool(this, options));
  }

  movablePool(options: MovablePoolOptions): MovablePool {
    return this.opened(() => new PortMovablePool(this, options));
  }

  private opened<Opened extends PortPool | PortMovablePool>(open: () => Opened): Opened {
    checkAlive(this.options.owner);
    if (!isLoaded) {
      const missing = outsideWorld(loadNative);
      if (missing !== undefined) {
        this.options.missing(missing);
        throw new MemoryError('unavailable', missing, this.nowMs());
      }
      isLoaded = true;
    }
    const pool = open();
    this.pools.add(pool);
    return pool;
  }

  nowMs(): number {
    return msOfNs(this.options.machine.clock.localNs());
  }

  refuses(bytes: number, tag: string): boolean {
    const { kernel, machine, conditions } = this.options;
    const refusedPerMille = Math.min(1000, machine.refusedPerMille + conditions.refusedPerMille);
    const { choices } = kernel;
    const placed =
      conditions.points && choices.placed(MEMORY_POINT, REFUSES, hashName(tag) ^ bytes) === 1;
    if (refusedPerMille === 0 && !placed) return false;
    const refused = placed || choices.branch(REFUSED, perMille(refusedPerMille)) === 1;
    if (refused) {
      kernel.tell(
        'device',
        machine.name,
        () => `an allocation of ${bytes} bytes for '${tag}' fails`,
      );
    }
    return refused;
  }

  readonly choose = (question: FiberQuestion): number => {
    const { kernel, machine } = this.options;
    const answer = answerOf(kernel.choices, question);
    if (answer > 0 && question.site === PICK) {
      kernel.tell('device', machine.name, () => 'the pool goes on in another thread');
    }
    return answer;
  };

  readonly failed = ({ verdict, message }: PoolFailure): void => {
    const what = `${verdict}: ${message}`;
    this.options.violated({ property: FAILED, message: what, stack: new Error(what).stack });
  };

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
