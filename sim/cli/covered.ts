/** What was covered, and how likely the next run shows something new: as sentences and in `--json`. */
import {
  chanceOfNew,
  countsOf,
  ruleOfThree,
  type SearchCounts,
  searchSentence,
  summaryOf,
} from '../choice/coverage.ts';
import type { CampaignStrategy } from '../choice/search.ts';
import { PCT_DEPTH } from '../choice/seeded.ts';
import type { CampaignEnd } from '../explore/campaigns.ts';
import type { StrategyName } from '../explore/subject.ts';
import type { Tally } from '../explore/tally.ts';
import { count, counted } from '../tell/words.ts';

/** Of a campaign: how far it was to go, and how far it has come. */
export interface Searched extends CampaignEnd {
  readonly strategy: CampaignStrategy;
  readonly depth: number | undefined;
  /** Steps have moments, which a seed draws. */
  readonly timed: boolean;
  /** Where each seed is searched from. */
  readonly searches: Searches | undefined;
}

interface Searches {
  /** Seeds that were asked for. */
  readonly of: number;
  /** From the first on, in their order. */
  readonly begun: number;
  /** Of these, those of which every run was made. */
  readonly complete: number;
}

/** `coverage` in `run --json`. */
export interface CoverageJson {
  /** Interleavings met, up to the order of steps that commute. */
  readonly interleavings: number;
  /** Of these, those met by exactly one run. */
  readonly metOnce: number;
  /** About the chance that the next seed shows another one; null where runs are not drawn alike. */
  readonly chanceOfNew: number | null;
  /**
   * What the chance of a failure is below in each run, with 95 % confidence; null where one was found,
   * or where runs are not drawn alike.
   */
  readonly failureChanceBelow: number | null;
  /** Nothing was left out: there are no other runs. */
  readonly exhaustive: boolean;
  /** Of a campaign that searches. */
  readonly search?: SearchJson;
}

interface SearchJson {
  /** Every run within the depth was made. */
  readonly complete: boolean;
  /** Preemptions, picks or faults of a run at most; null without a limit. */
  readonly depth: number | null;
  /** Runs that were given up, since all that could follow was seen. */
  readonly abandoned: number;
  /** Where faults could strike, and how many of these points stood as one before. */
  readonly points?: { readonly met: number; readonly known: number };
  /** Where each seed is searched from: how many of them were. */
  readonly seeds?: Searches;
}

export function coverageJson(tally: Tally, searched: Searched | undefined): CoverageJson {
  const { failures, runs, abandoned } = tally;
  const counts = countsOf(tally.classes);
  const drawn = searched === undefined && runs > 0;
  return {
    interleavings: counts.classes,
    metOnce: counts.once,
    chanceOfNew: drawn ? chanceOfNew(counts) : null,
    failureChanceBelow: drawn && failures.length === 0 ? ruleOfThree(runs) : null,
    exhaustive: searched?.exhaustive === true,
    ...(isSearch(searched) && { search: searchJson(searched, abandoned) }),
  };
}

function searchJson(searched: Searched, abandoned: number): SearchJson {
  const { complete, depth, points, searches } = searched;
  return {
    complete,
    depth: depth ?? null,
    abandoned,
    ...(points && { points }),
    ...(searches && { seeds: searches }),
  };
}

function isSearch(searched: Searched | undefined): searched is Searched {
  return searched !== undefined && searched.strategy !== 'guided';
}

/** Sentences below the verdict of several seeds that all passed. */
export function seedsCovered(tally: Tally, strategy: StrategyName): string {
  const { runs, classes, actorsMax, decisionsMax } = tally;
  return summaryOf({
    runs,
    complete: false,
    drawn: true,
    failed: false,
    coverage: countsOf(classes),
    pct:
      strategy === 'pct' ? { actors: actorsMax, steps: decisionsMax, depth: PCT_DEPTH } : undefined,
  });
}

/** The same of a campaign, whatever it has found. */
export function campaignCovered(tally: Tally, searched: Searched): readonly string[] {
  const { runs, classes, abandoned, failures } = tally;
  const { exhaustive, complete, points, searches } = searched;
  const coverage = countsOf(classes);
  const failed = failures.length > 0;
  const lines = [summaryOf({ runs, complete: exhaustive, drawn: false, failed, coverage })];
  const counts: SearchCounts = { abandoned, points };
  if (isSearch(searched) && complete && !exhaustive) lines.push(everyRun(searched));
  if (isSearch(searched) && !complete && !failed) lines.push('There are more.');
  if (searches !== undefined && searches.complete < searches.of && searches.of > 1) {
    lines.push(begunSentence(searches));
  }
  const more = searchSentence(counts);
  if (more !== '') lines.push(more);
  return lines;
}

function begunSentence({ of, begun, complete }: Searches): string {
  const seeds = `${count(begun)} of ${counted(of, 'seed')}`;
  return `One search for each seed, one after another: ${seeds} begun, ${count(complete)} to the end.`;
}

function everyRun({ strategy, depth, timed }: Searched): string {
  if (depth === undefined) {
    return 'That is every order of steps, each at the first or the last moment of its window.';
  }
  if (strategy === 'faults')
    return `That is every run with at most ${counted(depth, 'fault')} placed.`;
  const what = timed ? counted(depth, 'departure') : counted(depth, 'preemption');
  return `That is every run with at most ${what}.`;
}
