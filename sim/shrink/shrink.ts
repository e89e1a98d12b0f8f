/**
 * Makes a failing run small: drops nodes, operations, faults and decisions as long as it fails in the same
 * way, and brings what is left as near to the calmest as it can be.
 *
 * A decision that is dropped takes its calmest outcome (sim/choice/replay.ts), so a candidate is the
 * record with some entries left out, and one attempt is one run. Groups go first (whole spans, sites,
 * actors), then halves, quarters, … single entries, as in delta debugging (A. Zeller, R. Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002). Then magnitudes and moments are
 * halved, and decisions moved to where they come earlier. It ends when nothing single can go any more. After each success only what that run needed is
 * kept.
 *
 * Several attempts are made at once where there are helpers: those that come next if the first ones
 * fail, as most do. What counts is what would have been tried without them, so the result depends
 * neither on their number nor on speed, but for the time that it may take.
 */
import { Replay } from '../choice/replay.ts';
import { type FinishedRun, runOne, Stopped } from '../explore/runner.ts';
import type { Plan, RunSpec, Subject } from '../explore/subject.ts';
import { nodeNames } from '../scenario/node-name.ts';
import { now } from '../sched/real-clock.ts';
import { BRANCH, type DecisionRecord, type SpanKind, STEP } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';
import { attempt, type Candidate, type Helpers, type Setting, type Tried } from './attempt.ts';
import { earlier } from './earlier.ts';

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
 * @throws NotReproduced
 */
export async function shrink(subject: Subject, failing: Failing, budget: Budget): Promise<Shrunk> {
  const shrinking = new Shrinking(subject, failing, budget);
  await shrinking.reproduce();
  await shrinking.dropAll();
  for (const kind of ['operation', 'fault', 'knob'] as const) await shrinking.dropSpans(kind);
  let changes: number;
  let grain: Grain = 'chunks';
  do {
    changes = shrinking.changes;
    await shrinking.dropNodes();
    await shrinking.shrinkWorkload();
    await shrinking.dropGroups((record, entry) => record.site(entry), grain);
    await shrinking.dropGroups((record, entry) => record.actor(entry), grain);
    await shrinking.dropGroups((record, entry) => record.span(entry) || undefined, 'single');
    await shrinking.dropEntries(grain);
    await shrinking.calm();
    await shrinking.hasten();
    grain = 'single';
  } while (shrinking.changes > changes && shrinking.inBudget);
  return shrinking.outcome();
}

type Amounts = { readonly [name: string]: number };
type Probe = Pick<RunSpec, 'seed' | 'strategy' | 'faults'>;

/** Runs in which little goes wrong. */
const PROBES: readonly Probe[] = [
  { seed: 'probe', strategy: 'random', faults: 'none' },
  ...['probe 1', 'probe 2', 'probe 3'].map(
    (seed): Probe => ({ seed, strategy: 'random', faults: 'calm' }),
  ),
];

class Shrinking {
  /** Attempts that made it smaller. */
  changes = 0;
  private readonly subject: Subject;
  private readonly setting: Setting;
  private readonly budget: Budget;
  private readonly began = now();
  private readonly others = new Map<string, FinishedRun>();
  private plan: Plan;
  private record: DecisionRecord;
  private result: RunResult;
  private actors: readonly string[];
  private attempts = 0;
  /** Candidates that were tried and do not fail so, by name: the last rounds meet them again. */
  private readonly refused = new Set<string>();
  /** What was left when decisions were moved, by name: coming back to it is no change. */
  private readonly been = new Set<string>();
  /** By decision: the largest outcome that was tried and was too low. */
  private readonly tooLow = new Map<string, number>();
  private helpers: Helpers | undefined;
  /** Those that pass under the plan as it was at first. */
  private probes: Probe[] | undefined;

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

  /** Leaves nodes out: many at once, then single ones; of each role one stays. */
  async dropNodes(): Promise<void> {
    for (const [role, { count }] of this.subject.roles) {
      const planned = nodeNames(role, this.plan.roles?.[role]?.count ?? count);
      let left = planned.filter((name) => !this.plan.absent?.includes(name));
      for (let chunk = left.length - 1; chunk >= 1; chunk = Math.floor(chunk / 2)) {
        for (let at = left.length - chunk; at > -chunk && this.inBudget; at -= chunk) {
          const gone = left.slice(Math.max(0, at), at + chunk);
          if (gone.length === left.length) continue;
          const absent = [...(this.plan.absent ?? []), ...gone];
          if (!(await this.reduced({ ...this.plan, absent }))) continue;
          left = left.filter((name) => !gone.includes(name));
        }
      }
    }
  }

  /** Less of what each role says is its workload. */
  async shrinkWorkload(): Promise<void> {
    for (const [role, { args, workload }] of this.subject.roles) {
      const present = (): Amounts => (this.plan.roles?.[role]?.args ?? args) as Amounts;
      for (const amount of workload) {
        for (let least = 0; least < present()[amount]! && this.inBudget; ) {
          const tried = Math.floor((least + present()[amount]!) / 2);
          const fewer = { ...present(), [amount]: tried };
          const roles = { ...this.plan.roles, [role]: { ...this.plan.roles?.[role], args: fewer } };
          if (!(await this.reduced({ ...this.plan, roles }))) least = tried + 1;
        }
      }
    }
  }

