/** Which seeds to run: `7`, `N` meaning 1 to N, or `A..B`, both included. */
export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

/** A seed or range that cannot be read; the message says how to write one. */
export class SeedsError extends Error {
  override readonly name = 'SeedsError';
}

const SEEDS_MAX = 1_000_000_000;

/** @throws SeedsError */
export function parseSeeds(text: string): SeedRange {
  const range = /^(?:(\d+)\.\.)?(\d+)$/.exec(text);
  if (range === null) {
    throw new SeedsError(`seeds are a number, as 500, or a range, as 1..500; not '${text}'`);
  }
  const from = Number(range[1] ?? 1);
  const to = Number(range[2]);
  if (to < from) {
    throw new SeedsError(to === 0 ? 'zero seeds run nothing' : `the range ${text} is empty`);
  }
  if (!Number.isSafeInteger(to) || to - from >= SEEDS_MAX) {
    throw new SeedsError(`at most ${SEEDS_MAX} seeds, not ${text}`);
  }
  return { from, to };
}

export function countOf({ from, to }: SeedRange): number {
  return to - from + 1;
}
