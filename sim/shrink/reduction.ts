/** What is left of a failing run, and the attempts to make it less. */
import { Replay } from '../choice/replay.ts';
import { type FinishedRun, runOne, Stopped } from '../explore/runner.ts';
import type { Plan, RunSpec, Subject } from '../explore/subject.ts';
import { now } from '../sched/real-clock.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';
import { attempt, type Candidate, type Helpers, type Setting, type Tried } from './attempt.ts';

export interface Budget {
  /** Attempts after which no further one begins. */
  readonly attemptsMax: number;
  /** Real ms after which all attempts end. */
  readonly forMs: number;
  /** Ends them too. */
  readonly signal?: AbortSignal;
  /** Asked for once it has taken `aloneMs`, by default {@link ALONE_MS}: they are slow to start. */
  readonly helpers?: (() => Helpers | undefined) | undefined;
  readonly aloneMs?: number;
}

export interface Shrunk {
  readonly plan: Plan;
  /** The decisions that are not the calmest. */
  readonly record: DecisionRecord;
  /** By number, as `record` names them. */
  readonly actors: readonly string[];
  /** The run that they make. */
  readonly result: RunResult;
  readonly attempts: number;
  /** `minimal`: no single span or decision can go; otherwise what ended it before that was known. */
  readonly ended: ShrinkEnd;
  /** Failures of another kind met on the way, one of each signature. */
  readonly others: readonly FinishedRun[];
}

type ShrinkEnd = 'minimal' | 'attempts' | 'time' | 'interrupted';

export interface Failing extends FinishedRun {
  readonly record: DecisionRecord;
}

/** The failing run's record does not make it fail again: it diverges. */
export class NotReproduced extends Error {
  override readonly name = 'NotReproduced';
}

/**
 * Several attempts are made at once where there are helpers: those that come next if the first ones
 * fail, as most do. What counts is what would have been tried without them, so the result depends
 * neither on their number nor on speed, but for the time that it may take.
 */
export class Reduction {
  /** Attempts that made it smaller. */
  changes = 0;
  /** Runs that were compared so far. */
  attempts = 0;
  plan: Plan;
  record: DecisionRecord;
  actors: readonly string[];
  readonly subject: Subject;
  private result: RunResult;
  private readonly setting: Setting;
  private readonly budget: Budget;
  private readonly began = now();
  private readonly others = new Map<string, FinishedRun>();
  /** Candidates that were tried and do not fail so, by name: the last rounds meet them again. */
  private readonly refused = new Set<string>();
  private helpers: Helpers | undefined;

  constructor(subject: Subject, failing: Failing, budget: Budget) {
    this.subject = subject;
    const { seed, strategy, faults } = failing.spec;
    // What runs much longer is nothing smaller: without faults or chance, retries may never end.
    const stepsMax = 10 * failing.result.steps + 1_000;
    const { signature } = failing.result.failure!;
    this.setting = { spec: { seed, strategy, faults, stepsMax }, signature };
    this.record = failing.record;
    this.actors = failing.actors;
    this.result = failing.result;
    this.plan = failing.spec.plan ?? {};
    this.budget = budget;
  }

  get size(): number {
    return this.record.count;
  }

  get inBudget(): boolean {
    return this.ended === undefined;
  }

  private get ended(): Exclude<ShrinkEnd, 'minimal'> | undefined {
    if (this.budget.signal?.aborted === true) return 'interrupted';
    if (this.leftMs <= 0) return 'time';
    return this.attempts >= this.budget.attemptsMax ? 'attempts' : undefined;
  }

  private get leftMs(): number {
    return this.began + this.budget.forMs - now();
  }

  private readonly isOver = (): boolean => this.leftMs <= 0 || this.budget.signal?.aborted === true;

  async reproduce(): Promise<void> {
    const { plan, record, actors, result } = this;
    const tried = await this.tried({ plan, record, actors });
    if (tried.is === 'stopped') return;
    this.attempts++;
    if (tried.is === 'same' && tried.digest === result.digest) {
      this.keep(plan, tried);
      return;
    }
    throw new NotReproduced(
      `seed ${this.setting.spec.seed} does not replay: its record gives another run, so something ` +
        'decides in it that the seed does not: what is kept from one run to the next, say, in a ' +
        'variable outside of it',
    );
  }

  outcome(): Shrunk {
    const { plan, record, actors, result, attempts } = this;
    const ended = this.ended ?? 'minimal';
    return { plan, record, actors, result, attempts, ended, others: [...this.others.values()] };
  }