  async dropAll(): Promise<void> {
    await this.descend({ from: 0, by: 1, without: () => () => true });
  }

  /**
   * Whole operations, faults or knobs: what they do, not when they begin. So what is left happens at
   * the moments it did, which a race often depends on; the moments go later, if they can.
   */
  async dropSpans(kind: SpanKind): Promise<void> {
    const doneIn = (record: DecisionRecord, entry: number): number | undefined => {
      const span = record.span(entry);
      return record.spans[span]!.kind === kind && record.kind(entry) !== STEP ? span : undefined;
    };
    await this.dropGroups(doneIn, 'chunks');
  }

  /** All entries of one group at a time, in chunks first many groups, then single ones. */
  async dropGroups(
    groupOf: (record: DecisionRecord, entry: number) => number | undefined,
    grain: Grain,
  ): Promise<void> {
    const groups = new Set<number>();
    for (let entry = 0; entry < this.record.count; entry++) {
      const group = groupOf(this.record, entry);
      if (group !== undefined) groups.add(group);
    }
    let left = [...groups];
    const coarsest = grain === 'chunks' ? left.length : Math.min(1, left.length);
    for (let by = coarsest; by >= 1; by = Math.floor(by / 2)) {
      const chunkAt = (at: number): number[] => left.slice(Math.max(0, at), at + by);
      await this.descend({
        from: left.length - by,
        by,
        without: (at) => {
          const dropped = new Set(chunkAt(at));
          return (entry) => {
            const group = groupOf(this.record, entry);
            return group !== undefined && dropped.has(group);
          };
        },
        taken: (at) => {
          const dropped = new Set(chunkAt(at));
          left = left.filter((group) => !dropped.has(group));
        },
      });
    }
  }

  /** Runs of entries in the order they were taken, from the end, ever shorter. */
  async dropEntries(grain: Grain): Promise<void> {
    let by = grain === 'chunks' ? Math.max(1, Math.floor(this.size / 2)) : 1;
    while (this.inBudget) {
      const before = this.size;
      const without = (at: number) => (entry: number) => entry >= at && entry < at + by;
      await this.descend({ from: this.size - by, by, without });
      if (by === 1 && this.size === before) return;
      by = Math.max(1, Math.floor(by / 2));
    }
  }

  /** Brings magnitudes and moments nearer to the calmest, by halves. */
  async calm(): Promise<void> {
    for (let open = this.lowered(); open.length > 0 && this.inBudget; open = this.lowered()) {
      for (let next = 0; next < open.length && this.inBudget; ) {
        const batch = open.slice(next, next + this.width);
        const { plan, record, actors } = this;
        const hit = await this.firstOf(
          batch.map(({ entry: lowered, outcome }) => ({
            plan,
            actors,
            record: record.mapped((entry) => (entry === lowered ? outcome : record.outcome(entry))),
          })),
        );
        for (const { name, outcome } of hit < 0 ? batch : batch.slice(0, hit)) {
          this.tooLow.set(name, outcome);
        }
        if (hit >= 0) {
          this.noteFloor(batch[hit]!, record);
          break;
        }
        next += batch.length;
      }
    }
  }

  /**
   * Moves single decisions to earlier places, as long as it fails so: the workload that came before
   * can then go.
   */
  async hasten(): Promise<void> {
    if (this.size > HASTENED_MAX) return;
    let whole: DecisionRecord | undefined;
    for (let entry = 0; entry < this.size && this.inBudget; ) {
      whole ??= await this.whole();
      if (whole === undefined) return;
      const { plan, record, actors, changes } = this;
      this.been.add(candidateName(plan, record));
      const places = earlier(record, entry, whole);
      const hit = await this.firstOf(places.map((moved) => ({ plan, actors, record: moved })));
      if (hit >= 0) whole = undefined;
      // A moment out of its window comes out as it was.
      const isNew = !this.been.has(candidateName(this.plan, this.record));
      if (!isNew) this.changes = changes;
      if (hit <= 0 || !isNew) entry++;
    }
  }

  /** All that the run of what is left decides; undefined when time was over before it ended. */
  private async whole(): Promise<DecisionRecord | undefined> {
    const { plan, setting, record } = this;
    const replay = new Replay(record);
    try {
      const run = await runOne(
        this.subject,
        { ...setting.spec, plan, replay },
        { stopped: this.isOver },
      );
      return run.record;
    } catch (error) {
      if (error instanceof Stopped) return undefined;
      throw error;
    }
  }

  outcome(): Shrunk {
    const { plan, record, actors, result, attempts } = this;
    const ended = this.ended ?? 'minimal';
    return { plan, record, actors, result, attempts, ended, others: [...this.others.values()] };
  }

  /** What came out no lower than it was cannot be lower there. */
  private noteFloor({ name, entry }: Lowered, before: DecisionRecord): void {
    const { record } = this;
    for (let now = 0; now < record.count; now++) {
      const outcome = record.outcome(now);
      if (record.nameOf(now) === name && outcome >= before.outcome(entry)) {
        this.tooLow.set(name, outcome);
      }
    }
  }

