/** `groundhog run --strategy dfs | dpor | faults | guided`: campaigns of one target. */
import { type Explored, Workers } from '../campaign/explore.ts';
import { isSpread, SpreadSearch } from '../campaign/spread.ts';
import type { Target } from '../campaign/targets.ts';
import type { CampaignStrategy } from '../choice/search.ts';
import { Campaign, type CampaignEnd, type CampaignOptions } from '../explore/campaigns.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { countOf, type SeedRange } from '../explore/seeds.ts';
import { addRun, emptyTally, type Tally } from '../explore/tally.ts';
import { shortPath } from '../node/loader/load-error.ts';
import { now } from '../sched/real-clock.ts';
import { keepRun } from '../tell/kept.ts';
import { campaignCommand, quoted } from '../tell/replay-command.ts';
import type { Searched } from './covered.ts';
import { BUDGET_MS, SEEDS } from './defaults.ts';
import { UsageError } from './exit.ts';
import { checkedSeed, type HowOptions, hangMsOf } from './how.ts';
import { keepRecordInFull, type Recording } from './in-full.ts';
import { type ProgressView, progressView } from './progress.ts';

/** Searches are gone through to their end, unless it is too far. */
const RUNS_MAX = 1_000_000;
/** Of a run, unless told. */
const FAULTS_MAX = 1;
/** Failing runs that are kept as files. */
const KEPT_MAX = 100;
const SHOWN_EVERY_MS = 100;

export interface CampaignHow extends HowOptions {
  readonly strategy: CampaignStrategy;
  readonly seed?: string;
  readonly seeds?: string;
  readonly depth?: number;
  readonly budget?: number | undefined;
  readonly keepGoing?: boolean;
  readonly json?: boolean;
  readonly record: Recording;
  readonly workers?: number;
  readonly signal?: AbortSignal;
}

/** What a campaign leaves beside what seeds leave, too. */
export interface Came extends Searched {
  /** The first failing run. */
  readonly failed: FinishedRun | undefined;
  /** By failure, in their order: what to type to see it again. */
  readonly replays: readonly string[];
}

/** One campaign of the subject's: a search of a world makes one of each seed. */
interface Part {
  readonly seed: string;
  readonly runsMax: number;
}

export interface CampaignRun {
  /** As they were asked for. */
  readonly seeds: string;
  readonly explored: Explored;
  readonly came: Came;
}

/**
 * `range` is the seeds that were asked for, or drawn.
 *
 * @throws UsageError, CampaignError
 */
export async function runCampaign(
  target: Target,
  range: SeedRange,
  how: CampaignHow,
): Promise<CampaignRun> {
  const { signal, keepGoing, faults, strategy } = how;
  const depth = how.depth ?? (strategy === 'faults' ? FAULTS_MAX : undefined);
  const timed = target.subject.timed !== false;
  const { seeds, parts, searches } = partsOf(target, range, how);
  const began = now();
  const untilMs = began + (how.budget ?? BUDGET_MS);
  const enough = (): boolean => signal?.aborted === true || now() >= untilMs;
  const limits = { hangMs: hangMsOf(how), stopped: () => signal?.aborted === true };
  const tally = emptyTally();
  const view = progressView(target.ref.name, how.json === true);
  const shown = new Shown(view);
  const workers = isSpread(target, strategy) ? new Workers(how.workers) : undefined;
  const ends: CampaignEnd[] = [];
  const replays: string[] = [];
  let failed: FinishedRun | undefined;
  let whole = true;
  try {
    for (const part of parts) {
      whole = ends.length === 0 || !enough();
      if (!whole) break;
      const options: CampaignOptions = {
        strategy,
        depth,
        faults,
        keepGoing: keepGoing === true,
        enough,
        ...part,
      };
      const campaign =
        workers === undefined
          ? new Campaign(target.subject, options)
          : new SpreadSearch(target, options, workers);
      for await (const run of campaign.runs(limits)) {
        addRun(tally, run);
        shown.update(tally, now() - began);
        if (run.result.verdict === 'passed') continue;
        failed ??= run;
        replays.push(replays.length < KEPT_MAX ? await kept(target, how, run) : again(target, how));
      }
      ends.push(campaign.end);
      if (failed !== undefined && !keepGoing) break;
    }
  } finally {
    view.done();
    await workers?.close();
  }
  const end = sumOf(ends, whole);
  const over = end.complete || (failed !== undefined && !keepGoing);
  const ended = endOf(over, { aborted: signal?.aborted === true, late: now() >= untilMs });
  return {
    seeds,
    explored: { tally, ended, wallMs: now() - began },
    came: { ...end, searches: searchesOf(ends, searches), strategy, depth, timed, failed, replays },
  };
}

