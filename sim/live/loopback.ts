/**
 * Loopback addresses of a run's own, so that every node may use every port:
 *
 *     127.B.0.1              held by a listener while the run lasts: the block B is taken
 *     127.B.1.1 … B.250.250  the run's nodes, in the order of their creation
 *
 * Linux answers on all of 127.0.0.0/8 unasked. 127.0 is left to what lives there already.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { ProgramRandom } from '../choice/program-random.ts';
import { assert } from '../env/assert.ts';
import { Entropy } from './entropy.ts';
import { LiveError } from './live-error.ts';

const GUARD_PORT = 4443;
const ALL_BLOCKS: readonly number[] = Array.from({ length: 254 }, (_, i) => i + 1);
const PART_MAX = 250;

export class AddressBlock {
  /** How many nodes it has addresses for. */
  static readonly size: number = PART_MAX * PART_MAX;
  private readonly block: number;
  private readonly guard: Server;
  private given = 0;

  private constructor(block: number, guard: Server) {
    this.block = block;
    this.guard = guard;
  }

  /**
   * Takes one of these blocks, by default of all, that no other process of this machine has. Rejects
   * with LiveError `unsupported`, or `exhausted` when all are taken.
   */
  static async claim(blocks: readonly number[] = ALL_BLOCKS): Promise<AddressBlock> {
    const random = new ProgramRandom(new Entropy());
    for (const block of random.shuffle('live.block', blocks)) {
      const guard = await guardAt(`127.${block}.0.1`);
      if (guard !== undefined) return new AddressBlock(block, guard);
    }
    const held = `port ${GUARD_PORT} of 127.B.0.1 is taken for every B of ${blocks.length} tried`;
    throw new LiveError('exhausted', `no addresses are left for a live run: ${held}; end another`);
  }

  get isUsedUp(): boolean {
    return this.given === AddressBlock.size;
  }

  /** An address for one more node. */
  next(): string {
    assert(!this.isUsedUp, 'a block has addresses left when one is asked for');
    const number = this.given++;
    return `127.${this.block}.${1 + Math.floor(number / PART_MAX)}.${1 + (number % PART_MAX)}`;
  }

  /** The addresses may be another's from now on. */
  release(): void {
    this.guard.close();
  }
}

/**
 * The listener that holds a block by this address, or undefined when another has it. Rejects with
 * LiveError `unsupported` where the machine has no such address.
 */
export async function guardAt(host: string): Promise<Server | undefined> {
  const guard = createServer((connection) => connection.destroy());
  guard.listen({ host, port: GUARD_PORT, exclusive: true });
  try {
    await once(guard, 'listening');
    return guard;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') return undefined;
    const message =
      'live runs give each node a loopback address of its own, as Linux has them; ' +
      `on this machine (${process.platform}) ${host} cannot be used: ${code}`;
    throw new LiveError('unsupported', message, { cause });
  }
}
