/** Runs of one subject with other decisions, within bounds; each is compared with the failure. */
import { Replay } from '../choice/replay.ts';
import type { Strategy } from '../choice/strategy.ts';
import { type FinishedRun, runOne, Stopped } from '../explore/runner.ts';
import type { Plan, RunSpec, Subject } from '../explore/subject.ts';
import { now } from '../sched/real-clock.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';
import type { Entry } from './entries.ts';
import { recordOf } from './entries.ts';
import type { Watch } from './watch.ts';

export interface Bounds {
  readonly runsMax: number;
  /** Real ms. */
  readonly forMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * - `same`: it fails in the same way
 * - `passed`
 * - `other`: it fails in another way
 * - `unclear`: it had no end, or the check could not decide
 */
export type Outcome = 'same' | 'passed' | 'other' | 'unclear';

export interface Rerun extends FinishedRun {
  readonly outcome: Outcome;
  /** All that it decided. */
  readonly record: DecisionRecord;
}

/** No further run is made: the bounds are reached. */
export class OutOfBounds extends Error {
  override readonly name = 'OutOfBounds';
}

export interface Rerunning {
  readonly plan?: Plan | undefined;
  readonly watch?: Watch;
  /** The last of all, to tell what was found: only an interruption ends it. */
  readonly telling?: boolean;
}

export class Reruns {
  readonly subject: Subject;
  /** Runs so far. */
  count = 0;
  /** Steps after which a run is unclear. */
  stepsMax: number | undefined;
  private readonly spec: RunSpec;
  private readonly signature: string;
  private readonly bounds: Bounds;
  private readonly untilMs: number;

  constructor(subject: Subject, spec: RunSpec, signature: string, bounds: Bounds) {
    this.subject = subject;
    this.spec = spec;
    this.signature = signature;
    this.bounds = bounds;
    this.untilMs = now() + bounds.forMs;
  }

  get seed(): string {
    return this.spec.seed;
  }

  get ended(): 'runs' | 'time' | 'interrupted' | undefined {
    if (this.bounds.signal?.aborted === true) return 'interrupted';
    if (now() >= this.untilMs) return 'time';
    return this.count >= this.bounds.runsMax ? 'runs' : undefined;
  }

  /**
   * The run that these decisions make; a decision that they do not know is at its calmest.
   *
   * @throws OutOfBounds
   */
  of(decisions: DecisionRecord | readonly Entry[], rerunning: Rerunning = {}): Promise<Rerun> {
    const record = Array.isArray(decisions) ? recordOf(decisions) : (decisions as DecisionRecord);
    return this.under(new Replay(record), rerunning);
  }

  /** @throws OutOfBounds */
  async under(strategy: Strategy, rerunning: Rerunning = {}): Promise<Rerun> {
    const { plan, watch, telling } = rerunning;
    const over = (): boolean =>
      telling === true ? this.ended === 'interrupted' : this.ended !== undefined;
    if (over()) throw new OutOfBounds();
    this.count++;
    const spec: RunSpec = {
      ...this.spec,
      ...(this.stepsMax !== undefined && { stepsMax: this.stepsMax }),
      replay: watch === undefined ? strategy : watch.overhearing(strategy),
      ...(plan && { plan }),
      ...(watch && { watcher: watch }),
      ...(watch?.told && { onEvent: watch.onEvent }),
    };
    const stopped = (): boolean => this.ended !== 'runs' && over();
    try {
      const run = await runOne(this.subject, spec, { stopped });
      watch?.named(run.actors);
      return { ...run, record: run.record!, outcome: this.outcomeOf(run.result) };
    } catch (error) {
      throw error instanceof Stopped ? new OutOfBounds() : error;
    }
  }

  private outcomeOf({ verdict, failure }: RunResult): Outcome {
    if (failure?.signature === this.signature) return 'same';
    if (verdict === 'passed') return 'passed';
    return failure === undefined ? 'unclear' : 'other';
  }
}
