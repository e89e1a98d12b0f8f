/** How a magnitude is spread over its range. The smallest is always the calmest. */
export type Spread = 'uniform' | 'exponential';

/** A whole number from `min` to `max`, both included; `max - min` is below 2^53. */
export interface Shape {
  readonly min: number;
  readonly max: number;
  readonly spread: Spread;
}

export function uniform(min: number, max: number): Shape {
  return { min, max, spread: 'uniform' };
}

/** Most values near `min` (mean at a sixth of the range), a few far out. */
export function exponential(min: number, max: number): Shape {
  return { min, max, spread: 'exponential' };
}

/**
 * Share of the range below which an exponential value falls with chance i/1024, cut off at the end
 * of the range. A table, since the last bits of `Math.log` are implementation-defined (ECMA-262,
 * 21.3.2) and one bit reorders two packets; it is rounded to 1/65,536, far above those bits.
 */
const EXPONENTIAL: Float64Array = quantiles();

function quantiles(): Float64Array {
  const mean = 1 / 6;
  const reach = 1 - Math.exp(-1 / mean);
  return Float64Array.from({ length: 1025 }, (_, i) =>
    Math.min(1, Math.round(-mean * Math.log(1 - (i / 1024) * reach) * 65_536) / 65_536),
  );
}

/** The value at the fraction `unit` in [0, 1) of the spread over [min, max]. */
export function valueAt(min: number, max: number, spread: Spread, unit: number): number {
  if (spread === 'uniform') return min + Math.floor(unit * (max - min + 1));
  const at = unit * 1024;
  const cell = Math.floor(at);
  const from = EXPONENTIAL[cell]!;
  const share = from + (at - cell) * (EXPONENTIAL[cell + 1]! - from);
  return min + Math.floor(share * (max - min));
}