/** A campaign that was cut off by nothing else has made as many runs as it was to make. */
function endOf(
  over: boolean,
  { aborted, late }: { readonly aborted: boolean; readonly late: boolean },
): Explored['ended'] {
  if (over) return 'done';
  if (aborted) return 'interrupted';
  return late ? 'budget' : 'done';
}

function partsOf(
  { ref, subject }: Target,
  range: SeedRange,
  { strategy, seed, seeds }: CampaignHow,
): { readonly seeds: string; readonly parts: Iterable<Part>; readonly searches?: number } {
  const { from, to } = range;
  const asked = `${from}..${to}`;
  if (strategy === 'guided') {
    if (seed !== undefined)
      return { seeds: seed, parts: [{ seed: checkedSeed(seed), runsMax: SEEDS }] };
    return { seeds: asked, parts: [{ seed: `${from}`, runsMax: countOf(range) }] };
  }
  if (subject.timed !== false) {
    if (seed !== undefined)
      return { seeds: seed, parts: [{ seed: checkedSeed(seed), runsMax: RUNS_MAX }] };
    return { seeds: asked, parts: eachSeed(range), searches: countOf(range) };
  }
  if (seed !== undefined || (seeds !== undefined && from !== 1)) {
    throw new UsageError(
      `'${strategy}' goes through the schedules of ${ref.name}, in which no seed has a part: leave ` +
        'it out, or say --seeds N for at most N runs',
    );
  }
  const runsMax = seeds === undefined ? RUNS_MAX : to;
  return { seeds: `1..${runsMax}`, parts: [{ seed: '', runsMax }] };
}

function* eachSeed({ from, to }: SeedRange): Generator<Part> {
  for (let seed = from; seed <= to; seed++) yield { seed: `${seed}`, runsMax: RUNS_MAX };
}

/** Keeps the run; what to type to see it again. */
async function kept(target: Target, how: CampaignHow, run: FinishedRun): Promise<string> {
  const inFull = how.record === 'full' && run.result.verdict === 'violated';
  const file = inFull ? await keepRecordInFull(target, how, run) : keepRun(target, how, run);
  if (file.is === 'lost') return again(target, how);
  return `npx groundhog replay ${quoted(shortPath(file.file))}`;
}

function again({ ref }: Target, how: CampaignHow): string {
  return campaignCommand(ref, how);
}

/** Shows how far it is, now and then: a run may take less than a line on a terminal. */
class Shown {
  private readonly view: ProgressView;
  private atMs = -Infinity;

  constructor(view: ProgressView) {
    this.view = view;
  }

  update({ runs, virtualUs, failures, sometimes }: Tally, wallMs: number): void {
    if (wallMs - this.atMs < SHOWN_EVERY_MS) return;
    this.atMs = wallMs;
    const virtualMs = virtualUs / 1000;
    const { length } = failures;
    this.view.update({ runs, seeds: undefined, virtualMs, wallMs, failures: length, sometimes });
  }
}

/** Undefined where not each seed has one. */
function searchesOf(ends: readonly CampaignEnd[], of: number | undefined): Came['searches'] {
  if (of === undefined) return undefined;
  return { of, begun: ends.length, complete: ends.filter(({ complete }) => complete).length };
}

/** Of all campaigns, one after another; `whole` when there were no more. */
function sumOf(ends: readonly CampaignEnd[], whole: boolean): CampaignEnd {
  const points = ends.flatMap((end) => end.points ?? []);
  const all = {
    met: points.reduce((sum, { met }) => sum + met, 0),
    known: points.reduce((sum, { known }) => sum + known, 0),
  };
  return {
    complete: whole && ends.every(({ complete }) => complete),
    exhaustive: whole && ends.every(({ exhaustive }) => exhaustive),
    points: points.length === 0 ? undefined : all,
  };
}
