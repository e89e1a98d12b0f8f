/**
 * Explores a range of seeds: for a moment in this process, which many a range needs no longer, and then
 * with several worker processes. Seeds are dealt in ascending chunks; what
 * counts is decided by seed alone (everything up to the lowest failing one), so the outcome is the
 * same for any number of workers, however fast each of them is.
 */
import { availableParallelism } from 'node:os';
import type { Tinypool } from 'tinypool';
import { countOf, type SeedRange } from '../explore/seeds.ts';
import { addTally, emptyTally, type Tally } from '../explore/tally.ts';
import { now } from '../sched/real-clock.ts';
import { unseenResult } from '../trace/run.ts';
import { type Chunk, type ChunkRun, type RunSettings, runChunk } from './chunk.ts';
import { processes } from './processes.ts';
import { loadTarget, type TargetRef } from './targets.ts';
import type { WorkerTask } from './worker.ts';

export interface ExploreOptions extends RunSettings {
  readonly seeds: SeedRange;
  /** Real ms after which no more seeds are begun. */
  readonly budgetMs?: number | undefined;
  readonly onProgress?: (progress: Progress) => void;
  /** Real ms in this process alone, by default {@link ALONE_MS}, unless the workers are to do all. */
  readonly aloneMs?: number;
  /** Ends the exploration; what was done so far counts. */
  readonly signal?: AbortSignal | undefined;
}

/** Counts of all that was run, also beyond a failing seed. */
export interface Progress {
  readonly runs: number;
  /** Of how many; undefined when nobody knows, as in a search. */
  readonly seeds: number | undefined;
  readonly virtualMs: number;
  readonly wallMs: number;
  readonly failures: number;
  readonly sometimes: ReadonlyMap<string, number>;
}

/**
 * - `done`: every seed was run, or the lowest failing one is known
 * - `budget`: time was up
 * - `interrupted`: the signal came
 */
export interface Explored {
  readonly tally: Tally;
  readonly ended: 'done' | 'budget' | 'interrupted';
  readonly wallMs: number;
}

/** Real ms that a chunk should take: long enough to pay for its message, short enough to be dealt evenly. */
const CHUNK_MS = 200;
const CHUNK_SEEDS_MAX = 2_000;
/** A worker that has said nothing for this long is killed: its own watchdog did not end a run. */
export const SILENCE_MS = 600_000;

const START_MS_MIN = 700;
const START_MS_MAX = 3_000;
/**
 * What another process takes to start: about twice what this one took to come here, since it loads the
 * target besides, within bounds for processes that did something else before.
 */
const ALONE_MS = Math.min(START_MS_MAX, Math.max(START_MS_MIN, 2 * now()));

/** Worker processes, for one exploration after another; each keeps what it has loaded. */
export class Workers {
  readonly count: number;
  readonly pool: Tinypool;
  /** Nothing is run outside of them: so many were asked for. */
  readonly apart: boolean;

  constructor(count?: number) {
    this.count = count ?? availableParallelism();
    this.apart = count !== undefined;
    this.pool = processes(new URL('./worker.js', import.meta.url), this.count);
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}

export function explore(
  target: TargetRef,
  workers: Workers,
  options: ExploreOptions,
): Promise<Explored> {
  return new Dealing(target, options, workers.pool).run(workers);
}

class Dealing {
  private readonly target: TargetRef;
  private readonly options: ExploreOptions;
  private readonly pool: Tinypool;
  private readonly began = now();
  private readonly parts = new Map<number, Tally>();
  private readonly all = emptyTally();
  private next: number;
  /** Chunks, or rests of them, that were not run to their end. */
  private readonly back: Chunk[] = [];
  /** No seed beyond it counts. */
  private last: number;
  private perMs = 0;
  /** Nothing can be run: the workers are closed while others still wait for theirs. */
  private givenUp = false;

  constructor(target: TargetRef, options: ExploreOptions, pool: Tinypool) {
    this.target = target;
    this.options = options;
    this.pool = pool;
    this.next = options.seeds.from;
    this.last = options.seeds.to;
  }

  async run({ count, apart }: Workers): Promise<Explored> {
    if (!apart) await this.begin();
    await Promise.all(Array.from({ length: count }, () => this.work()));
    return { tally: this.merged(), ended: this.ended(), wallMs: now() - this.began };
  }

