/** How runs are made, as the command line says it. */
import { randomInt } from 'node:crypto';
import { defaultStrategy, type Target, type TargetRef } from '../campaign/targets.ts';
import { HANG_MS } from '../explore/runner.ts';
import { parseSeeds, type SeedRange } from '../explore/seeds.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { How } from '../tell/replay-command.ts';
import { SEEDS } from './defaults.ts';
import { UsageError } from './exit.ts';

export type HowOptions = How;

/** As it is typed: what is left out depends on the target. */
export type HowAsked = Omit<How, 'strategy'> & Partial<Pick<How, 'strategy'>>;

/** What was asked for, with the target's own strategy where none was. */
export function howFor<Asked extends HowAsked>(ref: TargetRef, asked: Asked): Asked & How {
  return { ...asked, strategy: asked.strategy ?? defaultStrategy(ref) };
}

/** Drawn bases leave room for many seeds below 2^53. */
const BASES = 2 ** 40;

export function hangMsOf({ hang }: HowAsked): number {
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
  if (/^\d+\.\.\d*$/.test(seed)) {
    throw new UsageError(`--seed takes one seed; --seeds ${seed} takes a range`);
  }
  if (NUMBER.test(seed) && !/^\d+$/.test(seed)) {
    throw new UsageError(
      `--seed ${seed} looks like a number, and seeds are texts: write it in digits alone`,
    );
  }
  return seed;
}

/** As people write numbers: 1e3, 1_000, 1,000, 1.5, +7. */
const NUMBER = /^[+-]?\d[\d_,.]*(e[+-]?\d+)?$/i;

/** What a plain file can meet: it has no network, disk or memory of its own, and nobody starts it again. */
const OF_FILES: readonly FaultPreset[] = ['none', 'calm', 'clock'];

/** @throws UsageError when faults were asked for that a plain file never meets */
export function checkFaults({ ref }: Pick<Target, 'ref'>, faults: FaultPreset | undefined): void {
  if (ref.kind !== 'file' || faults === undefined || OF_FILES.includes(faults)) return;
  throw new UsageError(
    `--faults ${faults} would do nothing to ${ref.name}: a plain file has no env, and meets ` +
      `${OF_FILES.join(', ')} alone; a scenario has the others`,
  );
}
