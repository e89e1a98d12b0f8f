/**
 * - `out-of-memory`: no free block is large enough, or no address space for a pool
 * - `invalid-size`: not a whole number of bytes from 1 to the pool's capacity
 * - `invalid-offset`: not the start of a live block of this pool
 * - `double-free`: the block was freed already
 * - `corrupt`: the canaries around the block were overwritten
 * - `closed`: the pool was closed
 * - `unavailable`: there is no binary for this platform, and the message says how to build it; or
 *   this machine or pool has not what was asked for
 */
export type NativeErrorCode =
  | 'out-of-memory'
  | 'invalid-size'
  | 'invalid-offset'
  | 'double-free'
  | 'corrupt'
  | 'closed'
  | 'unavailable';

export class NativeError extends Error {
  override readonly name = 'NativeError';
  readonly code: NativeErrorCode;
  /** When it was seen, in milliseconds on the clock that the pool was opened with. */
  readonly atMs: number;

  constructor(code: NativeErrorCode, message: string, atMs: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.atMs = atMs;
  }
}

/** Monotonic milliseconds, for errors. A simulated world hands in its own. */
export type Clock = () => number;

/** Since the process began. */
export const machineClock: Clock = () => performance.now();

/** The codes in the order of `Fault` in core/fault.h: the fault -1 is the first. */
const FAULTS: readonly NativeErrorCode[] = [
  'out-of-memory',
  'invalid-size',
  'invalid-offset',
  'double-free',
  'corrupt',
  'closed',
];

/** What there is to answer once a pool is closed. */
export const CLOSED_FAULT: number = -1 - FAULTS.indexOf('closed');

const WHY: Record<NativeErrorCode, string> = {
  'out-of-memory': 'no free block is large enough',
  'invalid-size': 'a size is a whole number of bytes from 1 to the capacity',
  'invalid-offset': 'it is not the start of a live block',
  'double-free': 'it was freed already',
  corrupt: 'the bytes around it were overwritten',
  closed: 'the pool was closed',
  unavailable: 'the addon is not built',
};

/** The error of a fault, as native code answers with it: a negative number. */
export function refusal(fault: number, what: string, atMs: number): NativeError {
  const code = FAULTS[-fault - 1]!;
  return new NativeError(code, `${what}: ${WHY[code]}`, atMs);
}
