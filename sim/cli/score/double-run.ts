/**
 * Whether a seed names one run: every range of seeds is explored twice, in other processes, in the
 * opposite order and by another number of workers, and the digests are compared. A range that
 * differs is halved down to its seeds.
 */
import { explore, Workers } from '../../campaign/explore.ts';
import type { TargetRef } from '../../campaign/targets.ts';
import { SEEDED_STRATEGIES } from '../../choice/seeded.ts';
import { countOf, type SeedRange } from '../../explore/seeds.ts';
import type { StrategyName } from '../../explore/subject.ts';
import { digestOf } from '../../explore/tally.ts';

export interface DoubleRunOptions {
  readonly targets: readonly TargetRef[];
  /** Over all targets and strategies. */
  readonly seeds: number;
  /** Seeds explored in one go. */
  readonly rangeSeeds: number;
  /** Real ms after which the first pass begins no range; the second repeats what it has done. */
  readonly firstPassMs: number;
}

export interface Mismatch {
  readonly target: string;
  readonly strategy: StrategyName;
  /** One seed; more only where the difference went away when their halves were run on their own. */
  readonly seeds: SeedRange;
}

export interface DoubleRun {
  /** Seeds that were run twice. */
  readonly seeds: number;
  readonly mismatches: readonly Mismatch[];
}

interface Part {
  readonly target: TargetRef;
  readonly strategy: StrategyName;
  readonly seeds: SeedRange;
}

/** A hang is told by real time, so on a busy machine it must be far from what any step takes. */
const HANG_MS = 60_000;

export async function doubleRun(options: DoubleRunOptions): Promise<DoubleRun> {
  const one = new Workers(1);
  const two = new Workers(2);
  try {
    const until = performance.now() + options.firstPassMs;
    const done: { readonly part: Part; readonly digest: string }[] = [];
    for (const part of partsOf(options)) {
      if (performance.now() >= until) break;
      done.push({ part, digest: await digestIn(one, part) });
    }
    const mismatches: Mismatch[] = [];
    for (const { part, digest } of done.toReversed()) {
      if ((await digestIn(two, part)) === digest) continue;
      const found = await halved(part, one, two);
      mismatches.push(...(found.length > 0 ? found : [mismatchOf(part)]));
    }
    const seeds = done.reduce((sum, { part }) => sum + countOf(part.seeds), 0);
    return { seeds, mismatches };
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}

/** The first range of every target and strategy, then the second of each, and so on. */
function* partsOf({ targets, seeds, rangeSeeds }: DoubleRunOptions): Generator<Part> {
  const pairs = targets.flatMap((target) =>
    SEEDED_STRATEGIES.map((strategy) => ({ target, strategy })),
  );
  const least = Math.floor(seeds / pairs.length);
  const more = seeds % pairs.length;
  for (let from = 1; from <= least + 1; from += rangeSeeds) {
    for (const [index, pair] of pairs.entries()) {
      const to = Math.min(from + rangeSeeds - 1, index < more ? least + 1 : least);
      if (to >= from) yield { ...pair, seeds: { from, to } };
    }
  }
}

async function digestIn(workers: Workers, { target, strategy, seeds }: Part): Promise<string> {
  const { tally } = await explore(target, workers, {
    strategy,
    seeds,
    keepGoing: true,
    hangMs: HANG_MS,
  });
  return digestOf(tally);
}

/** The seeds of the part that differ when they are run again. */
async function halved(part: Part, one: Workers, two: Workers): Promise<Mismatch[]> {
  if ((await digestIn(one, part)) === (await digestIn(two, part))) return [];
  const { from, to } = part.seeds;
  if (from === to) return [mismatchOf(part)];
  const middle = Math.floor((from + to) / 2);
  const halves = [
    { from, to: middle },
    { from: middle + 1, to },
  ];
  const found: Mismatch[] = [];
  for (const seeds of halves) found.push(...(await halved({ ...part, seeds }, one, two)));
  return found.length > 0 ? found : [mismatchOf(part)];
}

function mismatchOf({ target, strategy, seeds }: Part): Mismatch {
  return { target: target.name, strategy, seeds };
}