  /** Attempts that are made at once. */
  private get width(): number {
    const { helpers, aloneMs = ALONE_MS } = this.budget;
    if (this.helpers === undefined && now() - this.began >= aloneMs) this.helpers = helpers?.();
    return this.helpers?.count ?? 1;
  }

  get steps(): number {
    return this.result.steps;
  }

  /**
   * Keeps the first of these records that fails in the same way, in no more than so many steps, and
   * says which; -1 when none does. They are made as they are tried, as many at once as there are helpers.
   */
  async firstOf(records: Iterable<DecisionRecord>, stepsMax: number = Infinity): Promise<number> {
    let tried = 0;
    for (const batch of this.batchesOf(records)) {
      const hit = await this.firstOfBatch(batch, stepsMax);
      if (hit >= 0) return tried + hit;
      if (!this.inBudget) return -1;
      tried += batch.length;
    }
    return -1;
  }

  private *batchesOf(records: Iterable<DecisionRecord>): Generator<DecisionRecord[]> {
    let batch: DecisionRecord[] = [];
    for (const record of records) {
      batch.push(record);
      if (batch.length < this.width) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  private async firstOfBatch(
    records: readonly DecisionRecord[],
    stepsMax: number,
  ): Promise<number> {
    const { plan, actors } = this;
    const names = records.map((record) => candidateName(plan, record));
    const all = await Promise.all(
      records.map((record, i) =>
        this.refused.has(names[i]!) ? undefined : this.tried({ plan, record, actors }),
      ),
    );
    for (const [i, tried] of all.entries()) {
      if (this.ended !== undefined || tried?.is === 'stopped') return -1;
      if (tried === undefined) continue;
      this.attempts++;
      if (tried.is !== 'same' && names[i] !== '') this.refused.add(names[i]!);
      if (tried.is === 'other') this.note(tried.run);
      if (tried.is !== 'same' || tried.result.steps > stepsMax) continue;
      this.keep(plan, tried);
      return i;
    }
    return -1;
  }

  private tried(candidate: Candidate): Promise<Tried> {
    const { helpers, setting, leftMs } = this;
    return helpers === undefined
      ? attempt(this.subject, setting, candidate, this.isOver)
      : helpers.attempt(setting, candidate, leftMs);
  }

  private keep(plan: Plan, { record, actors, result }: Extract<Tried, { is: 'same' }>): void {
    this.changes++;
    this.plan = plan;
    this.record = record;
    this.actors = actors;
    this.result = result;
  }

  private note(run: FinishedRun): void {
    const { signature } = run.result.failure!;
    if (!this.others.has(signature)) this.others.set(signature, run);
  }

  /** Takes a smaller plan, if the run fails in the same way and `isSound` says that it is the same test. */
  async reduced(plan: Plan, isSound: () => Promise<boolean>): Promise<boolean> {
    const tried = await this.tried({ plan, record: this.record, actors: this.actors });
    this.attempts++;
    if ((tried.is !== 'same' && tried.is !== 'other') || !(await isSound())) return false;
    if (tried.is === 'other') {
      this.note(tried.run);
      return false;
    }
    this.keep(plan, tried);
    return true;
  }

  /** Whether this run ends without a failure; false too when time was over before it ended. */
  async passes(spec: Partial<RunSpec>): Promise<boolean> {
    this.attempts++;
    const run = await this.run(spec);
    return run !== undefined && run.result.failure === undefined;
  }

  /** All that the run of what is left decides; undefined when time was over before it ended. */
  async whole(): Promise<DecisionRecord | undefined> {
    const { plan, record } = this;
    return (await this.run({ plan, replay: new Replay(record) }))?.record;
  }

  private async run(spec: Partial<RunSpec>): Promise<FinishedRun | undefined> {
    try {
      const { subject, setting, isOver } = this;
      return await runOne(subject, { ...setting.spec, ...spec }, { stopped: isOver });
    } catch (error) {
      if (error instanceof Stopped) return undefined;
      throw error;
    }
  }
}

/** Of small candidates; large ones are never met twice, and have none. */
export function candidateName(plan: Plan, record: DecisionRecord): string {
  if (record.count > NAMED_MAX) return '';
  const entries = Array.from(
    { length: record.count },
    (_, entry) => `${record.nameOf(entry)}=${record.outcome(entry)}`,
  );
  return `${JSON.stringify(plan)} ${entries.join(' ')}`;
}

const NAMED_MAX = 300;

/** Real ms after which helpers are worth their start. */
const ALONE_MS = 15_000;