  /** Outcomes halfway to what is known to be too low; the last decision first. */
  private lowered(): Lowered[] {
    const { record, tooLow } = this;
    const lowered: Lowered[] = [];
    for (let entry = record.count - 1; entry >= 0; entry--) {
      const name = record.nameOf(entry);
      const least = tooLow.get(name) ?? 0;
      const outcome = record.outcome(entry);
      if (record.kind(entry) === BRANCH || outcome - least <= finest(outcome)) continue;
      lowered.push({ entry, name, outcome: Math.floor((outcome + least) / 2) });
    }
    return lowered;
  }

  /**
   * Tries to leave entries out, at one place after the other, downwards; where that makes it smaller, goes
   * on below. `without` says of a place which entries of the present record go.
   */
  private async descend({ from, by, without, taken }: Descent): Promise<void> {
    for (let at = from; at > -by && this.inBudget; ) {
      const places: number[] = [];
      const candidates: Candidate[] = [];
      let below = at;
      for (; below > -by && places.length < this.width; below -= by) {
        const dropped = without(below);
        const record = this.record.filtered((entry) => !dropped(entry));
        if (record.count === this.record.count) continue;
        places.push(below);
        candidates.push({ plan: this.plan, actors: this.actors, record });
      }
      const hit = await this.firstOf(candidates);
      if (hit < 0) {
        at = below;
      } else {
        taken?.(places[hit]!);
        at = Math.min(places[hit]!, this.size) - by;
      }
    }
  }

  /** Attempts that are made at once. */
  private get width(): number {
    const { helpers, aloneMs = ALONE_MS } = this.budget;
    if (this.helpers === undefined && now() - this.began >= aloneMs) this.helpers = helpers?.();
    return this.helpers?.count ?? 1;
  }

  /** The first of these that fails in the same way, which is kept; -1 when none does. */
  private async firstOf(candidates: readonly Candidate[]): Promise<number> {
    const names = candidates.map(({ plan, record }) => candidateName(plan, record));
    const all = await Promise.all(
      candidates.map((candidate, i) =>
        this.refused.has(names[i]!) ? undefined : this.tried(candidate),
      ),
    );
    for (const [i, tried] of all.entries()) {
      if (this.ended !== undefined || tried?.is === 'stopped') return -1;
      if (tried === undefined) continue;
      this.attempts++;
      if (tried.is !== 'same' && names[i] !== '') this.refused.add(names[i]!);
      if (tried.is === 'other') this.note(tried.run);
      if (tried.is !== 'same') continue;
      this.keep(candidates[i]!.plan, tried);
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

  /** Takes a smaller plan, if the run fails in the same way and not for the plan's own sake. */
  private async reduced(plan: Plan): Promise<boolean> {
    const tried = await this.tried({ plan, record: this.record, actors: this.actors });
    this.attempts++;
    if ((tried.is !== 'same' && tried.is !== 'other') || !(await this.isSound(plan))) return false;
    if (tried.is === 'other') {
      this.note(tried.run);
      return false;
    }
    this.keep(plan, tried);
    return true;
  }

  /**
   * Probes that pass under the whole plan pass under a smaller one too: otherwise the check wants what
   * is gone, and says nothing of the bug.
   */
  private async isSound(plan: Plan): Promise<boolean> {
    if (this.probes === undefined) {
      this.probes = [];
      for (const probe of PROBES) if (await this.passes(this.plan, probe)) this.probes.push(probe);
    }
    for (const probe of this.probes) if (!(await this.passes(plan, probe))) return false;
    return true;
  }

  private async passes(plan: Plan, probe: Probe): Promise<boolean> {
    this.attempts++;
    try {
      const spec = { ...this.setting.spec, ...probe, plan };
      const { result } = await runOne(this.subject, spec, { stopped: this.isOver });
      return result.failure === undefined;
    } catch (error) {
      if (error instanceof Stopped) return false;
      throw error;
    }
  }
}

type Grain = 'chunks' | 'single';

/** Of small candidates; large ones are never met twice, and have none. */
function candidateName(plan: Plan, record: DecisionRecord): string {
  if (record.count > NAMED_MAX) return '';
  const entries = Array.from(
    { length: record.count },
    (_, entry) => `${record.nameOf(entry)}=${record.outcome(entry)}`,
  );
  return `${JSON.stringify(plan)} ${entries.join(' ')}`;
}

const NAMED_MAX = 300;

/** Of longer records, single decisions are not moved. */
const HASTENED_MAX = 24;

interface Lowered {
  readonly entry: number;
  readonly name: string;
  readonly outcome: number;
}

interface Descent {
  readonly from: number;
  readonly by: number;
  readonly without: (at: number) => (entry: number) => boolean;
  readonly taken?: (at: number) => void;
}

/** Real ms after which helpers are worth their start. */
const ALONE_MS = 15_000;

/** A difference that is not worth another run. */
function finest(outcome: number): number {
  return Math.max(1, outcome / 64);
}
