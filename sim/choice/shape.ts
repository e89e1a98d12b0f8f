/**
 * How a magnitude is spread over its range, of which the smallest is always the calmest. Exponential
 * ones have their mean at a sixth of the range, steep ones at a sixtieth: the far end is possible,
 * and so can be recorded and replayed, but hardly ever drawn.
 */
export const SPREADS = ['uniform', 'exponential', 'steep'] as const;
export type Spread = (typeof SPREADS)[number];

/** A whole number from `min` to `max`, both included; `max - min` is below 2^53. */
export interface Shape {
  readonly min: number;
  readonly max: number;
  readonly spread: Spread;
}

export function uniform(min: number, max: number): Shape {
  return { min, max, spread: 'uniform' };
}

export function exponential(min: number, max: number): Shape {
  return { min, max, spread: 'exponential' };
}

/**
 * Share of the range below which an exponential value falls with chance i/1024, cut off at the end
 * of the range. A table, since the last bits of `Math.log` are implementation-defined (ECMA-262,
 * 21.3.2) and one bit reorders two packets; it is rounded to 2^-20, far above those bits.
 */
function quantiles(mean: number): Float64Array {
  const reach = 1 - Math.exp(-1 / mean);
  return Float64Array.from({ length: 1025 }, (_, i) =>
    Math.min(1, Math.round(-mean * Math.log(1 - (i / 1024) * reach) * 2 ** 20) / 2 ** 20),
  );
}

const EXPONENTIAL = quantiles(1 / 6);
const STEEP = quantiles(1 / 60);

/** The value at the fraction `unit` in [0, 1) of the spread over [min, max]. */
export function valueAt(min: number, max: number, spread: Spread, unit: number): number {
  if (spread === 'uniform') return min + Math.floor(unit * (max - min + 1));
  const table = spread === 'exponential' ? EXPONENTIAL : STEEP;
  const at = unit * 1024;
  const cell = Math.floor(at);
  const from = table[cell]!;
  const share = from + (at - cell) * (table[cell + 1]! - from);
  return min + Math.floor(share * (max - min));
}
