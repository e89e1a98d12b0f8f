/** How runs are made, as the command line says it: parsed, and said back in replay commands. */
import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import type { TargetRef } from '../campaign/targets.ts';
import { parseSeeds, type SeedRange } from '../explore/seeds.ts';
import type { StrategyName } from '../explore/subject.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import { UsageError } from './exit.ts';

export interface HowOptions {
  readonly strategy: StrategyName;
  readonly faults?: FaultPreset;
  readonly hang?: number;
}

const HANG_MS = 5_000;
/** Drawn bases leave room for many seeds below 2^53. */
const BASES = 2 ** 40;
const SEEDS = 1_000;

export function hangMsOf({ hang }: HowOptions): number {
  return hang ?? HANG_MS;
}

/** Seeds asked for, or a drawn range; `drawn` says that they must be shown. */
export function seedsOf(options: { seeds?: string }): { range: SeedRange; drawn: boolean } {
  if (options.seeds !== undefined) return { range: parseSeeds(options.seeds), drawn: false };
  const from = randomInt(1, BASES);
  return { range: { from, to: from + SEEDS - 1 }, drawn: true };
}

export function checkedSeed(seed: string): string {
  if (seed.trim() === '') throw new UsageError('a seed is any text that is not empty');
  return seed;
}

/** `groundhog replay register --seed 7`, with whatever made the run what it was. */
export function replayCommand(ref: TargetRef, seed: string, how: HowOptions): string {
  const parts = ['npx groundhog replay', quoted(spokenName(ref)), '--seed', quoted(seed)];
  if (how.strategy !== 'random') parts.push('--strategy', how.strategy);
  if (how.faults !== undefined) parts.push('--faults', how.faults);
  return parts.join(' ');
}

/** What to type for a target: a scenario's name, a file's path from here. */
export function spokenName({ kind, name, file, byPath }: TargetRef): string {
  if (kind === 'scenario' && !byPath) return name;
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : `./${path}`;
}

function quoted(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
