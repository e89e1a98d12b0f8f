/**
 * A search of a world on all cores: `dfs` and `faults`, with as many departures at a time.
 *
 *     the seed's run, here ──► its places ──► runs with one departure, dealt in order ──► their places ──► …
 *
 * Which runs depart alike often, and in which order, depends on the places of those that depart less.
 * So they are dealt in parts, and what comes back is taken in the order in which it was dealt: the
 * search makes the runs that it makes in one process, one after another, whatever the number of workers.
 */
import { Frontier } from '../choice/deviations.ts';
import type { CampaignEnd, CampaignOptions } from '../explore/campaigns.ts';
import { checkCampaign, departing } from '../explore/campaigns.ts';
import { type FinishedRun, HANG_MS, type RunnerOptions } from '../explore/runner.ts';
import { now } from '../sched/real-clock.ts';
import { unseenResult } from '../trace/run.ts';
import { isUserError, SILENCE_MS, type Workers } from './explore.ts';
import { type SentWays, waysOf } from './sent.ts';
import type { Target } from './targets.ts';
import { type Path, pathOf, runWays, type WayRun, type WaysRun, wayOf } from './ways.ts';
import type { WaysTask } from './worker.ts';

/** Plain data. */
export type Searched = Pick<CampaignOptions, 'strategy' | 'seed' | 'depth'>;

/** Real ms that a part should take, and after which the rest of it is given back. */
const PART_MS = 300;
const LONG_MS = 2_000;
const PATHS_MAX = 500;
/** Real ms in this process alone: another takes a second to start, and one more to be as quick. */
const ALONE_MS = 3_000;

/** Whether the strategy goes through runs of such a subject that can be made apart. */
export function isSpread({ subject }: Target, strategy: CampaignOptions['strategy']): boolean {
  return subject.timed !== false && (strategy === 'dfs' || strategy === 'faults');
}

/** As a `Campaign`: the same runs in the same order. */
export class SpreadSearch {
  private readonly target: Target;
  private readonly options: CampaignOptions;
  private readonly workers: Workers;
  private readonly aloneMs: number;
  private readonly frontier: Frontier;
  private readonly began = now();
  private perMs = 1 / PART_MS;
  private over = false;
  private made = 0;

  /**
   * For so many real ms it is alone in this process.
   *
   * @throws CampaignError
   */
  constructor(
    target: Target,
    options: CampaignOptions,
    workers: Workers,
    aloneMs: number = ALONE_MS,
  ) {
    checkCampaign(target.subject, options);
    this.target = target;
    this.options = options;
    this.workers = workers;
    this.aloneMs = aloneMs;
    this.frontier = new Frontier(options.depth ?? Infinity);
  }

  get end(): CampaignEnd {
    const { places: met, known } = this.frontier;
    const points = this.options.strategy === 'faults' ? { met, known } : undefined;
    return { complete: this.over, exhaustive: false, points };
  }

  async *runs(limits: RunnerOptions = {}): AsyncGenerator<FinishedRun> {
    const { frontier } = this;
    const dealt: Part[] = [this.part([[]], limits)];
    for (;;) {
      while (dealt.length < this.abreast) {
        const paths = this.deal();
        if (paths.length === 0) break;
        dealt.push(this.part(paths, limits));
      }
      const part = dealt.shift();
      if (part === undefined) {
        if (frontier.deepen()) continue;
        break;
      }
      const { runs, done } = await part.run;
      if (limits.stopped?.()) return;
      if (done < part.paths.length) dealt.unshift(this.part(part.paths.slice(done), limits));
      for (const way of runs) {
        if (this.made > 0 && this.isEnough) return;
        this.made++;
        this.take(way);
        yield way.run;
        if (way.run.result.verdict !== 'passed' && !this.options.keepGoing) return;
      }
    }
    this.over = true;
  }

  private get isEnough(): boolean {
    const { enough, runsMax } = this.options;
    return this.made === runsMax || enough?.() === true;
  }

  /** Parts on their way at a time: while one process is enough, one. */
  private get abreast(): number {
    return this.isAlone ? 1 : this.workers.count + 1;
  }

  private get isAlone(): boolean {
    return this.workers.count === 1 || now() - this.began < this.aloneMs;
  }

  private deal(): readonly Path[] {
    const size = Math.max(1, Math.min(PATHS_MAX, Math.floor(this.perMs * PART_MS)));
    const paths: Path[] = [];
    while (paths.length < size) {
      const way = this.frontier.next();
      if (way === undefined) break;
      paths.push(pathOf(way));
    }
    return paths;
  }

  private part(paths: readonly Path[], limits: RunnerOptions): Part {
    const run = this.isAlone ? this.here(paths, limits) : this.away(paths, limits);
    // Parts that nobody waits for any more may fail unheard.
    run.catch(() => {});
    return { paths, run };
  }

  private async here(paths: readonly Path[], limits: RunnerOptions): Promise<WaysRun> {
    const { subject } = this.target;
    const search = departing(this.options);
    const made = await runWays(subject, paths, search, this.settings(limits), PART_MS);
    this.perMs = made.done / Math.max(1, made.tookMs);
    return made;
  }

  private async away(paths: readonly Path[], limits: RunnerOptions): Promise<WaysRun> {
    const { strategy, seed, depth } = this.options;
    const task: WaysTask = {
      target: this.target.ref,
      paths,
      search: { strategy, seed, depth },
      settings: this.settings(limits),
      forMs: LONG_MS,
    };
    try {
      const silence = AbortSignal.timeout(SILENCE_MS);
      const made = waysOf((await this.workers.pool.run(task, { signal: silence })) as SentWays);
      this.perMs = made.done / Math.max(1, made.tookMs);
      return made;
    } catch (error) {
      if (isUserError(error) || limits.stopped?.() === true) throw error;
      const [path, ...more] = paths;
      // Whichever of them ends its process is found by itself.
      if (more.length > 0) return await this.away([path!], limits);
      return { runs: [this.lost(path!, error as Error)], done: 1, tookMs: 1 };
    }
  }

  private lost(path: Path, { message }: Error): WayRun {
    const { strategy, seed, faults } = this.options;
    const reason = `the worker process was lost in a run with the departures ${path.join(' ')}: ${message}`;
    const result = unseenResult({ seed, strategy, verdict: 'inconclusive', reason });
    const run = { result, record: undefined, actors: [], interleaving: undefined, chunks: [] };
    return { path, places: [], limited: false, run: { ...run, spec: { seed, strategy, faults } } };
  }

  private settings({ hangMs = HANG_MS }: RunnerOptions): WaysTask['settings'] {
    const { strategy, seed, faults } = this.options;
    return { spec: { strategy, seed, faults }, goesOn: this.frontier.goesOn, hangMs };
  }

  private take({ path, places, limited }: WayRun): void {
    const { frontier } = this;
    const way = wayOf(path);
    if (limited) frontier.limit();
    for (const place of places) frontier.note(way, place);
  }
}

/** Paths on their way. */
interface Part {
  readonly paths: readonly Path[];
  readonly run: Promise<WaysRun>;
}
