// A pool of the simulated world. Its threads are fibers, and get on with their work while a call is
// under way, as far as `choose` lets them.

import type { LiveBlock, PoolStats } from './binding.ts';
import { CLOSED_FAULT, type Clock, NativeError, refusal } from './errors.ts';
import { type FiberBinding, type FiberChoice, questionOf } from './fibers.ts';
import { keepHere } from './keep-here.ts';
import { Tags } from './tags.ts';

/** What addon/simulated.cc offers. */
export interface SimulatedBinding {
  /** The number of a pool, or a fault. */
  simulatedOpen(capacityBytes: number, wiping: number): number;
  simulatedBuffer(pool: number): ArrayBuffer;
  /** A result or a fault, or a question, or a verdict; see {@link QUESTIONS}. */
  simulatedCall(pool: number, call: number, first: number, second: number, calm: number): number;
  simulatedResume(pool: number, answer: number): number;
  simulatedMessage(pool: number): string;
  /** After a look. */
  simulatedSeen(pool: number): { liveBytes: number; contentHash: bigint; blocks: Uint32Array };
  simulatedClose(pool: number, buffer: ArrayBuffer): void;
}

export interface SimulatedPoolOptions {
  /** 1 to 4 GiB; rounded up to whole pages of 4 KiB. */
  readonly capacityBytes: number;
  readonly choose: FiberChoice;
  readonly nowMs: Clock;
  /** `late` is a planted bug: the pool's thread overwrites blocks after it has given them back. */
  readonly wiping?: 'right' | 'late';
}

/** As `SimulatedPool::Call` in pool/simulated_pool.h. */
const CALL = { allocate: 1, free: 2, blockBytes: 3, blockTag: 4, look: 5 } as const;

/** What is told of a call: questions lie below this, and verdicts below twice this. */
const QUESTIONS = -(2 ** 32);

const NOTHING_SEEN = { liveBytes: 0, contentHash: 0n, blocks: new Uint32Array() };

export class SimulatedPool {
  readonly capacityBytes: number;
  readonly #binding: SimulatedBinding & FiberBinding;
  readonly #sites: readonly string[];
  readonly #choose: FiberChoice;
  readonly #nowMs: Clock;
  readonly #id: number;
  readonly #buffer: ArrayBuffer;
  readonly #tags = new Tags();
  #isOpen = true;
  /** What its threads did, once they went wrong: they cannot go on, and nobody can look. */
  #wrong: string | undefined;

  constructor(binding: SimulatedBinding & FiberBinding, options: SimulatedPoolOptions) {
    const { capacityBytes, choose, nowMs, wiping = 'right' } = options;
    this.#binding = binding;
    this.#sites = binding.fiberSites();
    this.#choose = choose;
    this.#nowMs = nowMs;
    this.#id = binding.simulatedOpen(capacityBytes, wiping === 'late' ? 1 : 0);
    if (this.#id < 0) throw this.#refusal(this.#id, `a pool of ${capacityBytes} bytes was refused`);
    this.#buffer = binding.simulatedBuffer(this.#id);
    keepHere(this.#buffer);
    this.capacityBytes = this.#buffer.byteLength;
  }

  /**
   * The offset of a zeroed block.
   *
   * @throws NativeError `out-of-memory`, `invalid-size`, `closed`, `corrupt` when the pool's own
   *   threads went wrong
   */
  allocate(bytes: number, tag: string): number {
    const offset = this.#call(CALL.allocate, bytes, this.#tags.numberOf(tag));
    if (offset >= 0) return offset;
    const what = `${bytes} bytes for '${tag}' were refused by a pool of ${this.capacityBytes}`;
    throw this.#refusal(offset, what);
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  free(offset: number): void {
    const fault = this.#call(CALL.free, offset, 0);
    if (fault < 0) throw this.#refusal(fault, `the block at ${offset} cannot be freed`);
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  blockBytes(offset: number): number {
    return this.#look(CALL.blockBytes, offset);
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  tag(offset: number): string {
    return this.#tags.nameOf(this.#look(CALL.blockTag, offset))!;
  }

  /** As `NativePool.view`. @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  view(offset: number): Uint8Array {
    return new Uint8Array(this.#buffer, offset, this.blockBytes(offset));
  }

  /** @throws NativeError `closed` */
  stats(): PoolStats {
    const { liveBytes, blocks } = this.#seen();
    return { liveBytes, liveBlocks: blocks.length / 4 };
  }

  /** @throws NativeError `closed` */
  liveBlocks(): LiveBlock[] {
    return this.#tags.blocksOf(this.#seen().blocks);
  }

  /** @throws NativeError `closed` */
  contentHash(): bigint {
    return this.#seen().contentHash;
  }

  /** Gives the region back, without a question. Views are empty from now on. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#binding.simulatedClose(this.#id, this.#buffer);
  }

  #call(call: number, first: number, second: number): number {
    const id = this.#id;
    let told = this.#isOpen
      ? this.#binding.simulatedCall(id, call, first, second, 0)
      : CLOSED_FAULT;
    try {
      while (told <= QUESTIONS && told > 2 * QUESTIONS) {
        const answer = this.#choose(questionOf(QUESTIONS - told, this.#sites));
        told = this.#binding.simulatedResume(id, answer);
      }
    } catch (error) {
      // The call must end before there is another.
      while (told <= QUESTIONS && told > 2 * QUESTIONS) told = this.#binding.simulatedResume(id, 0);
      throw error;
    }
    return this.#result(told);
  }

  /** Calmly: the pool's threads do nothing meanwhile. */
  #look(call: number, offset: number): number {
    const found = this.#result(
      this.#isOpen ? this.#binding.simulatedCall(this.#id, call, offset, 0, 1) : CLOSED_FAULT,
    );
    if (found < 0) throw this.#refusal(found, `there is no live block at ${offset}`);
    return found;
  }

  #seen(): ReturnType<SimulatedBinding['simulatedSeen']> {
    if (!this.#isOpen) throw this.#refusal(CLOSED_FAULT, 'it cannot be asked');
    if (this.#wrong !== undefined) return NOTHING_SEEN;
    this.#result(this.#binding.simulatedCall(this.#id, CALL.look, 0, 0, 1));
    return this.#binding.simulatedSeen(this.#id);
  }

  #result(told: number): number {
    if (told > 2 * QUESTIONS && this.#wrong === undefined) return told;
    this.#wrong ??= this.#finding(2 * QUESTIONS - told);
    throw new NativeError('corrupt', this.#wrong, this.#nowMs());
  }

  #finding(verdict: number): string {
    const what = this.#binding.fiberVerdicts()[verdict]!;
    const message = this.#binding.simulatedMessage(this.#id);
    return `the pool's own threads went wrong: ${what}: ${message}`;
  }

  #refusal(fault: number, what: string): NativeError {
    return refusal(fault, what, this.#nowMs());
  }
}
