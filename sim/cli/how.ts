/** How runs are made, as the command line says it. */
import { randomInt } from 'node:crypto';
import { parseSeeds, type SeedRange } from '../explore/seeds.ts';
import type { How } from '../tell/replay-command.ts';
import { UsageError } from './exit.ts';

export type HowOptions = How;

const HANG_MS = 5_000;
/** Drawn bases leave room for many seeds below 2^53. */
const BASES = 2 ** 40;
/** How many are run when none are asked for, and the real ms after which no further one begins. */
export const SEEDS = 1_000;
export const BUDGET_MS = 30_000;

export function hangMsOf({ hang }: HowOptions): number {
  return hang ?? HANG_MS;
}

/** Seeds asked for, or a drawn range; `drawn` says that they must be shown. */
export function seedsOf(options: { seeds?: string }): { range: SeedRange; drawn: boolean } {
  if (options.seeds !== undefined) return { range: parseSeeds(options.seeds), drawn: false };
  const from = drawnSeed();
  return { range: { from, to: from + SEEDS - 1 }, drawn: true };
}

export function drawnSeed(): number {
  return randomInt(1, BASES);
}

export function checkedSeed(seed: string): string {
  if (seed.trim() === '') throw new UsageError('a seed is any text that is not empty');
  return seed;
}
