// The calls of a pool of the simulated world: each runs up to its end or to a question, which
// `choose` answers, between any two atomic operations of the pool's own threads or of the call.

import type { Seen } from './binding.ts';
import { CLOSED_FAULT, type Clock, NativeError, refusal } from './errors.ts';
import { type FiberBinding, type FiberChoice, type FiberOutcome, questionOf } from './fibers.ts';
import { keepHere } from './keep-here.ts';

/** What addon/simulated.cc offers. */
export interface SimulatedBinding {
  /** The number of a pool, or a fault. */
  simulatedOpen(capacityBytes: number, kind: number): number;
  simulatedBuffer(pool: number): ArrayBuffer;
  /** A result or a fault, or a question, or a verdict; see {@link QUESTIONS}. */
  simulatedCall(pool: number, call: number, first: number, second: number, calm: number): number;
  simulatedResume(pool: number, answer: number): number;
  simulatedMessage(pool: number): string;
  /** After a look. */
  simulatedSeen(pool: number): Seen;
  simulatedClose(pool: number, buffer: ArrayBuffer): void;
}

export interface SimulatedOptions {
  /** 1 to 4 GiB; rounded up to whole pages of 4 KiB. */
  readonly capacityBytes: number;
  readonly choose: FiberChoice;
  readonly nowMs: Clock;
  /**
   * Told once when the engine finds that the pool's threads went wrong, before the call throws: a race,
   * a deadlock, a use after free. Every later call throws as well.
   */
  readonly onFailure?: ((failure: FiberOutcome) => void) | undefined;
}

/** The kinds of pools, as `Simulated` in pool/open_simulated_pool.h. */
export const KIND = {
  blocks: 0,
  blocksWipedLate: 1,
  movable: 2,
  movableUnlocked: 3,
  movableNotWaitedFor: 4,
  movableWaitedForUnderLock: 5,
} as const;

/** As `SimulatedPool::Call` in pool/simulated_pool.h. */
export const CALL = {
  allocate: 1,
  free: 2,
  blockBytes: 3,
  blockTag: 4,
  pin: 5,
  unpin: 6,
  look: 7,
} as const;

type Call = (typeof CALL)[keyof typeof CALL];

/** What is told of a call: questions lie below this, and verdicts below twice this. */
const QUESTIONS = -(2 ** 32);

const NOTHING_SEEN: Seen = { liveBytes: 0, contentHash: 0n, blocks: new Uint32Array() };

export class SimulatedCalls {
  readonly buffer: ArrayBuffer;
  readonly #binding: SimulatedBinding & FiberBinding;
  readonly #options: SimulatedOptions;
  readonly #sites: readonly string[];
  readonly #id: number;
  #isOpen = true;
  /** What its threads did, once they went wrong: they cannot go on, and nobody can look. */
  #wrong: string | undefined;

  constructor(
    binding: SimulatedBinding & FiberBinding,
    options: SimulatedOptions,
    kind: (typeof KIND)[keyof typeof KIND],
  ) {
    const { capacityBytes } = options;
    this.#binding = binding;
    this.#options = options;
    this.#sites = binding.fiberSites();
    this.#id = binding.simulatedOpen(capacityBytes, kind);
    if (this.#id < 0) throw this.refusal(this.#id, `a pool of ${capacityBytes} bytes was refused`);
    this.buffer = binding.simulatedBuffer(this.#id);
    keepHere(this.buffer);
  }

  /** A result, or a negative fault. The pool's threads may get on meanwhile. */
  call(call: Call, first: number, second = 0): number {
    const id = this.#id;
    let told = this.#begin(call, first, second, false);
    try {
      while (told <= QUESTIONS && told > 2 * QUESTIONS) {
        const answer = this.#options.choose(questionOf(QUESTIONS - told, this.#sites));
        told = this.#binding.simulatedResume(id, answer);
      }
    } catch (error) {
      // The call must end before there is another.
      while (told <= QUESTIONS && told > 2 * QUESTIONS) told = this.#binding.simulatedResume(id, 0);
      throw error;
    }
    return this.#result(told);
  }

  /** The same calmly: the pool's threads do nothing, unless they must. */
  ask(call: Call, block: number): number {
    return this.#result(this.#begin(call, block, 0, true));
  }

  /** All live blocks. Of a pool whose threads went wrong: none. @throws NativeError `closed` */
  seen(): Seen {
    if (!this.#isOpen) throw this.refusal(CLOSED_FAULT, 'it cannot be asked');
    if (this.#wrong !== undefined) return NOTHING_SEEN;
    this.ask(CALL.look, 0);
    return this.#binding.simulatedSeen(this.#id);
  }

  /** Gives the region back, without a question. Views are empty from now on. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#binding.simulatedClose(this.#id, this.buffer);
  }

  refusal(fault: number, what: string): NativeError {
    return refusal(fault, what, this.#options.nowMs());
  }

  #begin(call: Call, first: number, second: number, calm: boolean): number {
    if (!this.#isOpen) return CLOSED_FAULT;
    return this.#binding.simulatedCall(this.#id, call, first, second, calm ? 1 : 0);
  }

  #result(told: number): number {
    if (told > 2 * QUESTIONS && this.#wrong === undefined) return told;
    if (this.#wrong === undefined) {
      const verdict = this.#binding.fiberVerdicts()[2 * QUESTIONS - told]!;
      const message = this.#binding.simulatedMessage(this.#id);
      this.#wrong = `the pool's own threads went wrong: ${verdict}: ${message}`;
      this.#options.onFailure?.({ verdict, message });
    }
    throw new NativeError('corrupt', this.#wrong, this.#options.nowMs());
  }
}
