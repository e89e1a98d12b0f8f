/**
 * The one synchronous loop of a world: take the next step, run it, drain what it made ready, mix it
 * into the digest. Real time never passes inside; virtual time only between steps.
 */
import { Choices } from '../choice/choices.ts';
import { childHi, childLo, type Identity } from '../choice/identity.ts';
import { SPREADS, type Spread } from '../choice/shape.ts';
import { type Site, siteAt } from '../choice/site.ts';
import { type Candidates, type Strategy, WRITES } from '../choice/strategy.ts';
import { assert } from '../env/assert.ts';
import type { EventKind, RunEvent } from '../trace/event.ts';
import { type DecisionRecord, STEP } from '../trace/record.ts';
import { Agenda, type Slot, type Target } from './agenda.ts';
import { CHUNK_STEPS, type Digest } from './digest.ts';
import { drain } from './drain.ts';
import { type OutputStream, routeTo, type Sink } from './sink.ts';

/** Who runs steps and answers for their errors and output: an incarnation of a node, or the world itself. */
export interface Owner {
  /** False once it has ended: none of its code runs any more. */
  readonly alive: boolean;
  /** `rejected` is the promise when the error is a rejection that nobody handles. */
  uncaught(error: unknown, rejected?: Promise<unknown>): void;
  print(stream: OutputStream, text: string): void;
}

/** When a step may run: nanoseconds since the run's start, both included. */
export interface Window {
  readonly earliestNs: number;
  readonly latestNs: number;
  readonly spread: Spread;
}

/** A lane or timer counts its own children, so that one more elsewhere does not renumber them. */
export interface Origin {
  /** The site's hash, mixed with what tells this origin from others of the site. */
  readonly hash: number;
  stamp: number;
  ordinal: number;
}

export function originOf(site: Site, hash: number): Origin {
  return { hash: site.hash ^ hash, stamp: 0, ordinal: 0 };
}

/** What some events have besides. */
export type EventDetails = Pick<RunEvent, 'frames' | 'about'>;

/** Told of steps as they are made and as they begin: of timers and immediates too, which a turn runs. */
export interface StepWatcher {
  /**
   * A step with this identity is to run; whoever made it is on the stack. One that waits in a lane is
   * told of twice, the second time as the head of it.
   */
  made?(step: MadeStep): void;
  began(step: BegunStep): void;
}

/** What is told of a step as it is made. */
export interface MadeStep {
  readonly lo: number;
  readonly hi: number;
  /** What the program asked for. */
  readonly what?: string;
  /** The step that it comes for: a turn of a loop comes for a timer. */
  readonly leader?: { readonly lo: number; readonly hi: number };
}

/** What is told of a step as it begins. */
export interface BegunStep {
  /** From 1. */
  readonly number: number;
  readonly lo: number;
  readonly hi: number;
  /** Empty among threads. */
  readonly site: string;
  /** The number of the step that made it pending; 0 for none. */
  readonly cause: number;
  readonly actor: number;
  readonly atNs: number;
  /** What it touches, where that is known: two steps that touch different things commute. */
  readonly object?: string;
  /** Where the program made it, where the step knows. */
  readonly frames?: readonly string[];
}

/**
 * - `idle`: nothing is pending
 * - `deadline`: the next step lies beyond the deadline, as all now pending will; the clock stands at
 *   the deadline, or where busy waiting has taken it
 * - `stopped`: somebody called `stop`
 * - `paused`: the slice's share of steps is used up; `run` goes on where it left off
 */
export type RunEnd = 'idle' | 'deadline' | 'stopped' | 'paused';

export class Kernel implements Sink {
  readonly choices: Choices;
  readonly digest: Digest;
  readonly agenda: Agenda = new Agenda();
  /** Nanoseconds since the run's start. */
  nowNs = 0;
  /** The running step's own moment; busy waiting takes the clock beyond it, and the next ones run late. */
  momentNs = 0;
  /** Steps run so far; while one runs, its number, from 1. */
  steps = 0;
  /** Who answers for errors of the running step. */
  current: Owner;
  watcher: StepWatcher | undefined;
  /** Called after each step, which it is still part of: where faults are placed between steps. */
  between: (() => void) | undefined;
  /** Called after each step, while the world stands still; by nobody in most runs. */
  standing: (() => void) | undefined;
  /** Who is told what happens, in words; nobody in most runs. */
  listener: ((event: RunEvent) => void) | undefined;
  /** Clock reads of the running step. */
  reads = 0;
  private readonly root: Owner;
  private readonly placed: boolean;
  private stopping = false;
  private closed = false;
  private pauseAt = 0;
  private readonly candidates: Candidates = {
    count: 0,
    calmest: 0,
    actor: new Int32Array(64),
    lo: new Int32Array(64),
    hi: new Int32Array(64),
    object: new Int32Array(64).fill(-1),
    access: new Uint8Array(64).fill(WRITES),
  };
  private candidateRows: number[] = [];

