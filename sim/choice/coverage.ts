/**
 * What a number of runs say about the runs not made. Each run has a class (an interleaving up to the
 * order of steps that commute); classes are counted as they are met.
 *
 * - The chance that the next run shows a class not met yet is about the share of runs whose class was
 *   met once (I. J. Good, Biometrika 40, 1953, after A. M. Turing).
 * - A failure that n runs did not show has a chance below 3/n in each, with 95 % confidence (the rule
 *   of three).
 * - PCT meets a bug of depth d with a chance of at least 1 / (n k^(d-1)) in each run.
 *
 * The first two hold for runs that are drawn alike, so for runs of one strategy.
 */

/** How many of the runs are to be counted exactly; those beyond go uncounted, and it is said. */
const CLASSES_MAX = 1_000_000;

export interface CoverageCounts {
  readonly runs: number;
  /** Classes met. */
  readonly classes: number;
  /** Of these, those met by exactly one run. */
  readonly once: number;
}

/** Classes as they are met. */
export class Coverage {
  private readonly seen = new Map<number, number>();
  private counted = 0;
  private once = 0;

  add(runClass: number): void {
    const { seen } = this;
    const times = seen.get(runClass);
    if (times === undefined && seen.size === CLASSES_MAX) return;
    this.counted++;
    if (times === undefined) this.once++;
    if (times === 1) this.once--;
    seen.set(runClass, (times ?? 0) + 1);
  }

  counts(): CoverageCounts {
    return { runs: this.counted, classes: this.seen.size, once: this.once };
  }
}

/** Good and Turing's estimate of the chance that the next run shows a new class. */
export function chanceOfNew({ runs, once }: CoverageCounts): number {
  return runs === 0 ? 1 : once / runs;
}

/** What the chance of a failure is below, with 95 % confidence, after so many runs without one. */
export function ruleOfThree(runs: number): number {
  return runs === 0 ? 1 : 1 - 0.05 ** (1 / runs);
}

/** PCT's guarantee for one run, with n actors and k steps as they were measured. */
export function pctGuarantee(of: {
  readonly actors: number;
  readonly steps: number;
  readonly depth: number;
}): number {
  return 1 / (of.actors * of.steps ** (of.depth - 1));
}

/** The chance that at least one of `runs` shows what one shows with this chance. */
export function chanceInAll(chance: number, runs: number): number {
  return 1 - (1 - chance) ** runs;
}

/**
 * The sentence at the end: `1,000 runs met 57 interleavings. …`. Of a search that came to its end
 * there is nothing to estimate.
 */
export function summaryOf(of: {
  readonly runs: number;
  /** Every interleaving was met. */
  readonly complete: boolean;
  readonly failed: boolean;
  readonly coverage: CoverageCounts;
}): string {
  const { runs, complete, failed, coverage } = of;
  const met = `${counted(runs, 'run')} met ${counted(coverage.classes, 'interleaving')}`;
  if (complete) return `${met}: all there are.`;
  const next = `the next one shows a new one with a chance of about ${percent(chanceOfNew(coverage))}`;
  if (failed) return `${met}; ${next}.`;
  const bound = `a failure has a chance below ${percent(ruleOfThree(runs))} in each`;
  return `${met}; ${next}, and ${bound} (95 % confidence).`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Two digits that matter. */
function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