  /** In this process, until the others are worth their start. */
  private async begin(): Promise<void> {
    const { subject } = await loadTarget(this.target);
    const chunk = { from: this.next, to: this.last };
    const { aloneMs = ALONE_MS } = this.options;
    const began = now();
    const stopped = ({ runs }: Tally): boolean => {
      if (this.ended() !== 'done') return true;
      const tookMs = now() - began;
      return tookMs >= aloneMs && isLong({ runs, left: countOf(chunk) - runs, tookMs }, aloneMs);
    };
    const { tally, to } = await runChunk(subject, chunk, this.settings, stopped);
    this.next = to + 1;
    if (tally.runs > 0) this.ran(chunk, tally, now() - this.began);
  }

  private async work(): Promise<void> {
    for (let chunk = this.deal(); chunk !== undefined; chunk = this.deal()) {
      const began = now();
      const run = await this.runAway(chunk);
      if (run === undefined) continue;
      const { tally, to } = run;
      this.ran(chunk, tally, now() - began);
      if (to < chunk.to) this.back.push({ from: to + 1, to: chunk.to });
    }
  }

  /** Those that came back first; none when all are run, or no more are to be. */
  private deal(): Chunk | undefined {
    if (this.givenUp || this.ended() !== 'done') return undefined;
    const back = this.back.pop();
    if (back !== undefined) return back.from <= this.last ? back : this.deal();
    if (this.next > this.last) return undefined;
    const size = Math.max(1, Math.min(CHUNK_SEEDS_MAX, Math.floor(this.perMs * CHUNK_MS)));
    const from = this.next;
    const to = Math.min(this.last, from + size - 1);
    this.next = to + 1;
    return { from, to };
  }

  /** None when its worker died with several seeds: each is then run by itself. */
  private async runAway(chunk: Chunk): Promise<ChunkRun | undefined> {
    const task: WorkerTask = { target: this.target, chunk, settings: this.settings };
    try {
      return await this.pool.run(task, { signal: AbortSignal.timeout(SILENCE_MS) });
    } catch (error) {
      if (isUserError(error)) {
        this.givenUp = true;
        throw error;
      }
      if (this.givenUp) return undefined;
      const { from, to } = chunk;
      if (from === to) return { tally: lost(from, this.options.strategy, error as Error), to };
      for (let seed = to; seed >= from; seed--) this.back.push({ from: seed, to: seed });
      return undefined;
    }
  }

  private get settings(): RunSettings {
    const { strategy, faults, keepGoing, hangMs } = this.options;
    return { strategy, faults, keepGoing, hangMs };
  }

  private ran(chunk: Chunk, tally: Tally, tookMs: number): void {
    this.perMs = tally.runs / Math.max(1, tookMs);
    this.parts.set(chunk.from, tally);
    addTally(this.all, { ...tally, failures: [], classes: new Map() });
    const failure = tally.failures[0];
    if (failure !== undefined) {
      this.all.failures.push(...tally.failures);
      if (!this.options.keepGoing) this.last = Math.min(this.last, Number(failure.seed));
    }
    const { runs, virtualUs, failures, sometimes } = this.all;
    this.options.onProgress?.({
      runs,
      seeds: countOf(this.options.seeds),
      virtualMs: virtualUs / 1000,
      wallMs: now() - this.began,
      failures: failures.length,
      sometimes,
    });
  }

  private merged(): Tally {
    const tally = emptyTally();
    for (const from of [...this.parts.keys()].sort((a, b) => a - b)) {
      if (from > this.last) break;
      addTally(tally, this.parts.get(from)!);
    }
    return tally;
  }

  private ended(): Explored['ended'] {
    if (this.options.signal?.aborted) return 'interrupted';
    const { budgetMs } = this.options;
    if (budgetMs !== undefined && now() - this.began >= budgetMs && this.next <= this.last) {
      return 'budget';
    }
    return 'done';
  }
}

interface Pace {
  readonly runs: number;
  readonly left: number;
  readonly tookMs: number;
}

/** What is left may take longer than this, for all that is known; the last run gains nothing from company. */
function isLong({ runs, left, tookMs }: Pace, ms: number): boolean {
  if (left <= 1) return false;
  return runs === 0 || (left * tookMs) / runs >= ms;
}

/** Errors of the user's making travel by name: everything else is the worker's own end. */
export function isUserError(error: unknown): boolean {
  return (error as { isUserError?: boolean }).isUserError === true;
}

/** What stands for a seed whose worker died or fell silent. */
function lost(seed: number, strategy: string, error: Error): Tally {
  const result = unseenResult({
    seed: String(seed),
    strategy,
    verdict: 'inconclusive',
    reason: `the worker process was lost at seed ${seed}: ${error.message}`,
  });
  return { ...emptyTally(), runs: 1, failures: [result] };
}
