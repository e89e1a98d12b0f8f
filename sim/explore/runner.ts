/**
 * Runs seeds in this process. Worlds run synchronously inside slices of real time, each slice from a
 * macrotask of its own, under the watchdog; between slices the process breathes.
 */
import { guarded } from '../node/guard/guarded.ts';
import { leaveStorages } from '../sched/context.ts';
import { inMacrotask } from '../sched/macrotask.ts';
import { now } from '../sched/real-clock.ts';
import { currentSink } from '../sched/sink.ts';
import { leaveAsyncScopes, underWatch } from '../sched/watchdog.ts';
import { msOfNs } from '../time/units.ts';
import type { RunEvent } from '../trace/event.ts';
import type { FullRecord } from '../trace/full-record.ts';
import { DecisionRecord } from '../trace/record.ts';
import { type RunResult, unseenResult } from '../trace/run.ts';
import { boundedLine } from '../trace/told.ts';
import { secondOf, weighedAgainst } from './double-run.ts';
import { Sampler } from './hot-line.ts';
import type { RunSpec, SeedRun, Subject } from './subject.ts';

export interface RunnerOptions {
  /** Real ms after which one step counts as a hang. Default 5,000. */
  readonly hangMs?: number;
  /** Asked now and then: when true, the run under way is given up and no other begins. */
  readonly stopped?: () => boolean;
}

/** A run was given up because it was `stopped`. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export interface FinishedRun {
  /** As it was given. */
  readonly spec: RunSpec;
  readonly result: RunResult;
  /** Its decisions; kept only for runs that did not pass, and where the spec gave one. */
  readonly record: DecisionRecord | undefined;
  readonly actors: readonly string[];
  /** Its class; undefined of a run that was cut off, or given up by a search. */
  readonly interleaving: number | undefined;
  /** The digest after each chunk of steps, low lane first. */
  readonly chunks: readonly number[];
  /** It was cut off in the middle of what it did. */
  readonly hung?: true;
  /** Where it was asked for. */
  readonly full?: FullRecord;
  /** As a {@link SeedRun} has them. */
  readonly handlerErrors?: ReadonlyMap<string, string> | undefined;
}

/** By default. */
export const HANG_MS = 5_000;
const SLICE_MS = 100;
const FIRST_SHARE = 64;
const SHARE_MAX = 2_048;

/** Runs each spec once, in order; yields as they finish. Stops where the caller stops. */
export async function* runEach(
  subject: Subject,
  specs: Iterable<RunSpec>,
  options: RunnerOptions = {},
): AsyncGenerator<FinishedRun> {
  const { hangMs = HANG_MS } = options;
  const line = new Line(subject, specs, options);
  while (line.more) {
    await inMacrotask(() => {
      const end = guarded(() => underWatch(hangMs, () => line.slice()));
      if (end === 'done') return;
      leaveAsyncScopes();
      line.cutOff(hangMs);
    });
    for (const one of line.finished.splice(0)) {
      const run = await compared(subject, one, options);
      if (run === undefined) return;
      yield run.hung ? await located(subject, run, hangMs) : run;
    }
  }
}

/** Specs on their way to results, slice by slice. */
class Line {
  more = true;
  readonly finished: FinishedRun[] = [];
  private readonly subject: Subject;
  private readonly specs: Iterator<RunSpec>;
  private readonly stopped: () => boolean;
  private underWay: UnderWay | undefined;
  private spare = new DecisionRecord();
  /** Steps between two looks at the real clock: fewer where they are slow. */
  private share = FIRST_SHARE;
  /** Where a step may take long, each has a slice of its own. */
  private slow = false;

  constructor(subject: Subject, specs: Iterable<RunSpec>, { stopped }: RunnerOptions) {
    this.subject = subject;
    this.specs = specs[Symbol.iterator]();
    this.stopped = stopped ?? (() => false);
  }