  constructor(strategy: Strategy, record: DecisionRecord, root: Owner, digest: Digest) {
    this.digest = digest;
    this.choices = new Choices(strategy, record);
    this.placed = strategy.scheduling === 'placed';
    this.root = root;
    this.current = root;
  }

  /** A step made by the running one at `site`; it is pending at once. */
  schedule(target: Target, argument: unknown, site: Site, actor: number, window: Window): Slot {
    const { asker, span } = this.choices;
    const lo = childLo(asker.lo, site.hash, this.choices.ordinal(site));
    const hi = childHi(asker.hi, site.hash, lo);
    return this.post(target, argument, lo, hi, site, actor, span, this.steps, window);
  }

  /** The identity of the next step that the running one makes at this origin. */
  nextIdentity(origin: Origin): Identity {
    const { asker, stamp } = this.choices;
    if (origin.stamp !== stamp) {
      origin.stamp = stamp;
      origin.ordinal = 0;
    }
    const lo = childLo(asker.lo, origin.hash, origin.ordinal++);
    const hi = childHi(asker.hi, origin.hash, lo);
    this.watcher?.made?.({ lo, hi });
    return { lo, hi };
  }

  /**
   * Makes a step whose identity is known pending. Its parts come one by one: an object of them would be
   * garbage for each step.
   */
  post(
    target: Target,
    argument: unknown,
    lo: number,
    hi: number,
    site: Site,
    actor: number,
    span: number,
    cause: number,
    window: Window,
  ): Slot {
    const { earliestNs, latestNs, spread } = window;
    this.watcher?.made?.({ lo, hi });
    const from = earliestNs > this.nowNs ? earliestNs : this.nowNs;
    const to = latestNs > from ? latestNs : from;
    const slot = this.agenda.add(
      target,
      argument,
      lo,
      hi,
      site.index,
      actor,
      span,
      cause,
      from,
      to,
      SPREADS.indexOf(spread),
    );
    if (!this.placed) {
      this.agenda.listed.push(slot);
      return slot;
    }
    const { strategy } = this.choices;
    const moment = from === to ? from : this.placedMoment(lo, hi, from, to, spread);
    this.agenda.place(slot, moment, strategy.priority(lo, hi));
    return slot;
  }

  /** Tells what happened; `text` and `more` are not put together when nobody listens. */
  tell(kind: EventKind, node: string, text: () => string, more?: () => EventDetails): void {
    const { nowNs: atNs, steps: step } = this;
    this.listener?.({ kind, atNs, step, node, text: text(), ...more?.() });
  }

  /** The pending step will not run. */
  withdraw(slot: Slot): void {
    if (!this.agenda.isPending(slot)) return;
    if (!this.closed) this.note(slot, this.agenda.placedNs(slot));
    this.agenda.withdraw(slot);
  }

  /**
   * Ends the run. What is still pending is noted too: where a record says nothing, a replay would
   * run it at once.
   */
  close(): void {
    this.stop();
    for (const slot of this.agenda.pendingSlots()) this.note(slot, this.agenda.placedNs(slot));
    this.closed = true;
  }

  /** Begins a step: decisions, children and effects belong to it until `settle`. */
  enter(lo: number, hi: number, span: number, actor: number, cause: number, site: Site): void {
    this.steps++;
    this.reads = 0;
    this.current = this.root;
    this.choices.enter(lo, hi, span, actor);
    const { watcher, steps: number, nowNs: atNs } = this;
    watcher?.began({ number, lo, hi, site: site.name, cause, actor, atNs });
    this.digest.beginStep(lo, hi, actor, this.nowNs);
  }

  /** Ends a step: runs all that it has made ready, and closes it in the digest. */
  settle(): void {
    drain();
    if (this.steps % CHUNK_STEPS === 0) this.digest.endChunk();
  }

  /** What the running step does from here on is this owner's; false when the owner has ended. */
  become(owner: Owner): boolean {
    this.current = owner;
    return owner.alive;
  }

  uncaught(error: unknown, rejected?: Promise<unknown>): void {
    this.current.uncaught(error, rejected);
  }

  print(stream: OutputStream, text: string): void {
    this.current.print(stream, text);
  }

  /** No further step runs. */
  stop(): void {
    this.stopping = true;
  }

  get stopped(): boolean {
    return this.stopping;
  }

  /** The running step is the last one of this slice. */
  pause(): void {
    this.pauseAt = this.steps;
  }

