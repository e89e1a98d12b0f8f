/**
 * The event loop of one node: its timers and immediates, as one pending step, the loop's next turn.
 *
 * A turn is late as a whole and then runs as Node.js runs it (lib/internal/timers.js): immediates
 * that were waiting, then timers, kept in one list for each delay. Lists are served by expiry, a list
 * from its oldest timer on, with a drain after each callback. So timers of one delay never overtake
 * each other, and several that are due run in one turn.
 *
 * A whole process (a realm) begins with its main script, which takes its time before the first turn.
 * That turn starts with timers, so whether a timer of 1 ms or an immediate comes first is open there,
 * as it is in Node.js.
 */
import { childHi, childLo } from '../choice/identity.ts';
import { site } from '../choice/site.ts';
import { checkCallback, checkDelay, periodic, type Timer, type Timers } from '../env/timers.ts';
import type { Slot, Target } from '../sched/agenda.ts';
import { inContext } from '../sched/context.ts';
import type { Kernel, Owner } from '../sched/kernel.ts';
import { type Callback, IMMEDIATE, Immediate } from './callback.ts';
import type { NodeClock } from './clock.ts';
import { LoopTimer, TIMER, TimerLists } from './timer-lists.ts';
import { nsOfMs } from './units.ts';

const TURN = site('loop.turn');
const OPENING = site('loop.opening');

/** A turn takes at least this long, so that a program that waits by immediates lets time pass. */
const TURN_NS_MIN = 1_000;
/** How late immediates may run. */
const IMMEDIATE_LAG_NS = 50_000;
/** How long a main script may take before the loop's first turn. */
const SCRIPT_NS_MAX = 2_000_000;

export class EventLoop implements Timers, Target {
  /**
   * Delays count from the last multiple of this, or from the very moment when it is 0. The timers of
   * Node.js know whole milliseconds only: so those set at different moments come due together.
   */
  grainNs = 0;
  /** Called after each turn, when all that it has made ready has run. */
  afterTurn: (() => void) | undefined;
  private readonly kernel: Kernel;
  private readonly clock: NodeClock;
  private readonly owner: Owner;
  private readonly actor: number;
  /** Of the node. */
  private readonly name: string;
  /** Where the program is, the innermost frame first. */
  private readonly frames: () => readonly string[];
  /** How late a turn with timers may be. */
  private readonly lagNs: number;
  private readonly timers = new TimerLists(() => {
    if (!this.active) this.withdrawTurn();
  });
  /** Of them, those that come back each period until they are cancelled. */
  private periods = 0;
  private immediates: Immediate[] = [];
  private turnSlot: Slot | undefined;
  private turnDueNs = Infinity;
  private turns = 0;
  private busyUntilNs = 0;
  private turning = false;
  private closed = false;