  slice(): void {
    const until = now() + SLICE_MS;
    do this.goOn();
    while (this.more && !this.slow && now() < until);
  }

  /** The slice was cut off after `limitMs`. */
  cutOff(limitMs: number): void {
    const { underWay } = this;
    const sink = currentSink();
    if (sink !== undefined) leaveStorages(sink);
    if (underWay === undefined) return;
    if (!this.slow && underWay.canStartAgain) {
      // Many steps may have taken that long together: the next time, each is watched alone.
      this.slow = true;
      this.underWay = new UnderWay(this.subject, underWay.given, new DecisionRecord(), 'told');
    } else {
      this.end(underWay, underWay.hung(limitMs), 'hung');
    }
    this.spare = new DecisionRecord();
  }

  private goOn(): void {
    if (this.stopped()) {
      this.more = false;
      this.underWay = undefined;
      return;
    }
    if (this.underWay === undefined) {
      const next = this.specs.next();
      if (next.done) {
        this.more = false;
        return;
      }
      this.underWay = new UnderWay(this.subject, next.value, this.spare);
    }
    const { underWay } = this;
    const began = now();
    const result = underWay.goOn(this.slow ? 1 : this.share);
    if (underWay.does === 'steps') this.pace(now() - began);
    if (result !== undefined) this.end(underWay, result);
  }

  private pace(tookMs: number): void {
    if (tookMs > SLICE_MS) this.share = Math.max(1, this.share >> 2);
    else if (this.share < SHARE_MAX) this.share *= 2;
  }

  private end(
    { given: spec, run, interleaving }: UnderWay,
    result: RunResult,
    hung?: 'hung',
  ): void {
    const { record, actors = [], chunks = [], handlerErrors } = run ?? {};
    const kept = spec.record !== undefined || result.verdict !== 'passed' ? record : undefined;
    spec.ended?.(result);
    this.finished.push({
      spec,
      result,
      record: kept,
      actors,
      interleaving,
      chunks,
      handlerErrors,
      ...(hung && { hung: true }),
    });
    if (kept === this.spare) this.spare = new DecisionRecord();
    this.underWay = undefined;
    this.slow = false;
  }
}

/** One spec between its start and its result. */
class UnderWay {
  readonly given: RunSpec;
  run: SeedRun | undefined;
  private readonly subject: Subject;
  private readonly spare: DecisionRecord;
  private readonly untold: boolean;
  private last: RunEvent | undefined;
  private pilot: SeedRun | undefined;
  does: 'starts' | 'steps' | 'is judged' = 'starts';
  /** Its class, once its steps have ended. */
  interleaving: number | undefined;
  /** Its steps when the share under way began. */
  private stepsBefore = 0;

  /** One that is `told` remembers what happened last, for the case that it hangs. */
  constructor(subject: Subject, given: RunSpec, spare: DecisionRecord, told?: 'told') {
    this.subject = subject;
    this.given = given;
    this.spare = spare;
    this.untold = told === undefined;
  }

  /** One thing more: a start, a share of steps, or the judgement. */
  goOn(share: number): RunResult | undefined {
    if (this.run === undefined) {
      this.start(share);
      return undefined;
    }
    if (this.does === 'steps') {
      this.stepsBefore = this.run.steps;
      if (this.run.advance(share)) this.does = 'is judged';
      return undefined;
    }
    // The end of the run adds what it leaves undone to the record.
    this.interleaving = this.run.interleaving;
    return this.run.result();
  }

  /** Whether it may have got on since the slice began, and nobody has heard of it yet. */
  get canStartAgain(): boolean {
    const { onEvent, watcher, signals, digest, replay } = this.given;
    const untold = !(onEvent ?? watcher ?? signals ?? digest ?? replay);
    if (!untold || this.does === 'starts') return false;
    // The check may only have come after steps that took nearly all of the time.
    return this.does === 'is judged' || this.run!.steps > this.stepsBefore + 1;
  }

