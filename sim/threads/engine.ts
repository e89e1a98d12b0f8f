/**
 * The stand-alone engine: one execution of a program of threads after the other, each decided by a
 * strategy, recorded, and mixed into a digest. No world, no clock, no promise: between two steps
 * nothing happens but the choice of the next.
 *
 * All that outlives an execution is reused by the next one, so what it costs is its generators, its
 * state and its steps.
 */
import { Interleaving } from '../choice/interleaving.ts';
import { GOLDEN } from '../choice/mix.ts';
import { Replay } from '../choice/replay.ts';
import { type Asker, type Strategy, WRITES } from '../choice/strategy.ts';
import { assert } from '../env/assert.ts';
import type { ThreadBody } from '../env/threads.ts';
import { CHUNK_STEPS, Digest } from '../sched/digest.ts';
import { BRANCH, DecisionRecord, STEP } from '../trace/record.ts';
import type { Violation } from '../trace/violation.ts';
import { stepsOf } from './body.ts';
import { Clocks } from './clocks.ts';
import { deadlockOf, refuseCycle } from './deadlock.ts';
import { violationOf } from './failure.ts';
import type { Host } from './host.ts';
import { Lineup } from './lineup.ts';
import { Home, made, nameOf, type Operation, type SharedObject } from './operation.ts';
import type { ThreadsProgram } from './program.ts';
import { PAUSE } from './semantics.ts';
import { STEP_SITE, ThreadState } from './thread.ts';
import { inLine, WAKE } from './wake.ts';
import { wordOf, wordOfNumber } from './words.ts';

/**
 * - `passed`: all threads have ended, and the check found nothing
 * - `violated`: see the violation
 * - `exhausted`: the budget of steps ran out
 * - `abandoned`: the strategy gave it up
 */
export type ExecutionEnd = 'passed' | 'violated' | 'exhausted' | 'abandoned';

/** A step that has just run. */
export interface StepSeen {
  /** From 1. */
  readonly number: number;
  readonly thread: ThreadState;
  readonly operation: Operation;
  readonly object: SharedObject;
  readonly a: number;
  readonly b: number;
  readonly value: unknown;
  /** Or `GOES_ON`. */
  readonly result: unknown;
  /** It has changed its object. */
  readonly wrote: boolean;
}

/** What a debugger looks at while nothing runs. */
export interface Standing<State> {
  readonly state: State | undefined;
  /** In the order of their making. */
  readonly threads: readonly ThreadState[];
  /** The one whose body or step has failed, or the first of a deadlock. */
  readonly failed: ThreadState | undefined;
}

export interface EngineOptions {
  /** Steps after which an execution is given up as exhausted. */
  readonly stepsMax?: number;
  /** Work out the class of each execution. */
  readonly classes?: boolean;
  /** Called after each step, before its body goes on. */
  readonly onStep?: (step: StepSeen) => void;
  /** Called where a thread has come to an access of plain data, which no other can come before. */
  readonly onStanding?: () => void;
  /** Look for races from the start, also where plain data first appears later. */
  readonly races?: boolean;
}

const STEPS_MAX = 10_000;

export class ThreadsEngine<State> implements Host {
  /** Of the last execution, as all below. Whoever keeps it gives the engine another. */
  record: DecisionRecord = new DecisionRecord();
  digest: Digest = new Digest();
  steps = 0;
  /** Decisions that had more than one outcome. */
  decisions = 0;
  end: ExecutionEnd | undefined;
  violation: Violation | undefined;
  /** If it was asked for. */
  readonly interleaving: Interleaving | undefined;

  stale = false;
  onlyRead = false;
  changes = 0;
  pausing = 0;

  private readonly program: ThreadsProgram<State>;
  private readonly stepsMax: number;
  private readonly onStep: ((step: StepSeen) => void) | undefined;
  private readonly onStanding: (() => void) | undefined;
  private readonly lineup = new Lineup();
  private readonly clocks = new Clocks();
  /** The threads of this and earlier executions; the first `count` are of this one. */
  private readonly threads: ThreadState[] = [];
  private readonly asker: Asker = { lo: 0, hi: 0, ordinal: 0, actor: 0 };
  private strategy: Strategy | undefined;
  /** Somebody is told of each step. */
  private watched = false;
  private home = new Home();
  private state: State | undefined;
  private count = 0;
  private alive = 0;
  /** The thread whose step or body runs. */
  private running: ThreadState | undefined;
  /** Plain data was seen, so accesses are checked for races. */
  private racesMatter = false;

  constructor(program: ThreadsProgram<State>, options: EngineOptions = {}) {
    this.program = program;
    this.stepsMax = options.stepsMax ?? STEPS_MAX;
    this.onStep = options.onStep;
    this.onStanding = options.onStanding;
    this.racesMatter = options.races === true;
    this.interleaving = options.classes ? new Interleaving() : undefined;
  }

