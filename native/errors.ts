/**
 * - `out-of-memory`: no free block is large enough, or no address space for a pool
 * - `invalid-size`: not a whole number of bytes from 1 to the pool's capacity
 * - `invalid-offset`: not the start of a live block of this pool
 * - `double-free`: the block was freed already
 * - `corrupt`: the canaries around the block were overwritten
 * - `closed`: the pool was closed
 * - `unavailable`: there is no binary for this platform; the message says how to build it
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

  constructor(code: NativeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The codes in the order of `Fault` in core/fault.h: the fault -1 is the first. */
const FAULTS: readonly NativeErrorCode[] = [
  'out-of-memory',
  'invalid-size',
  'invalid-offset',
  'double-free',
  'corrupt',
  'closed',
];

export function codeOf(fault: number): NativeErrorCode {
  return FAULTS[-fault - 1]!;
}
