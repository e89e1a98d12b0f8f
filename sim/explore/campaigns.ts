/**
 * Campaigns by name: runs that are made one after another in this process, each decided by those before
 * it. What comes of one depends on its options alone.
 *
 * - `dfs`, `dpor`: every schedule of threads, or every one that the reduction leaves
 * - `dfs` of a world: a run of the seed, and every run that takes another step, or a late one, at few places
 * - `faults`: the run of a seed, and every run with few faults besides, at whatever points there are
 * - `guided`: runs that go on from where earlier ones have shown something rare
 */
import { DepthFirst } from '../choice/depth-first.ts';
import { Deviations, type DeviationsOptions } from '../choice/deviations.ts';
import { Dpor } from '../choice/dpor.ts';
import { RandomWalk } from '../choice/random.ts';
import type { CampaignStrategy, Search } from '../choice/search.ts';
import { keysOf } from '../choice/seed.ts';
import { CRASH_FILE, DISK_POINT } from '../disk/disk.ts';
import { CRASH_POINT } from '../fault/points.ts';
import { MEMORY_POINT } from '../memory/memory.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import { guidedSpecs } from './guided/guided.ts';
import { type FinishedRun, type RunnerOptions, runEach } from './runner.ts';
import type { RunSpec, Subject } from './subject.ts';

export interface CampaignOptions {
  readonly strategy: CampaignStrategy;
  /** Of the runs that are drawn, or of the run that a search departs from. */
  readonly seed: string;
  /** Runs at most. */
  readonly runsMax: number;
  /** Of `dfs`: preemptions of threads, or departures in a world; of `faults`: faults. No limit unless given. */
  readonly depth?: number | undefined;
  readonly faults?: FaultPreset | undefined;
  readonly keepGoing?: boolean;
  /** Asked before each run but the first: when true, there is no other. */
  readonly enough?: () => boolean;
}

/** How a campaign has ended; up to date while its runs are asked for. */
export interface CampaignEnd {
  /** All of its runs were made. */
  readonly complete: boolean;
  /** Nothing was left out for a bound either: there are no other runs. */
  readonly exhaustive: boolean;
  /** Points where a fault could be placed, and of these the ones that were like one before. */
  readonly points: { readonly met: number; readonly known: number } | undefined;
}

/** The strategy is not for subjects of this kind; the message says which ones are. */
class CampaignError extends Error {
  override readonly name = 'CampaignError';
  readonly isUserError = true;
}

/** Runs in the order in which they are made. Not to be asked for twice. */
export class Campaign {
  private readonly subject: Subject;
  private readonly options: CampaignOptions;
  private readonly search: Search | undefined;
  private over = false;

  /** @throws CampaignError */
  constructor(subject: Subject, options: CampaignOptions) {
    checkCampaign(subject, options);
    this.subject = subject;
    this.options = options;
    this.search = searchOf(subject, options);
  }

  runs(options: RunnerOptions = {}): AsyncGenerator<FinishedRun> {
    return runEach(this.subject, this.specs(), options);
  }

  get end(): CampaignEnd {
    const { over, search } = this;
    const points =
      this.options.strategy === 'faults' && search instanceof Deviations
        ? { met: search.frontier.places, known: search.frontier.known }
        : undefined;
    // Of a world the orders of steps are gone through, never the magnitudes.
    const timeless = this.subject.timed === false;
    return { complete: over, exhaustive: timeless && over && search?.complete === true, points };
  }

  private *specs(): Generator<RunSpec> {
    const { keepGoing, enough, runsMax } = this.options;
    let passed = true;
    const ended: RunSpec['ended'] = ({ verdict }) => {
      passed = verdict === 'passed';
    };
    let run = 0;
    for (const spec of this.search === undefined ? this.drawn() : this.searched(() => !passed)) {
      if (run > 0 && (enough?.() || run === runsMax)) return;
      run++;
      yield { ...spec, ended };
      if (!passed && !keepGoing) return;
    }
    this.over = true;
  }

  private drawn(): Iterable<RunSpec> {
    const { seed, runsMax, faults } = this.options;
    return guidedSpecs({ seed, runs: runsMax, faults });
  }

  private *searched(cut: () => boolean): Generator<RunSpec> {
    const { strategy, seed, faults } = this.options;
    const replay = this.search!;
    const timed = this.subject.timed !== false;
    let run = 0;
    do {
      run++;
      // No seed has a part in the schedules of threads.
      yield { seed: timed ? seed : `${strategy}/${run}`, strategy, faults, replay };
    } while (replay.next(cut()));
  }
}

const POINTS = new Set([CRASH_POINT, DISK_POINT, MEMORY_POINT]);
const FATES = new Set([CRASH_FILE]);

function searchOf(
  { timed }: Subject,
  { strategy, seed, depth }: CampaignOptions,
): Search | undefined {
  switch (strategy) {
    case 'guided':
      return undefined;
    case 'dpor':
      return new Dpor();
    case 'dfs':
      if (timed !== false) return new Deviations(departing({ strategy, seed, depth }));
      return new DepthFirst(depth === undefined ? undefined : { on: 'preemptions', max: depth });
    case 'faults':
      return new Deviations(departing({ strategy, seed, depth }));
  }
}

/** What a search of a world departs in, and from. */
export function departing({
  strategy,
  seed,
  depth: most = Infinity,
}: Pick<CampaignOptions, 'strategy' | 'seed' | 'depth'>): DeviationsOptions {
  const base = new RandomWalk(keysOf(seed));
  return strategy === 'dfs'
    ? { name: 'dfs', base, most, picks: true }
    : { name: 'faults', base, most, at: POINTS, within: FATES };
}

/** @throws CampaignError when the strategy is not for such a subject. */
export function checkCampaign(
  { name, timed }: Subject,
  { strategy, depth }: Pick<CampaignOptions, 'strategy' | 'depth'>,
): void {
  const threads = timed === false;
  if (strategy === 'dpor' && !threads) {
    throw new CampaignError(
      `${name} has steps that read a clock, and 'dpor' is for programs of threads alone; ` +
        "'dfs' goes through the runs that pick few steps otherwise, 'guided' looks for rare states",
    );
  }
  if (strategy === 'faults' && threads) {
    throw new CampaignError(
      `${name} is a program of threads, without a disk or a node that could fail; 'dpor' goes ` +
        'through all of its schedules',
    );
  }
  if (depth !== undefined && (strategy === 'dpor' || strategy === 'guided')) {
    throw new CampaignError(`'${strategy}' has no depth; 'dfs' and 'faults' have`);
  }
}