  /** Names of the threads, by the actor numbers that the record has for them. */
  get actors(): readonly string[] {
    return this.threads.slice(0, this.count).map(nameOf);
  }

  /** Threads of the last execution. */
  get threadCount(): number {
    return this.count;
  }

  get standing(): Standing<State> {
    const { state, violation, running } = this;
    const failed = violation === undefined ? undefined : running;
    return { state, threads: this.threads.slice(0, this.count), failed };
  }

  /** Does `work`, which may set what is shared, as no step does: for debuggers, while nothing runs. */
  edit<Result>(work: () => Result): Result {
    const before = made.edits;
    made.editing = true;
    try {
      return work();
    } finally {
      made.editing = false;
      if (made.edits !== before) {
        this.changes++;
        this.stale = true;
      }
    }
  }

  /** One whole execution. */
  execute(strategy: Strategy): ExecutionEnd {
    this.begin(strategy);
    while (!this.advance(Infinity)) {}
    return this.end!;
  }

  /** Begins an execution; every thread comes to its first step. */
  begin(strategy: Strategy): void {
    this.strategy = strategy;
    const { onStep, interleaving } = this;
    this.watched = (strategy.touched ?? onStep ?? interleaving) !== undefined;
    interleaving?.clear();
    this.record.clear();
    this.digest = new Digest();
    this.steps = 0;
    this.decisions = 0;
    this.end = undefined;
    this.violation = undefined;
    this.stale = false;
    this.changes = 0;
    this.pausing = 0;
    this.lineup.clear();
    if (this.racesMatter) this.clocks.clear();
    this.count = 0;
    this.alive = 0;
    this.running = undefined;
    this.home = new Home();
    const outer = made.home;
    made.home = this.home;
    try {
      this.state = this.program.setup();
      this.home.state = this.state;
      // Plain data that appears later is met by `again`.
      if (this.home.plain) this.racesMatter = true;
      for (const { name, lo, hi, body } of this.program.threads) {
        this.start(name, lo, hi, body(this.state), undefined);
      }
      this.running = undefined;
    } catch (error) {
      this.fail(error);
    } finally {
      made.home = outer;
    }
  }

  /** Runs on for at most `stepsMax` steps; true when the execution has ended. */
  advance(stepsMax: number): boolean {
    const outer = made.home;
    made.home = this.home;
    try {
      if (this.end === undefined) this.run(Math.min(this.steps + stepsMax, this.stepsMax));
      if (this.end === undefined) this.settle();
    } finally {
      made.home = outer;
    }
    return this.end !== undefined && !this.again();
  }

  chooseSleeper(count: number): number {
    const { asker } = this;
    const { lo, hi, index } = this.running!;
    asker.lo = lo;
    asker.hi = hi;
    asker.actor = index;
    const outcome = this.strategy!.branch(WAKE, asker, inLine(count));
    assert(outcome >= 0 && outcome < count, 'a branch takes one of its outcomes');
    this.decisions++;
    this.interleaving?.decide(lo, outcome);
    this.record.push(BRANCH, WAKE.index, lo, hi, 0, 0, index, outcome);
    return outcome;
  }

  woken(sleeper: ThreadState): void {
    this.strategy!.touched?.(this.running!.index, sleeper.number, true);
  }

  spawned(creator: ThreadState, name: string, body: ThreadBody<unknown>): ThreadState {
    const lo = creator.childLo(name);
    const thread = this.start(name, lo, creator.childHi(lo), body(), creator);
    this.strategy!.touched?.(creator.index, thread.number, true);
    this.running = creator;
    return thread;
  }

  private run(until: number): void {
    const { lineup, record } = this;
    const { candidates } = lineup;
    const strategy = this.strategy!;
    for (;;) {
      if (this.stale) this.rebuild();
      if (candidates.count === 0 && !this.letPausersRun()) return;
      if (this.steps >= until) return;
      lineup.rankCalmest(this.running);
      const row = strategy.pick(candidates);
      if (row < 0) {
        this.end = 'abandoned';
        return;
      }
      assert(row < candidates.count, 'a strategy picks one of the candidates');
      if (candidates.count > 1) this.decisions++;
      this.steps++;
      const thread = lineup.threads[row]!;
      record.push(STEP, STEP_SITE.index, thread.lo, thread.hi, 0, 0, thread.index, 0);
      if (!this.take(thread)) return;
    }
  }

