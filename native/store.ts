// Committed blocks in a file, which survive a kill of the process at any moment: pool/store.h.

import { type Clock, machineClock } from './errors.ts';

export interface StoreOptions {
  readonly path: string;
  /** 8 KiB to 4 GiB; rounded up to whole pages. A store keeps the capacity that it was made with. */
  readonly capacityBytes: number;
  /** Commits wait for the disk, so that a loss of power keeps them too. */
  readonly durable?: boolean;
  /** For the time in errors: the machine's, when nothing else is said. */
  readonly nowMs?: Clock;
}

/**
 * - `no-file`: it cannot be opened or made, or the disk is full
 * - `file-in-use`: another process, or another store of this one, has it
 * - `corrupt`: it is no store, or one of another capacity
 * - `invalid-size`: a capacity out of range; no bytes to be put, or more than would ever fit
 * - `out-of-memory`: there is no room
 * - `unknown`: no block has that id
 * - `closed`: the store was closed
 */
export type StoreErrorCode =
  | 'no-file'
  | 'file-in-use'
  | 'corrupt'
  | 'invalid-size'
  | 'out-of-memory'
  | 'unknown'
  | 'closed';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  /** In milliseconds on the clock that the store was opened with. */
  readonly atMs: number;

  constructor(code: StoreErrorCode, message: string, atMs: number) {
    super(`${message}: ${WHY[code]}`);
    this.code = code;
    this.atMs = atMs;
  }
}

const WHY: Record<StoreErrorCode, string> = {
  'no-file': 'the file cannot be opened or made as large as that',
  'file-in-use': 'somebody has it open',
  corrupt: 'the file is no store of that capacity',
  'invalid-size': 'a capacity is 8 KiB to 4 GiB, and a block has bytes and fits into it',
  'out-of-memory': 'there is no room',
  unknown: 'no block has that id',
  closed: 'the store was closed',
};

/** Faults of core/fault.h that a store answers with. */
const CODES: Record<number, StoreErrorCode> = {
  [-1]: 'out-of-memory',
  [-2]: 'invalid-size',
  [-3]: 'unknown',
  [-5]: 'corrupt',
  [-6]: 'closed',
  [-7]: 'no-file',
  [-8]: 'file-in-use',
};

/** What addon/stores.cc offers: a number, or a negative fault. */
export interface StoreBinding {
  storeOpen(path: string, capacityBytes: number, durable: boolean): number;
  storePut(store: number, bytes: Uint8Array): number;
  storeGet(store: number, id: number): Uint8Array | number;
  storeReplace(store: number, id: number, bytes: Uint8Array): number;
  storeFree(store: number, id: number): number;
  storeCompact(store: number, movesMax: number): number;
  storeLook(store: number): Float64Array;
  storeClose(store: number): void;
}

/** The number of no store. */
const CLOSED = -1;

/**
 * Each change is there whole or not at all, whenever the process is killed. An id is the same in
 * every life of the file. No other program may make the file shorter while it is open: reading
 * what is gone would end the process.
 */
export class Store {
  readonly #binding: StoreBinding;
  readonly #nowMs: Clock;
  #number: number;

  constructor(binding: StoreBinding, options: StoreOptions) {
    const { path, capacityBytes, durable = false } = options;
    this.#binding = binding;
    this.#nowMs = options.nowMs ?? machineClock;
    const isPath = !path.includes('\0');
    const answer = isPath ? binding.storeOpen(path, capacityBytes, durable) : NO_FILE;
    this.#number = this.#must(answer, `the store '${path}' was not opened`);
  }

  /** Commits a block, and answers with its id. @throws StoreError `out-of-memory`, `invalid-size`, `closed` */
  put(bytes: Uint8Array): number {
    const answer = this.#binding.storePut(this.#number, bytes);
    return this.#must(answer, `${bytes.length} bytes were not put`);
  }

  /** A copy of the committed bytes. @throws StoreError `unknown`, `closed` */
  get(id: number): Uint8Array {
    const answer = this.#binding.storeGet(this.#number, id);
    if (typeof answer !== 'number') return answer;
    throw this.#refusal(answer, `block ${id} cannot be read`);
  }

  /**
   * Commits other bytes under the same id; until then the old ones are there.
   *
   * @throws StoreError `unknown`, `out-of-memory`, `invalid-size`, `closed`
   */
  replace(id: number, bytes: Uint8Array): void {
    this.#must(this.#binding.storeReplace(this.#number, id, bytes), `block ${id} is as it was`);
  }

  /** @throws StoreError `unknown`, `closed` */
  free(id: number): void {
    this.#must(this.#binding.storeFree(this.#number, id), `block ${id} cannot be freed`);
  }

  /**
   * Moves the last blocks into holes before them, `movesMax` at most, each of them safely; how many
   * it moved. None: there is no hole that the last one fits into.
   *
   * @throws StoreError `closed`
   */
  compact(movesMax: number = Infinity): number {
    return this.#binding.storeCompact(this.#opened(), movesMax);
  }

  /** In the order in which they were put. @throws StoreError `closed` */
  ids(): number[] {
    return [...this.#binding.storeLook(this.#opened()).subarray(0, -2)];
  }

  /** Blocks that were found torn or doubled when it was opened, and where the last block ends. */
  stats(): { dropped: number; topBytes: number } {
    const [dropped, topBytes] = this.#binding.storeLook(this.#opened()).subarray(-2);
    return { dropped: dropped!, topBytes: topBytes! };
  }

  /** A second call does nothing. */
  close(): void {
    this.#binding.storeClose(this.#number);
    this.#number = CLOSED;
  }

  #opened(): number {
    if (this.#number !== CLOSED) return this.#number;
    throw new StoreError('closed', 'it cannot be asked', this.#nowMs());
  }

  #must(answer: number, what: string): number {
    if (answer < 0) throw this.#refusal(answer, what);
    return answer;
  }

  #refusal(fault: number, what: string): StoreError {
    return new StoreError(CODES[fault]!, what, this.#nowMs());
  }
}

const NO_FILE = -7;
