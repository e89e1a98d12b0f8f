// Native programs whose threads are fibers, interleaved at every atomic operation: the C++ of
// programs/, on the policy SimSync of port/sim_sync.h.

/** What addon/fibers.cc offers. */
export interface FiberBinding {
  fiberPrograms(): string[];
  fiberSites(): string[];
  fiberVerdicts(): string[];
  /** A question as site * 65,536 + count, or -1 less a verdict. */
  fiberStart(program: number, byPriorities: boolean): number;
  fiberResume(outcome: number): number;
  fiberMessage(): string;
  searchStart(program: number, by: number, preemptionsMax: number, seed: number): void;
  /** Runs, those that were pruned, whether it has ended, whether it is complete, the verdict. */
  searchGo(runs: number): Float64Array;
  searchMessage(): string;
}

/**
 * - `random`: each decision by chance
 * - `pct`: threads by priorities that change a few times
 * - `dfs`: all runs, or all with so many preemptions
 * - `dpor`: all but those that only swap independent steps
 */
export type FiberStrategy = 'random' | 'pct' | 'dfs' | 'dpor';

/** As `Search::By` in addon/searches.cc. */
const BY: Record<FiberStrategy, number> = { random: 0, pct: 1, dfs: 2, dpor: 3 };

export interface SearchOptions {
  readonly strategy: FiberStrategy;
  /** Of a run at most, with `dfs`. */
  readonly preemptionsMax?: number;
  /** Of `random` and `pct`: 0 to 2^32 - 1. */
  readonly seed?: number;
}

export interface SearchState extends FiberOutcome {
  readonly runs: number;
  /** Runs that were given up, since what they would become was seen before. */
  readonly pruned: number;
  /** A run has failed, or there are no others. */
  readonly ended: boolean;
  /** All runs that there are were made, and passed. */
  readonly complete: boolean;
}

/**
 * Decides among `count` outcomes, of which 0 is the calmest. `rare`: the others are to be drawn
 * seldom, one in eight in all.
 */
export type FiberChoice = (question: { site: string; count: number; rare: boolean }) => number;

export interface FiberOutcome {
  /** `passed`, or what was found: `race`, `deadlock`, `use after free`, and so on. */
  readonly verdict: string;
  readonly message: string;
}

const UNLIMITED = 2 ** 32 - 1;

/** Sites whose outcomes beyond the first are rare: stores out of order, spurious failures. */
const RARE = new Set(['native.place', 'native.weak-cas', 'native.abort']);

/** A question as the addon tells it: site * 65,536 + count. */
export function questionOf(
  told: number,
  sites: readonly string[],
): { site: string; count: number; rare: boolean } {
  const site = sites[told >>> 16]!;
  return { site, count: told & 0xffff, rare: RARE.has(site) };
}

export class Fibers {
  readonly programs: readonly string[];
  readonly #binding: FiberBinding;
  readonly #sites: readonly string[];
  readonly #verdicts: readonly string[];

  constructor(binding: FiberBinding) {
    this.#binding = binding;
    this.programs = binding.fiberPrograms();
    this.#sites = binding.fiberSites();
    this.#verdicts = binding.fiberVerdicts();
  }

  /**
   * One run of a program; every decision in it is `choose`'s. By priorities it is not asked who runs
   * next, but who comes before whom (`native.priority`), and when (`native.change`) the running
   * thread falls behind all others: see port/pct.h.
   *
   * @throws RangeError when no program has that name
   */
  run(program: string, choose: FiberChoice, byPriorities: boolean): FiberOutcome {
    let told = this.#binding.fiberStart(this.#indexOf(program), byPriorities);
    while (told >= 0) {
      told = this.#binding.fiberResume(choose(questionOf(told, this.#sites)));
    }
    return { verdict: this.#verdicts[-1 - told]!, message: this.#binding.fiberMessage() };
  }

  /**
   * Many runs of a program, without a question to anybody: what is known after each `runsAtOnce` of
   * them, until a run fails or there are no others. One search at a time.
   *
   * @throws RangeError when no program has that name
   */
  *search(program: string, options: SearchOptions, runsAtOnce: number): Generator<SearchState> {
    const { strategy, preemptionsMax = UNLIMITED, seed = 1 } = options;
    this.#binding.searchStart(this.#indexOf(program), BY[strategy], preemptionsMax, seed);
    for (;;) {
      const [runs, pruned, ended, complete, verdict] = this.#binding.searchGo(runsAtOnce);
      yield {
        runs: runs!,
        pruned: pruned!,
        ended: ended === 1,
        complete: complete === 1,
        verdict: this.#verdicts[verdict!]!,
        message: this.#binding.searchMessage(),
      };
      if (ended === 1) return;
    }
  }

  #indexOf(program: string): number {
    const index = this.programs.indexOf(program);
    if (index >= 0) return index;
    const known = this.programs.join(', ');
    throw new RangeError(`no native program is named '${program}'; there are: ${known}`);
  }
}