  hung(limitMs: number): RunResult {
    const { run, pilot, given, does } = this;
    if (run !== undefined && does === 'steps') return this.withLast(run.hung(limitMs));
    const { seed, strategy } = given;
    const ms = `within ${limitMs} ms of real time`;
    if (run !== undefined) {
      const reason = `hang: the check did not end ${ms}`;
      return { ...run.hung(limitMs), reason };
    }
    const what =
      pilot === undefined ? 'loading the program' : `step ${pilot.steps} of the pilot run`;
    const reason = `hang: ${what} did not end ${ms}`;
    return unseenResult({ seed, strategy, verdict: 'inconclusive', reason });
  }

  private withLast(result: RunResult): RunResult {
    const { last } = this;
    if (last === undefined) return result;
    const { atNs, node, text } = last;
    const what = boundedLine(`${node} ${text}`.trim());
    return { ...result, reason: `${result.reason}; last, at ${msOfNs(atNs)} ms: ${what}` };
  }

  private start(share: number): void {
    const { subject, given } = this;
    const pilot = (this.pilot ??= subject.pilot?.(given));
    if (pilot !== undefined && !pilot.advance(share)) return;
    const onEvent = (event: RunEvent): void => {
      this.last = event;
    };
    const record = given.record ?? this.spare;
    this.run = subject.start({ ...given, record, ...(!this.untold && { onEvent }) });
    this.does = 'steps';
  }
}

/** Runs one spec. @throws Stopped */
export async function runOne(
  subject: Subject,
  spec: RunSpec,
  options: RunnerOptions = {},
): Promise<FinishedRun> {
  const record = spec.record ?? new DecisionRecord();
  for await (const finished of runEach(subject, [{ ...spec, record }], options)) {
    return { ...finished, spec };
  }
  throw new Stopped();
}

/** The run as it was, or weighed against a second one where its spec wants that; undefined once `stopped`. */
async function compared(
  subject: Subject,
  run: FinishedRun,
  options: RunnerOptions,
): Promise<FinishedRun | undefined> {
  const { spec, result } = run;
  const { seed, strategy, faults, plan } = spec;
  const second = secondOf(subject, spec.compared, result);
  if (second === undefined || spec.replay !== undefined) return run;
  const modules = second === subject ? undefined : 'fresh';
  for await (const other of runEach(second, [{ seed, strategy, faults, plan }], options)) {
    return { ...run, result: weighedAgainst(result, other.result, modules) };
  }
  return undefined;
}

/** Real ms of a hang that are sampled: enough to see where it is, and no long wait. */
const SAMPLED_MS = 1_000;

/** A run that hung, with the line that it hung in, when it hangs there again. */
async function located(subject: Subject, run: FinishedRun, hangMs: number): Promise<FinishedRun> {
  const { seed, strategy, faults, plan, replay, over } = run.spec;
  const sampler = (replay ?? over) === undefined ? await Sampler.begin() : undefined;
  if (sampler === undefined) return run;
  const again = new UnderWay(subject, { seed, strategy, faults, plan }, new DecisionRecord());
  const limitMs = Math.min(hangMs, SAMPLED_MS);
  const giveUpAt = now() + 2 * hangMs;
  let goesOn = true;
  let hangs = false;
  while (goesOn && now() < giveUpAt) {
    await inMacrotask(() => {
      const slice = (): void => {
        const until = now() + SLICE_MS;
        while (goesOn && now() < until) goesOn = again.goOn(FIRST_SHARE) === undefined;
      };
      if (guarded(() => underWatch(limitMs, slice)) === 'done') return;
      leaveAsyncScopes();
      goesOn = false;
      hangs = true;
    });
  }
  const line = sampler.end(limitMs / 2);
  const isSame = hangs && (again.run?.steps ?? 0) === run.result.steps;
  if (!isSame || line === undefined) return run;
  return { ...run, result: { ...run.result, reason: `${run.result.reason}; it was in ${line}` } };
}