  constructor(options: {
    kernel: Kernel;
    clock: NodeClock;
    owner: Owner;
    actor: number;
    name: string;
    frames: () => readonly string[];
    lagNs: number;
  }) {
    this.kernel = options.kernel;
    this.clock = options.clock;
    this.owner = options.owner;
    this.actor = options.actor;
    this.name = options.name;
    this.frames = options.frames;
    this.lagNs = options.lagNs;
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.add(delayMs, resolve);
    });
  }

  after(delayMs: number, callback: () => void): Timer {
    checkCallback('after', callback);
    return this.add(delayMs, callback);
  }

  every(periodMs: number, callback: () => void): Timer {
    const timer = periodic(this, periodMs, callback);
    this.periods++;
    let over = false;
    return {
      cancel: () => {
        if (!over) this.periods--;
        over = true;
        timer.cancel();
      },
    };
  }

  immediate(callback: () => void): Timer {
    checkCallback('immediate', callback);
    return this.defer(this.told('runs the immediate', callback));
  }

  /** An immediate that no program has asked for: nothing is told of it. */
  defer(callback: () => void): Timer {
    const { choices } = this.kernel;
    const lo = childLo(choices.asker.lo, IMMEDIATE.hash, choices.ordinal(IMMEDIATE));
    const hi = childHi(choices.asker.hi, IMMEDIATE.hash, lo);
    this.kernel.watcher?.made?.({ lo, hi, what: 'immediate' });
    const immediate = new Immediate(
      lo,
      hi,
      choices.span,
      this.turns,
      this.kernel.steps,
      inContext(callback),
    );
    if (this.closed) return immediate;
    this.immediates.push(immediate);
    this.planTurn();
    return immediate;
  }

  /** The main script has run: the first turn comes when that may have been done. */
  open(): void {
    const { kernel } = this;
    const { nowNs } = kernel;
    this.turning = true;
    const fire = (): void => {
      if (this.closed) return;
      this.beginTurn();
      this.runTimers();
      this.endTurn();
    };
    kernel.schedule({ fire }, undefined, OPENING, this.actor, {
      earliestNs: nowNs + TURN_NS_MIN,
      latestNs: nowNs + SCRIPT_NS_MAX,
      spread: 'uniform',
    });
  }

  /** True while a timer or immediate is waiting. */
  get active(): boolean {
    return this.timers.size > 0 || this.immediates.length > 0;
  }

  /** True while something waits that comes once: a sleep, a time-out, an immediate. */
  get waits(): boolean {
    return this.timers.size + this.immediates.length > this.periods;
  }

  /** Drops everything: the incarnation is over. */
  close(): void {
    this.closed = true;
    this.timers.clear();
    this.immediates = [];
    this.periods = 0;
    this.withdrawTurn();
  }

  /** One turn. */
  fire(): void {
    this.turnSlot = undefined;
    this.turnDueNs = Infinity;
    this.beginTurn();
    this.runImmediates();
    this.runTimers();
    this.endTurn();
  }

  private add(delayMs: number, callback: () => void): LoopTimer {
    checkDelay(delayMs);
    const { kernel } = this;
    const { choices } = kernel;
    const lo = childLo(choices.asker.lo, TIMER.hash, choices.ordinal(TIMER));
    const hi = childHi(choices.asker.hi, TIMER.hash, lo);
    kernel.watcher?.made?.({ lo, hi, what: `${delayMs} ms timer` });
    const delayNs = nsOfMs(delayMs);
    const list = this.timers.ofDelay(delayNs);
    const sinceGrainNs = this.grainNs === 0 ? 0 : this.clock.localNs() % this.grainNs;
    const dueNs = kernel.nowNs + this.clock.worldNs(delayNs - sinceGrainNs);
    const run = inContext(this.told(`fires the ${delayMs} ms timer`, callback));
    const timer = new LoopTimer(list, dueNs, lo, hi, choices.span, this.turns, kernel.steps, run);
    if (this.closed) return timer;
    list.append(timer);
    if (list.first === timer) {
      this.timers.expire(list, dueNs);
      this.planTurn();
    }
    return timer;
  }

  /** Somebody listens: when it runs, the story says where it was set. */
  private told(what: string, callback: () => void): () => void {
    const { kernel } = this;
    if (kernel.listener === undefined) return callback;
    const frames = this.frames();
    const where = frames.length === 0 ? '' : ` set at ${frames[0]}`;
    return () => {
      kernel.tell(
        'timer',
        this.name,
        () => `${what}${where}`,
        () => ({ frames }),
      );
      callback();
    };
  }

  /** Makes sure that a turn is pending, no later than the first thing that waits. */
  private planTurn(): void {
    if (this.turning || this.closed) return;
    const immediate = this.immediates[0];
    if (immediate !== undefined) {
      // In a whole process whatever runs may take long, so that timers come due in between.
      const lagNs = this.grainNs === 0 ? 0 : this.lagNs;
      this.postTurn(immediate, this.kernel.nowNs, Math.max(lagNs, IMMEDIATE_LAG_NS));
      return;
    }
    const { timers } = this;
    while (timers.next !== undefined && timers.next.first === undefined) timers.dropNext();
    const list = timers.next;
    if (list !== undefined) this.postTurn(list.first!, list.expiryNs, this.lagNs);
  }

  /** A turn has the identity of what it comes for, so that one more timer shifts no other's draws. */
  private postTurn(leader: Callback, dueNs: number, lagNs: number): void {
    if (this.turnSlot !== undefined && dueNs >= this.turnDueNs) return;
    this.withdrawTurn();
    const lo = childLo(leader.lo, TURN.hash, leader.led++);
    const hi = childHi(leader.hi, TURN.hash, lo);
    this.kernel.watcher?.made?.({ lo, hi, leader });
    const earliestNs = Math.max(dueNs, this.busyUntilNs);
    this.turnDueNs = dueNs;
    this.turnSlot = this.kernel.post(
      this,
      undefined,
      lo,
      hi,
      TURN,
      this.actor,
      leader.span,
      this.kernel.steps,
      { earliestNs, latestNs: earliestNs + lagNs, spread: 'uniform' },
    );
  }

  private withdrawTurn(): void {
    if (this.turnSlot === undefined) return;
    this.kernel.withdraw(this.turnSlot);
    this.turnSlot = undefined;
    this.turnDueNs = Infinity;
  }

  private beginTurn(): void {
    this.turns++;
    this.busyUntilNs = this.kernel.nowNs + TURN_NS_MIN;
    this.turning = true;
  }

  private endTurn(): void {
    this.turning = false;
    this.planTurn();
    this.afterTurn?.();
  }

  private runImmediates(): void {
    const waiting = this.immediates;
    if (waiting.length === 0) return;
    this.immediates = [];
    for (const immediate of waiting) {
      if (this.over) return;
      if (immediate.callback === undefined) continue;
      this.kernel.standing?.();
      if (this.over) return;
      this.call(immediate);
    }
  }

  private runTimers(): void {
    const { timers } = this;
    const { nowNs, standing } = this.kernel;
    let stood = standing === undefined;
    for (;;) {
      const list = timers.next;
      if (list === undefined || list.expiryNs > nowNs) return;
      const timer = list.first;
      if (timer === undefined) {
        timers.dropNext();
      } else if (timer.dueNs > nowNs || timer.turn === this.turns) {
        timers.expire(list, Math.max(timer.dueNs, nowNs + 1));
      } else if (!stood) {
        // Whoever is called may have changed what is due.
        stood = true;
        standing!();
      } else {
        stood = standing === undefined;
        list.take(timer);
        this.call(timer);
        if (this.over) return;
      }
    }
  }

  private call(entry: Callback): void {
    const callback = entry.callback;
    if (callback === undefined) return;
    entry.callback = undefined;
    const { kernel } = this;
    const { lo, hi, span, cause, site } = entry;
    kernel.enter(lo, hi, span, this.actor, cause, site);
    kernel.current = this.owner;
    try {
      callback();
    } catch (error) {
      kernel.uncaught(error);
    }
    kernel.settle();
  }

  private get over(): boolean {
    return this.closed || this.kernel.stopped;
  }
}
