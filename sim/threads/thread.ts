import { childHi, childLo } from '../choice/identity.ts';
import { hashName } from '../choice/mix.ts';
import { type Site, site } from '../choice/site.ts';
import type { ThreadStep } from '../env/threads.ts';
import type { Steps } from './body.ts';
import { ThreadsError } from './errors.ts';
import type { Host } from './host.ts';
import {
  dropBody,
  endBody,
  enterBody,
  GOES_ON,
  type Home,
  leaveBody,
  made,
  make,
  Nothing,
  nameOf,
  type Operation,
  SharedObject,
} from './operation.ts';
import { JOIN } from './semantics.ts';
import type { Thread } from './shared.ts';

export const STEP_SITE: Site = site('thread.step');
const SPAWN_SITE = site('thread.spawn');

/** A thread: its body, and the step that it takes next. Others join on it as on any object. */
export class ThreadState extends SharedObject implements Thread<unknown> {
  /** Its actor number among the threads it runs with: the order of their making, from 0. */
  readonly index: number;
  steps: Steps | undefined = undefined;
  ended = false;
  result: unknown = undefined;
  /** What it has thrown; who joins on it throws that too. */
  failure: { readonly error: unknown } | undefined = undefined;
  /** Threads it has made. */
  children = 0;
  /** Steps it has come to. */
  ordinal = 0;
  /** Identity of the thread, from which those of its steps derive. */
  rootLo = 0;
  rootHi = 0;

  /** The next step: what it is, on what, and with which arguments. */
  operation: Operation | undefined = undefined;
  object: SharedObject | undefined = undefined;
  a = 0;
  b = 0;
  value: unknown = undefined;
  /** Its identity. */
  lo = 0;
  hi = 0;
  /** Where it was made, if stacks are kept. */
  stack: string | undefined = undefined;

  /** Sleeps on a condition until it is signalled. */
  asleep = false;
  /** `Host.changes` when it came to its pause. */
  pausedAt = 0;
  /** Its place among those that can run, or -1. */
  row = -1;

  constructor(index: number) {
    super(undefined, undefined);
    this.index = index;
    this.number = numberOfThread(index);
  }

  get kind(): string {
    return 'thread';
  }

  join(): ThreadStep<unknown> {
    return make(this, JOIN, 0, 0);
  }

  /** Makes it a new thread, in place of what it was in an earlier execution. */
  reset(home: Home, name: string, rootLo: number, rootHi: number): void {
    this.home = home;
    this.name = name;
    this.rootLo = rootLo;
    this.rootHi = rootHi;
    this.steps = undefined;
    this.ended = false;
    this.result = undefined;
    this.failure = undefined;
    this.children = 0;
    this.ordinal = 0;
    this.asleep = false;
    this.row = -1;
    this.interested = 0;
    this.clock = 0;
  }

  /** As {@link resume}, after a step that may be followed by one that its body has not made. */
  goOn(result: unknown): boolean {
    if (result !== GOES_ON) return this.resume(result);
    this.identify();
    return true;
  }

  /**
   * Runs the body to its next step; false when it has ended instead. Throws what the body throws,
   * and a ThreadsError when it does not yield a step.
   */
  resume(result: unknown): boolean {
    enterBody();
    let turn: IteratorResult<ThreadStep<unknown>, unknown>;
    try {
      turn = this.steps!.next(result);
    } catch (error) {
      dropBody();
      throw error;
    }
    if (turn.done) {
      endBody();
      this.ended = true;
      this.result = turn.value;
      this.steps = undefined;
      return false;
    }
    leaveBody(turn.value);
    const object = made.object!;
    this.operation = made.operation;
    this.object = object;
    this.a = made.a;
    this.b = made.b;
    this.value = made.value;
    this.stack = made.stack;
    if (object.home !== this.home) this.adopt(object);
    this.identify();
    return true;
  }

  /** It has come to a step that it can take now. */
  canRun(host: Host): boolean {
    const { ready } = this.operation!;
    return ready === undefined || ready(this, host);
  }

  /** Gives the step it has come to its identity. */
  identify(): void {
    this.lo = childLo(this.rootLo, STEP_SITE.hash, this.ordinal++);
    this.hi = childHi(this.rootHi, STEP_SITE.hash, this.lo);
  }

  /** The low lane of the identity of a thread of this name that it makes now. */
  childLo(name: string): number {
    return childLo(this.rootLo, SPAWN_SITE.hash ^ hashName(name), this.children++);
  }

  childHi(lo: number): number {
    return childHi(this.rootHi, SPAWN_SITE.hash, lo);
  }

  private adopt(object: SharedObject): void {
    if (object instanceof Nothing) return;
    // While an execution of the engine runs, `made.home` is its home: what has none is older.
    if (object.home === undefined && made.home === undefined) {
      object.home = this.home;
      object.number = ++this.home!.objects;
      return;
    }
    const name = nameOf(object);
    throw new ThreadsError(
      'foreign',
      made.home === undefined
        ? `${name} belongs to another node or process: make one in each`
        : `${name} belongs to another execution: make it in setup(), or in the body of a thread`,
    );
  }
}

/** Threads have object numbers below -1, so that a strategy can tell whom a step started. */
function numberOfThread(index: number): number {
  return -2 - index;
}
