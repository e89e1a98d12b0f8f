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

/** Classes told apart; runs of those met later go uncounted. */
const CLASSES_MAX = 1_000_000;

/** By class: runs. */
export type Classes = Map<number, number>;

export interface CoverageCounts {
  readonly runs: number;
  /** Classes met. */
  readonly classes: number;
  /** Of these, those met by exactly one run. */
  readonly once: number;
}

/** Counts so many runs of a class. */
export function addClass(classes: Classes, runClass: number, runs: number): void {
  const before = classes.get(runClass);
  if (before === undefined && classes.size === CLASSES_MAX) return;
  classes.set(runClass, (before ?? 0) + runs);
}

export function countsOf(classes: Classes): CoverageCounts {
  let runs = 0;
  let once = 0;
  for (const times of classes.values()) {
    runs += times;
    if (times === 1) once++;
  }
  return { runs, classes: classes.size, once };
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
export function pctGuarantee({ actors, steps, depth }: PctRuns): number {
  return 1 / (Math.max(1, actors) * Math.max(1, steps) ** (depth - 1));
}

/** The most that was measured in any run. */
export interface PctRuns {
  readonly actors: number;
  readonly steps: number;
  readonly depth: number;
}

/** The chance that at least one of `runs` shows what one shows with this chance. */
export function chanceInAll(chance: number, runs: number): number {
  return 1 - (1 - chance) ** runs;
}

/**
 * The sentence at the end: `1,000 runs met 57 interleavings; …`. Of a search there is nothing to
 * estimate.
 */
export function summaryOf(of: {
  readonly runs: number;
  /** Every interleaving was met. */
  readonly complete: boolean;
  /** Runs were drawn alike; those of a search are not. */
  readonly drawn: boolean;
  readonly failed: boolean;
  readonly coverage: CoverageCounts;
  /** Of runs under PCT: what they would have met. */
  readonly pct?: PctRuns | undefined;
}): string {
  const { runs, complete, drawn, failed, coverage, pct } = of;
  const met = `${counted(runs, 'run')} met ${counted(coverage.classes, 'interleaving')}`;
  if (complete) return `${met}: all there are.`;
  if (!drawn) return `${met}.`;
  const next = `the next one shows a new one with a chance ${ofNew(coverage)}`;
  if (failed) return `${met}; ${next}.`;
  const bound = `a failure has a chance below ${percent(ruleOfThree(runs))} in each`;
  const deep = pct === undefined ? '' : ` ${pctSentence(runs, pct)}`;
  return `${met}; ${next}, and ${bound} (95 % confidence).${deep}`;
}

/** Where no interleaving was met only once, the estimate is 0: that much is not known. */
function ofNew(coverage: CoverageCounts): string {
  const chance = chanceOfNew(coverage);
  if (chance > 0) return `of about ${percent(chance)}`;
  return `below ${percent(ruleOfThree(coverage.runs))}`;
}

/** What is said of a search beside its interleavings. */
export interface SearchCounts {
  /** Runs that were given up, since all that could follow was seen. */
  readonly abandoned: number;
  /** Points where a fault could be placed, and of these the ones that were like one before. */
  readonly points?: { readonly met: number; readonly known: number } | undefined;
}

/** `12 runs were given up, …` and the like; empty where there is nothing to say. */
export function searchSentence({ abandoned, points }: SearchCounts): string {
  const sentences: string[] = [];
  if (abandoned > 0) {
    const were = abandoned === 1 ? 'was' : 'were';
    sentences.push(
      `${counted(abandoned, 'run')} ${were} given up, since all that could follow was seen.`,
    );
  }
  if (points !== undefined) {
    const { met, known } = points;
    sentences.push(
      `Faults could strike at ${counted(met, 'point')}; ${known.toLocaleString('en-US')} of them ` +
        'stood as one before.',
    );
  }
  return sentences.join(' ');
}

function pctSentence(runs: number, pct: PctRuns): string {
  const { depth, actors, steps } = pct;
  const chance = percentAtLeast(chanceInAll(pctGuarantee(pct), runs));
  const among = `${counted(actors, 'actor')} and ${counted(steps, 'decision')}`;
  return `A bug of depth ${depth} among ${among} would have shown with a chance of at least ${chance}.`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Two digits that matter, and no more than it is: what is nearly certain is not. */
function percentAtLeast(share: number): string {
  if (share > 0.999) return '99.9 %';
  const scale = 10 ** Math.max(0, 1 - Math.floor(Math.log10(100 * share)));
  return `${Math.floor(100 * share * scale) / scale} %`;
}

/** Two digits that matter. */
function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
