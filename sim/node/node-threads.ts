import { childHi, childLo } from '../choice/identity.ts';
import { hashName } from '../choice/mix.ts';
import { type Site, site } from '../choice/site.ts';
import type { NativeVerdict, ThreadBody, Threads } from '../env/threads.ts';
import { loadNative } from '../memory/pool.ts';
import type { Slot, Target } from '../sched/agenda.ts';
import { checkAlive, never } from '../sched/ended.ts';
import { outsideWorld } from '../sched/inside-world.ts';
import type { Kernel } from '../sched/kernel.ts';
import { Crew, type Place } from '../threads/crew.ts';
import { propertyOf } from '../threads/errors.ts';
import { runOnFibers } from '../threads/native-fibers.ts';
import { traced } from '../threads/operation.ts';
import { STEP_SITE, type ThreadState } from '../threads/thread.ts';
import { inLine, WAKE } from '../threads/wake.ts';
import { wordOf } from '../threads/words.ts';
import type { Incarnation } from './incarnation.ts';

const SPAWN: Site = site('thread.spawn');
const AGAIN: Site = site('thread.again');

/** How long a thread takes from one step to the next. */
const STEP_NS_MIN = 100;
const STEP_NS_MAX = 5_000;

/** `env.threads` of one incarnation: every step of a thread is one of the world. */
export class NodeThreads implements Threads, Target {
  private readonly incarnation: Incarnation;
  private readonly kernel: Kernel;
  /** Most programs have no threads: made when the first begins. */
  private crew: Crew | undefined;
  private readonly actors = new WeakMap<ThreadState, number>();
  private readonly slots = new Map<ThreadState, Slot>();
  /** How often the thread's next step was withdrawn. */
  private readonly withdrawals = new Map<ThreadState, number>();

  constructor(incarnation: Incarnation) {
    this.incarnation = incarnation;
    this.kernel = incarnation.node.world.kernel;
  }

  spawn<Result>(name: string, body: ThreadBody<Result>): Promise<Result> {
    if (!this.incarnation.alive) return never();
    this.crew ??= new Crew(this.place(), { races: 'reported' });
    return this.crew.spawn(name, body);
  }

  native(program: string): NativeVerdict {
    checkAlive(this.incarnation);
    outsideWorld(loadNative);
    return runOnFibers(program, this.kernel.choices);
  }

  /** Who waits for whom, when none of the node's threads can run. */
  stuck(): readonly string[] {
    return this.crew?.stuck() ?? [];
  }

  fire(thread: unknown): void {
    this.slots.delete(thread as ThreadState);
    this.withdrawals.delete(thread as ThreadState);
    if (!this.kernel.become(this.incarnation)) return;
    const step = (): void => this.crew!.step(thread as ThreadState);
    // Whoever listens wants to tell of the run, so it is worth knowing where steps are made.
    if (this.kernel.listener === undefined) step();
    else traced(step);
  }

  private place(): Place {
    const { incarnation, kernel } = this;
    const { node } = incarnation;
    return {
      enrol: (thread, creator) => this.enrol(thread, creator),
      post: (thread) => this.post(thread),
      withdraw: (thread) => this.withdraw(thread),
      taken: (thread, result) => {
        kernel.digest.mix(wordOf(result) ^ thread.a);
        kernel.digest.mix(wordOf(thread.value) ^ thread.b);
      },
      later: (callback) => incarnation.loop.defer(callback),
      chooseSleeper: (count) => kernel.choices.branch(WAKE, inLine(count)),
      violated: (error) => {
        const { message, details } = error;
        node.world.violate({ property: propertyOf(error), message, details }, [node]);
      },
      uncaught: (error) => incarnation.uncaught(error),
    };
  }

  private enrol(thread: ThreadState, creator: ThreadState | undefined): void {
    const { node } = this.incarnation;
    const name = thread.name!;
    this.actors.set(thread, node.world.newActor(`${node.name}/${name}`, node.name));
    if (creator !== undefined) {
      thread.rootLo = creator.childLo(name);
      thread.rootHi = creator.childHi(thread.rootLo);
      return;
    }
    const { choices } = this.kernel;
    const hash = SPAWN.hash ^ hashName(name);
    thread.rootLo = childLo(choices.asker.lo, hash, choices.ordinal(SPAWN));
    thread.rootHi = childHi(choices.asker.hi, hash, thread.rootLo);
  }

  private post(thread: ThreadState): void {
    const { kernel } = this;
    let { lo, hi } = thread;
    const withdrawals = this.withdrawals.get(thread);
    if (withdrawals !== undefined) {
      lo = childLo(lo, AGAIN.hash, withdrawals);
      hi = childHi(hi, AGAIN.hash, lo);
    }
    const actor = this.actors.get(thread)!;
    const { span } = kernel.choices;
    const window = {
      earliestNs: kernel.nowNs + STEP_NS_MIN,
      latestNs: kernel.nowNs + STEP_NS_MAX,
      spread: 'uniform',
    } as const;
    const { steps } = kernel;
    this.slots.set(
      thread,
      kernel.post(this, thread, lo, hi, STEP_SITE, actor, span, steps, window),
    );
  }

  private withdraw(thread: ThreadState): void {
    this.kernel.withdraw(this.slots.get(thread)!);
    this.slots.delete(thread);
    this.withdrawals.set(thread, (this.withdrawals.get(thread) ?? 0) + 1);
  }
}
