/**
 * Makes a failing run small: drops nodes, operations, faults and decisions as long as it fails in the same way.
 *
 * A decision that is dropped takes its calmest outcome (sim/choice/replay.ts), so a candidate is the
 * record with some entries left out, and one attempt is one run. Groups go first (whole spans, sites,
 * actors), then halves, quarters, … single entries, as in delta debugging (A. Zeller, R. Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002). After each success only what
 * that run needed is kept. Attempts are counted, so the result depends on the budget, not on speed.
 */
import { Replay } from '../choice/replay.ts';
import { type FinishedRun, runOne, Stopped } from '../explore/runner.ts';
import type { Plan, RunSpec, Subject } from '../explore/subject.ts';
import { nodeNames } from '../scenario/node-name.ts';
import { now } from '../sched/real-clock.ts';
import { type DecisionRecord, type SpanKind, STEP } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';

export interface Budget {
  /** Runs after which no further attempt begins; the last one that succeeds takes two. */
  readonly attemptsMax: number;
  /** Real ms after which all attempts end. */
  readonly forMs: number;
  /** Ends them too. */
  readonly signal?: AbortSignal;
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
  /** No single entry can go. */
  readonly minimal: boolean;
  /** Failures of another kind met on the way, one of each signature. */
  readonly others: readonly RunResult[];
}

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
  await shrinking.dropNodes();
  await shrinking.shrinkWorkload();
  let before: number;
  do {
    before = shrinking.size;
    await shrinking.dropGroups((record, entry) => record.site(entry));
    await shrinking.dropGroups((record, entry) => record.actor(entry));
    await shrinking.dropEntries();
  } while (shrinking.size < before && shrinking.inBudget);
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
  private readonly subject: Subject;
  private readonly spec: Omit<RunSpec, 'record' | 'replay'>;
  private readonly signature: string;
  private readonly budget: Budget;
  private readonly untilMs: number;
  private readonly others = new Map<string, RunResult>();
  private plan: Plan;
  private record: DecisionRecord;
  private result: RunResult;
  private actors: readonly string[];
  private attempts = 0;
  private minimal = false;
  /** Those that pass under the plan as it was at first. */
  private probes: Probe[] | undefined;

  constructor(subject: Subject, failing: Failing, budget: Budget) {
    this.subject = subject;
    const { record: _record, replay: _replay, ...spec } = failing.spec;
    // What runs much longer is nothing smaller: without faults or chance, retries may never end.
    this.spec = { ...spec, stepsMax: 10 * failing.result.steps + 10_000 };
    this.record = failing.record;
    this.actors = failing.actors;
    this.result = failing.result;
    this.signature = failing.result.failure!.signature;
    this.plan = failing.spec.plan ?? {};
    this.budget = budget;
    this.untilMs = now() + budget.forMs;
  }

  get size(): number {
    return this.record.count;
  }

  get inBudget(): boolean {
    return this.attempts < this.budget.attemptsMax && !this.isOver();
  }

  private isOver(): boolean {
    return now() >= this.untilMs || this.budget.signal?.aborted === true;
  }

  /** The run, or undefined when time is over before it ends. */
  private async run(spec: Omit<RunSpec, 'record'>): Promise<FinishedRun | undefined> {
    this.attempts++;
    try {
      return await runOne(this.subject, spec, { stopped: () => this.isOver() });
    } catch (error) {
      if (error instanceof Stopped) return undefined;
      throw error;
    }
  }

  async reproduce(): Promise<void> {
    const again = await this.failing(this.plan, this.record);
    if (again === undefined && this.isOver()) return;
    if (again?.result.digest === this.result.digest) return this.keep(again);
    throw new NotReproduced(
      `seed ${this.spec.seed} does not replay: its record gives another run, so something decides ` +
        'in it that the seed does not: what is kept from one run to the next, say, in a variable ' +
        'outside of it',
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
    await this.tryWithout(() => true);
  }

  /**
   * Whole operations, faults or knobs: what they do, not when they begin. So what is left happens at
   * the moments it did, which a race often depends on; the moments go later, if they can.
   */
  async dropSpans(kind: SpanKind): Promise<void> {
    await this.dropGroups((record, entry) => {
      const span = record.span(entry);
      return record.spans[span]!.kind === kind && record.kind(entry) !== STEP ? span : undefined;
    });
  }

  /** All entries of one group at a time, first many groups, then single ones. */
  async dropGroups(
    groupOf: (record: DecisionRecord, entry: number) => number | undefined,
  ): Promise<void> {
    const groups = new Set<number>();
    for (let entry = 0; entry < this.record.count; entry++) {
      const group = groupOf(this.record, entry);
      if (group !== undefined) groups.add(group);
    }
    let left = [...groups];
    for (let chunk = left.length; chunk >= 1; chunk = Math.floor(chunk / 2)) {
      for (let at = left.length - chunk; at > -chunk && this.inBudget; at -= chunk) {
        const dropped = new Set(left.slice(Math.max(0, at), at + chunk));
        const gone = await this.tryWithout((entry) => {
          const group = groupOf(this.record, entry);
          return group !== undefined && dropped.has(group);
        });
        if (gone) left = left.filter((group) => !dropped.has(group));
      }
    }
  }

  /** Runs of entries in the order they were taken, from the end, ever shorter. */
  async dropEntries(): Promise<void> {
    let chunk = Math.max(1, Math.floor(this.size / 2));
    for (;;) {
      const before = this.size;
      for (let at = this.size - chunk; at > -chunk && this.inBudget; at -= chunk) {
        const from = Math.max(0, at);
        await this.tryWithout((entry) => entry >= from && entry < at + chunk);
        at = Math.min(at, this.size);
      }
      if (!this.inBudget) return;
      if (chunk === 1 && this.size === before) {
        this.minimal = true;
        return;
      }
      chunk = Math.max(1, Math.floor(chunk / 2));
    }
  }

  outcome(): Shrunk {
    const { plan, record, actors, result, attempts, minimal } = this;
    return { plan, record, actors, result, attempts, minimal, others: [...this.others.values()] };
  }

  private async tryWithout(dropped: (entry: number) => boolean): Promise<boolean> {
    const candidate = this.record.filtered((entry) => !dropped(entry));
    if (candidate.count === this.record.count) return false;
    return this.attempt(this.plan, candidate);
  }

  /** Takes a smaller plan, if the run fails in the same way and not for the plan's own sake. */
  private async reduced(plan: Plan): Promise<boolean> {
    const run = await this.failing(plan, this.record);
    if (run === undefined || !(await this.isSound(plan))) return false;
    await this.keep(run);
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
    const run = await this.run({ ...this.spec, ...probe, plan });
    return run !== undefined && run.result.failure === undefined;
  }

  private async attempt(plan: Plan, candidate: DecisionRecord): Promise<boolean> {
    const run = await this.failing(plan, candidate);
    if (run === undefined) return false;
    await this.keep(run);
    return true;
  }

  /** The run that these decisions make, when it fails in the same way. */
  private async failing(plan: Plan, record: DecisionRecord): Promise<Attempt | undefined> {
    const replay = new Replay(record);
    const run = await this.run({ ...this.spec, plan, replay });
    if (run === undefined) return undefined;
    const { result, actors } = run;
    const { failure } = result;
    if (failure === undefined) return undefined;
    if (failure.signature !== this.signature) {
      if (!this.others.has(failure.signature)) this.others.set(failure.signature, result);
      return undefined;
    }
    const needed = run.record!.filtered((entry) => replay.needed(run.record!, entry));
    return { plan, record, needed, result, actors };
  }

  /**
   * Of what this run was made from, only what it needed, if that makes a failure too: an entry that
   * changes no moment may still say which of two steps at one moment goes first.
   */
  private async keep(run: Attempt): Promise<void> {
    const bare = await this.failing(run.plan, run.needed);
    this.plan = run.plan;
    this.result = (bare ?? run).result;
    if (bare === undefined) {
      // Part of the record so far, whose numbers of actors it has: another plan numbers them anew.
      this.record = run.record;
    } else {
      this.record = run.needed;
      this.actors = run.actors;
    }
  }
}

interface Attempt {
  readonly plan: Plan;
  readonly record: DecisionRecord;
  /** The decisions of the run for which there was an entry, and without which it would be another. */
  readonly needed: DecisionRecord;
  readonly result: RunResult;
  readonly actors: readonly string[];
}
