/**
 * Threads that run beside other code, each step when its turn comes: what those of a simulated node
 * and those of a live process have in common. The place they run in says when that is.
 */
import { checkThread } from '../env/given.ts';
import type { ThreadBody } from '../env/threads.ts';
import { Clocks } from './clocks.ts';
import { deadlockOf, refuseCycle } from './deadlock.ts';
import { ThreadsError } from './errors.ts';
import type { Host } from './host.ts';
import { Home } from './operation.ts';
import { PAUSE, START } from './semantics.ts';
import { ThreadState } from './thread.ts';

/** Where a crew runs. */
export interface Place {
  /** Makes the thread known, before its first step. */
  enrol(thread: ThreadState, creator: ThreadState | undefined): void;
  /** The thread can take its step: `Crew.step` is to be called with it, at some later time. */
  post(thread: ThreadState): void;
  /** The thread cannot take the step that was posted. */
  withdraw(thread: ThreadState): void;
  /** The thread has taken a step, with this result. */
  taken(thread: ThreadState, result: unknown): void;
  /** Calls back where the callbacks of other code run. */
  later(callback: () => void): void;
  /** As {@link Host.chooseSleeper}. */
  chooseSleeper(count: number): number;
  /** A deadlock or a data race was found. */
  violated(error: ThreadsError): void;
  /** A thread has failed that nobody waits for. */
  uncaught(error: unknown): void;
}

interface Settle {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Accesses to plain data in one step, so that a loop of nothing else lets others run. */
const PLAIN_MAX = 1_000;

export class Crew implements Host {
  stale = false;
  onlyRead = false;
  changes = 0;
  pausing = 0;

  private readonly place: Place;
  /** Undefined where races are not looked for. */
  private readonly clocks: Clocks | undefined;
  private readonly home = new Home();
  /** The code beside which they run, as far as races are concerned. */
  private readonly beside = new ThreadState(0);
  /** By index less one; places of those that have ended are used again. */
  private readonly threads: (ThreadState | undefined)[] = [];
  private readonly settles = new Map<ThreadState, Settle>();
  private posted = 0;

  constructor(place: Place, options: { readonly races: 'reported' | 'ignored' }) {
    this.place = place;
    this.clocks = options.races === 'reported' ? new Clocks() : undefined;
    this.clocks?.begin(this.beside, undefined);
  }

  /** Starts a thread for the code beside; settles with its end. */
  spawn<Result>(name: string, body: ThreadBody<Result>): Promise<Result> {
    checkThread(name, body);
    return new Promise<Result>((resolve, reject) => {
      const thread = this.begin(name, body, undefined);
      this.settles.set(thread, { resolve: resolve as Settle['resolve'], reject });
      this.arrive(thread);
    });
  }

  /** The posted step of `thread` runs. */
  step(thread: ThreadState): void {
    this.posted--;
    thread.row = -1;
    try {
      this.goOn(thread, this.perform(thread));
    } catch (error) {
      this.fail(thread, error);
    }
    if (this.stale || this.pausing > 0) this.review();
  }

  chooseSleeper(count: number): number {
    return this.place.chooseSleeper(count);
  }

  woken(): void {
    // `stale` says it: what can run now is posted at the end of the step.
  }

  spawned(creator: ThreadState, name: string, body: ThreadBody<unknown>): ThreadState {
    const thread = this.begin(name, body, creator);
    this.arrive(thread);
    return thread;
  }

  /** Who waits for whom, in lines, when none of the threads can run; none while one can. */
  stuck(): readonly string[] {
    const waiting = this.alive();
    if (this.posted > 0 || waiting.length === 0) return [];
    const { message, details } = deadlockOf(waiting);
    return details === undefined ? [message] : [message, details];
  }

  /** Runs the body to the next step before which others may run, or to its end. */
  private goOn(thread: ThreadState, result: unknown): void {
    let running = thread.goOn(result);
    for (let more = PLAIN_MAX; running && !thread.operation!.switches && more > 0; more--) {
      running = thread.resume(this.perform(thread));
    }
    if (running) this.arrive(thread);
    else this.leave(thread, ({ resolve }) => resolve(thread.result));
  }

  private perform(thread: ThreadState): unknown {
    const { operation } = thread;
    const result = operation!.perform(thread, this);
    this.place.taken(thread, result);
    if (this.clocks !== undefined) operation!.order?.(thread, this.clocks, result);
    return result;
  }

  private begin(
    name: string,
    body: ThreadBody<unknown>,
    creator: ThreadState | undefined,
  ): ThreadState {
    const free = this.threads.indexOf(undefined);
    const place = free < 0 ? this.threads.length : free;
    const thread = new ThreadState(place + 1);
    this.threads[place] = thread;
    thread.reset(this.home, name, 0, 0);
    thread.operation = START;
    thread.value = body;
    this.place.enrol(thread, creator);
    this.clocks?.begin(thread, creator ?? this.beside);
    thread.identify();
    return thread;
  }

  /** The thread has come to its next step. */
  private arrive(thread: ThreadState): void {
    thread.operation!.begin?.(thread, this);
    if (thread.canRun(this)) this.post(thread);
    else refuseCycle(thread);
  }

  private post(thread: ThreadState): void {
    if (thread.row >= 0) return;
    thread.row = 0;
    this.posted++;
    this.place.post(thread);
  }

  private withdraw(thread: ThreadState): void {
    if (thread.row < 0) return;
    thread.row = -1;
    this.posted--;
    this.place.withdraw(thread);
  }

  /** Posts the steps that have become possible, and withdraws those that no longer are. */
  private review(): void {
    this.stale = false;
    const alive = this.alive();
    for (const thread of alive) {
      if (thread.canRun(this)) this.post(thread);
      else this.withdraw(thread);
    }
    if (this.posted > 0) return;
    for (const thread of alive) if (thread.operation === PAUSE) this.post(thread);
  }

  private alive(): ThreadState[] {
    return this.threads.filter((thread) => thread !== undefined);
  }

  private leave(thread: ThreadState, settle: (how: Settle) => void): void {
    this.threads[thread.index - 1] = undefined;
    if (thread.interested > 0) this.stale = true;
    const how = this.settles.get(thread);
    if (how === undefined) return;
    this.settles.delete(thread);
    this.place.later(() => {
      this.clocks?.acquire(this.beside, thread);
      settle(how);
    });
  }

  private fail(thread: ThreadState, error: unknown): void {
    thread.ended = true;
    thread.failure = { error };
    if (
      error instanceof ThreadsError &&
      (error.code === 'deadlock' || error.code === 'data-race')
    ) {
      this.place.violated(error);
    }
    if (!this.settles.has(thread) && thread.interested === 0) this.place.uncaught(error);
    this.leave(thread, ({ reject }) => reject(error));
  }
}