  /** Performs the thread's step and runs its body to the next one; false when something failed. */
  private take(thread: ThreadState): boolean {
    this.running = thread;
    try {
      this.goOn(thread, this.perform(thread));
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** Runs the body to the next step before which others may run, or to its end. */
  private goOn(thread: ThreadState, result: unknown): void {
    let running = thread.goOn(result);
    while (running && !thread.operation!.switches && this.steps < this.stepsMax) {
      this.onStanding?.();
      this.steps++;
      running = thread.resume(this.perform(thread));
    }
    if (running) this.arrive(thread);
    else this.leave(thread);
  }

  private perform(thread: ThreadState): unknown {
    const { operation, object, value } = thread;
    const number = this.steps;
    this.onlyRead = false;
    const result = operation!.perform(thread, this);
    this.mix(thread, result);
    if (this.watched) this.tell(number, thread, operation!, object!, value, result);
    if (this.racesMatter) operation!.order?.(thread, this.clocks, result);
    return result;
  }

  private start(
    name: string,
    lo: number,
    hi: number,
    returned: unknown,
    creator: ThreadState | undefined,
  ): ThreadState {
    const index = this.count++;
    const thread = (this.threads[index] ??= new ThreadState(index));
    thread.reset(this.home, name, lo, hi);
    this.alive++;
    this.running = thread;
    this.strategy!.meets?.(index, name, lo);
    thread.steps = stepsOf(name, returned);
    if (this.racesMatter) this.clocks.begin(thread, creator);
    this.goOn(thread, undefined);
    return thread;
  }

  /** The thread has come to its next step. */
  private arrive(thread: ThreadState): void {
    thread.operation!.begin?.(thread, this);
    if (thread.canRun(this)) {
      this.lineup.set(thread);
    } else {
      this.lineup.drop(thread);
      this.strategy!.blocked?.(thread.index, thread.object!.number, thread.operation!.access);
      refuseCycle(thread);
    }
  }

  /** The thread has ended. */
  private leave(thread: ThreadState): void {
    this.alive--;
    this.lineup.drop(thread);
    if (thread.interested > 0) this.stale = true;
    this.strategy!.touched?.(thread.index, thread.number, true);
  }

  private rebuild(): void {
    this.stale = false;
    this.lineup.rebuild(this.threads, this.count, this);
  }

  /** Where nobody else can run, those that pause do, for one step. */
  private letPausersRun(): boolean {
    if (this.pausing === 0) return false;
    for (let index = 0; index < this.count; index++) {
      const thread = this.threads[index]!;
      if (!thread.ended && thread.operation === PAUSE) this.lineup.set(thread);
    }
    this.stale = true;
    return true;
  }

  /** No thread can run, or the steps are used up. */
  private settle(): void {
    if (this.lineup.candidates.count > 0) {
      if (this.steps >= this.stepsMax) this.end = 'exhausted';
      return;
    }
    if (this.alive > 0) {
      const waiting = this.threads.slice(0, this.count).filter(({ ended }) => !ended);
      this.running = waiting[0];
      this.fail(deadlockOf(waiting));
      return;
    }
    this.running = undefined;
    this.end = 'passed';
    try {
      this.program.check(this.state!);
    } catch (error) {
      this.end = 'violated';
      this.violation = { ...violationOf(error, undefined, this.steps), property: 'check' };
    }
  }

  /**
   * Plain data has first appeared in mid-execution, when its races can no longer be seen: the same
   * schedule runs again, with the look-out from its start.
   */
  private again(): boolean {
    if (!this.home.plain || this.racesMatter || this.end === 'abandoned') return false;
    this.racesMatter = true;
    const schedule = this.record;
    this.record = new DecisionRecord();
    this.begin(new Replay(schedule, 'picked'));
    return true;
  }

  private mix(thread: ThreadState, result: unknown): void {
    const { digest } = this;
    digest.mix(thread.lo);
    const word = typeof result === 'number' ? wordOfNumber(result) : wordOf(result);
    digest.mix(word ^ Math.imul(thread.a, GOLDEN) ^ Math.imul(thread.b, 0x2c1b3c6d));
    if (thread.value !== undefined) digest.mix(wordOf(thread.value));
    if (this.steps % CHUNK_STEPS === 0) digest.endChunk();
  }

  private tell(
    number: number,
    thread: ThreadState,
    operation: Operation,
    object: SharedObject,
    value: unknown,
    result: unknown,
  ): void {
    const wrote = (operation.access & WRITES) !== 0 && !this.onlyRead;
    this.strategy!.touched?.(thread.index, object.number, wrote);
    this.interleaving?.touch(thread.lo, object.number, wrote);
    const { a, b } = thread;
    this.onStep?.({ number, thread, operation, object, a, b, value, result, wrote });
  }

  /** What the running thread threw, or what was found of it, ends the execution. */
  private fail(error: unknown): void {
    this.end = 'violated';
    this.violation = violationOf(error, this.running, this.steps);
  }
}