  /**
   * Runs until nothing is left, the deadline, or a stop; at most `stepsMax` steps at a time. Must be
   * called from a macrotask, inside `guardDrains`.
   */
  run(deadlineNs: number, stepsMax: number): RunEnd {
    routeTo(this);
    this.pauseAt = this.steps + stepsMax;
    while (!this.stopping) {
      const end = this.placed ? this.takePlaced(deadlineNs) : this.takePicked(deadlineNs);
      if (end !== undefined) return end;
      this.between?.();
      this.standing?.();
      if (this.steps >= this.pauseAt) return 'paused';
    }
    return 'stopped';
  }

  private placedMoment(lo: number, hi: number, from: number, to: number, spread: Spread): number {
    this.choices.decisions++;
    const moment = this.choices.strategy.momentNs(lo, hi, from, to, spread);
    assert(moment >= from && moment <= to, 'a step runs within its window');
    return moment;
  }

  private takePlaced(deadlineNs: number): RunEnd | undefined {
    const momentNs = this.agenda.nextMomentNs();
    if (momentNs === Infinity) return 'idle';
    if (momentNs > deadlineNs) return this.ranOut(deadlineNs);
    this.take(this.agenda.next(), momentNs);
    return undefined;
  }

  private takePicked(deadlineNs: number): RunEnd | undefined {
    const leastLatestNs = this.listCandidates();
    if (this.candidates.count === 0) return 'idle';
    const { choices, agenda } = this;
    const row = choices.strategy.pick(this.candidates);
    const at = this.candidateRows[row]!;
    const slot = agenda.listed[at]!;
    const from = Math.max(this.momentNs, agenda.earliestNs(slot));
    const lo = agenda.lo(slot);
    const hi = agenda.hi(slot);
    const momentNs =
      leastLatestNs === from
        ? from
        : choices.strategy.momentNs(lo, hi, from, leastLatestNs, SPREADS[agenda.spread(slot)]!);
    if (momentNs > deadlineNs) {
      // A replay, which places steps, runs those that are due at the deadline before it.
      for (const pending of agenda.listed) agenda.delay(pending, deadlineNs + 1);
      return this.ranOut(deadlineNs);
    }
    if (this.candidates.count > 1 || leastLatestNs > from) choices.decisions++;
    agenda.listed.splice(at, 1);
    this.take(slot, momentNs);
    return undefined;
  }

  /** Fills `candidates` with what may run before anything else must; returns that limit. */
  private listCandidates(): number {
    const { agenda, candidates } = this;
    const { listed } = agenda;
    let leastLatestNs = Infinity;
    let kept = 0;
    for (const slot of listed) {
      if (!agenda.isPending(slot)) {
        agenda.release(slot);
        continue;
      }
      listed[kept++] = slot;
      const latestNs = agenda.latestNs(slot);
      if (latestNs < leastLatestNs) leastLatestNs = latestNs;
    }
    listed.length = kept;
    if (kept > candidates.actor.length) this.growCandidates(kept);
    let count = 0;
    for (let at = 0; at < kept; at++) {
      const slot = listed[at]!;
      if (agenda.earliestNs(slot) > leastLatestNs) continue;
      candidates.actor[count] = agenda.actor(slot);
      candidates.lo[count] = agenda.lo(slot);
      candidates.hi[count] = agenda.hi(slot);
      this.candidateRows[count++] = at;
    }
    candidates.count = count;
    return leastLatestNs;
  }

  private take(slot: Slot, momentNs: number): void {
    const { agenda } = this;
    const lo = agenda.lo(slot);
    const hi = agenda.hi(slot);
    const actor = agenda.actor(slot);
    const span = agenda.span(slot);
    const site = siteAt(agenda.site(slot));
    const target = agenda.target(slot);
    const argument = agenda.argument(slot);
    const cause = agenda.cause(slot);
    this.momentNs = momentNs;
    if (momentNs > this.nowNs) this.nowNs = momentNs;
    this.note(slot, momentNs);
    agenda.release(slot);
    this.enter(lo, hi, span, actor, cause, site);
    try {
      target.fire(argument);
    } catch (error) {
      this.uncaught(error);
    }
    this.settle();
  }

  /** Records when a step runs, or would have. */
  private note(slot: Slot, momentNs: number): void {
    const { agenda } = this;
    this.choices.record.push(
      STEP,
      agenda.site(slot),
      agenda.lo(slot),
      agenda.hi(slot),
      0,
      agenda.span(slot),
      agenda.actor(slot),
      momentNs,
    );
  }

  private ranOut(deadlineNs: number): RunEnd {
    if (deadlineNs > this.nowNs) this.nowNs = deadlineNs;
    return 'deadline';
  }

  private growCandidates(rows: number): void {
    const size = rows * 2;
    const { candidates } = this;
    candidates.actor = new Int32Array(size);
    candidates.lo = new Int32Array(size);
    candidates.hi = new Int32Array(size);
    candidates.object = new Int32Array(size).fill(-1);
    candidates.access = new Uint8Array(size).fill(WRITES);
  }
}
