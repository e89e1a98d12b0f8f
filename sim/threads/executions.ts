/** Executions one after another, as seeds or a search make them. */
import { type Bound, DepthFirst } from '../choice/depth-first.ts';
import { Dpor } from '../choice/dpor.ts';
import { Pilot } from '../choice/profile.ts';
import { SEARCH_STRATEGIES, type Search, type SearchStrategy } from '../choice/search.ts';
import { keysOf } from '../choice/seed.ts';
import { SEEDED_STRATEGIES, type SeededStrategy, seeded } from '../choice/seeded.ts';
import type { Strategy } from '../choice/strategy.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import type { ExecutionEnd, ThreadsEngine } from './engine.ts';

/** One execution per seed, or all that a search goes through. */
export type ExploreOptions = SeedsOptions | SearchOptions;

export interface SeedsOptions {
  /** Seeds 1 to this one, or those of a range, both ends included. */
  readonly seeds: number | { readonly from: number; readonly to: number };
  /** How schedules are drawn; `portfolio` unless given. */
  readonly strategy?: SeededStrategy;
  /** Steps after which an execution is given up, 10,000 unless given. */
  readonly stepsMax?: number;
}

export interface SearchOptions {
  readonly strategy: SearchStrategy;
  /** Of `dfs`: only schedules within it, those with few preemptions or delays first. */
  readonly bound?: Bound;
  /** Executions after which the search is given up, 1,000,000 unless given. */
  readonly executionsMax?: number;
  readonly stepsMax?: number;
}

export type ThreadsStrategy = SeededStrategy | SearchStrategy;

const EXECUTIONS_MAX = 1_000_000;

/** What has just run; or, after the last execution of a search that came to its end, that. */
type Execution =
  | { readonly is: 'execution'; readonly seed: string | undefined; readonly end: ExecutionEnd }
  | { readonly is: 'end'; readonly complete: boolean };

/**
 * Runs the engine's program; what it came to is in the engine until the next is asked for.
 *
 * @throws RangeError when there is no seed, or no such strategy.
 */
export function executions<State>(
  engine: ThreadsEngine<State>,
  options: ExploreOptions,
): Iterable<Execution> {
  return 'seeds' in options ? ofSeeds(engine, options) : ofSearch(engine, options);
}

function* ofSeeds<State>(
  engine: ThreadsEngine<State>,
  { seeds, strategy = 'portfolio' }: SeedsOptions,
): Generator<Execution> {
  const { from, to } = rangeOf(seeds);
  const strategyOf = strategies(engine, strategy);
  for (let seed = from; seed <= to; seed++) {
    const end = engine.execute(strategyOf(`${seed}`));
    yield { is: 'execution', seed: `${seed}`, end };
  }
}

function* ofSearch<State>(
  engine: ThreadsEngine<State>,
  { executionsMax = EXECUTIONS_MAX, ...options }: SearchOptions,
): Generator<Execution> {
  const search = searchNamed(options);
  let more = true;
  for (let count = 0; more && count < executionsMax; count++) {
    const end = engine.execute(search);
    yield { is: 'execution', seed: undefined, end };
    more = search.next(end === 'violated' || end === 'exhausted');
  }
  if (!more) yield { is: 'end', complete: search.complete };
}

/**
 * The strategy for each seed, good until the next seed's is asked for.
 *
 * @throws RangeError when there is none of this name.
 */
export function strategies<State>(
  engine: ThreadsEngine<State>,
  name: SeededStrategy,
): (seed: string) => Strategy {
  if (!SEEDED_STRATEGIES.includes(name)) throw misnamed(name, 'leave out the seeds');
  return seeded(name, () => {
    const pilot = new Pilot(keysOf('pilot'));
    engine.execute(pilot);
    return pilot.profile();
  });
}

function searchNamed({ strategy, bound }: SearchOptions): Search {
  switch (strategy) {
    case 'dfs':
      return new DepthFirst(bound);
    case 'dpor':
      if (bound !== undefined) throw new RangeError("'dpor' has no bound; 'dfs' has");
      return new Dpor();
    default:
      throw misnamed(strategy, 'give seeds');
  }
}

/** There is no strategy of this name, or it is of the other kind and asks for `remedy`. */
function misnamed(written: string, remedy: string): RangeError {
  const names: readonly string[] = [...SEEDED_STRATEGIES, ...SEARCH_STRATEGIES];
  if (names.includes(written)) {
    const does = remedy === 'give seeds' ? 'makes a run of each seed' : 'is a search';
    return new RangeError(`'${written}' ${does}: ${remedy}`);
  }
  const hint = didYouMean(written, names) || `; there are: ${names.join(', ')}`;
  return new RangeError(`no strategy is named '${written}'${hint}`);
}

function rangeOf(seeds: SeedsOptions['seeds']): { readonly from: number; readonly to: number } {
  const { from, to } = typeof seeds === 'number' ? { from: 1, to: seeds } : seeds;
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from <= to) return { from, to };
  throw new RangeError(`seeds are a range of whole numbers, not ${from} to ${to}`);
}
