/**
 * How a body hands a step to its driver, with no allocation on the way:
 *
 *     body      yield counter.add(1)
 *                     │ the method writes the operation into `made` and returns the counter
 *     driver    generator.next() gave the counter: the operation is read from `made` at once
 *
 * Module state, since whoever makes a step cannot know who will run it. It is consistent because
 * one body runs at a time, and only while its driver waits for `next` to return.
 */
import type { ThreadStep } from '../env/threads.ts';
import type { Clocks } from './clocks.ts';
import { ThreadsError } from './errors.ts';
import type { Host } from './host.ts';
import { framesBelow } from './stack.ts';
import type { ThreadState } from './thread.ts';

/** What one kind of step does. All of them stand in semantics.ts. */
export interface Operation {
  /** As the body wrote it: `add`, `lock`. */
  readonly name: string;
  /** Which of the thread's `a`, `b` and `value` the caller has given. */
  readonly given: 'none' | 'a' | 'ab' | 'value';
  /**
   * Whether other threads may run before it: false for plain data, which runs together with the step
   * before. Where nothing orders two accesses the race is an error in whatever order they ran, and
   * where something does, that decides their order (CHESS: Musuvathi et al., OSDI 2008, section 3).
   */
  readonly switches: boolean;
  /**
   * What it does with its object, as strategies are told. Two steps that do not change an object
   * commute.
   */
  readonly access: number;
  /** Runs when the step becomes its thread's next one. Throws when it can never be right. */
  readonly begin: ((thread: ThreadState, host: Host) => void) | undefined;
  /** Whether the step can run now; undefined when it always can. */
  readonly ready: ((thread: ThreadState, host: Host) => boolean) | undefined;
  /** Whose step alone can end the waiting, if it comes down to one thread. */
  readonly waitsFor: ((thread: ThreadState) => ThreadState | undefined) | undefined;
  /** What it waits for, in words; of those that may have to wait. */
  readonly waiting: ((thread: ThreadState) => string) | undefined;
  /** The step itself: its result, or {@link GOES_ON}. */
  readonly perform: (thread: ThreadState, host: Host) => unknown;
  /** What it orders between threads. Runs after it, and only where races are looked for. */
  readonly order: ((thread: ThreadState, clocks: Clocks, result: unknown) => void) | undefined;
}

/** In place of a result: the body is not resumed, its thread has a further step to take. */
export const GOES_ON: unique symbol = Symbol('goes on');

/** No body runs: an operation made now belongs to no thread. */
const OUTSIDE = 0;
/** A body runs, and has made no operation since it was resumed. */
const READY = 1;
/** As `READY`, and the next operation is to keep the stack it is made on. */
const READY_TRACED = 2;
/** An operation waits in `made` to be yielded. */
const MADE = 3;

/** The operation that the running body made last. */
export const made: {
  state: number;
  operation: Operation | undefined;
  object: SharedObject | undefined;
  a: number;
  b: number;
  value: unknown;
  stack: string | undefined;
  /** Keep the stack of every operation. */
  tracing: boolean;
  /** What objects made now belong to; undefined where their first use decides. */
  home: Home | undefined;
  /** Values may be set from outside, by a debugger; and how often that was done. */
  editing: boolean;
  edits: number;
} = {
  state: OUTSIDE,
  operation: undefined,
  object: undefined,
  a: 0,
  b: 0,
  value: undefined,
  stack: undefined,
  tracing: false,
  home: undefined,
  editing: false,
  edits: 0,
};

/** A set of threads that share objects with each other and with nobody else. */
export class Home {
  /** Objects so far. */
  objects = 0;
  /** Some of them are plain data. */
  plain = false;
  /** Where objects without a name may have one as properties. */
  state: unknown = undefined;
}

/**
 * Anything that a step can touch, and the token of that step. As the iterator of a `yield*` it hands
 * out itself once and then returns what it is resumed with; it needs no state for that, since it is
 * asked for the first time exactly while its operation waits in `made`.
 */
export abstract class SharedObject {
  name: string | undefined;
  /** Its number within its home, from 1. */
  number = 0;
  home: Home | undefined;
  /** Threads whose next step is on it and may have to wait. */
  interested = 0;
  /** The place of its vector clock, see clocks.ts; 0 for none. */
  clock = 0;
  private step: IteratorYieldResult<ThreadStep<unknown>> | undefined = undefined;

  constructor(name: string | undefined, home: Home | undefined) {
    this.name = name;
    this.home = home;
    if (home !== undefined) this.number = ++home.objects;
  }

  /** What reports call it if it has no name: `cell`. */
  abstract get kind(): string;

  [Symbol.iterator](): this {
    return this;
  }

  next(result: unknown): IteratorResult<ThreadStep<unknown>, unknown> {
    if (made.state === MADE && made.object === this) {
      return (this.step ??= { value: this as unknown as ThreadStep<unknown>, done: false });
    }
    returned.value = result;
    return returned;
  }
}

/** The token of a step that touches no object of its home; its number says 0, or what it is. */
export class Nothing extends SharedObject {
  constructor(number: number = 0) {
    super(undefined, undefined);
    this.number = number;
  }

  get kind(): string {
    return 'nothing';
  }
}

/** One for all: `yield*` reads it before anything else can happen. */
const returned: IteratorReturnResult<unknown> = { value: undefined, done: true };

/** Notes a step of the running body and returns its token. */
export function make<Result>(
  object: SharedObject,
  operation: Operation,
  a: number,
  b: number,
): ThreadStep<Result> {
  if (made.state !== READY) makeWithCare(object, operation);
  made.state = MADE;
  made.operation = operation;
  made.object = object;
  made.a = a;
  made.b = b;
  made.value = undefined;
  return object as unknown as ThreadStep<Result>;
}

/** Runs `work` so that every step keeps the stack it is made on. */
export function traced<Result>(work: () => Result): Result {
  made.tracing = true;
  try {
    return work();
  } finally {
    made.tracing = false;
    made.stack = undefined;
  }
}

/** A body is about to run. */
export function enterBody(): void {
  made.state = made.tracing ? READY_TRACED : READY;
}

/**
 * A body has yielded `token`, or ended, and no longer runs.
 *
 * @throws ThreadsError unless it has made a step and yielded it.
 */
export function leaveBody(token: unknown): void {
  const { state } = made;
  made.state = OUTSIDE;
  if (state === MADE && token === made.object) return;
  if (state === MADE) throw notYielded();
  throw new ThreadsError(
    'not-a-step',
    token instanceof SharedObject
      ? 'a step was yielded for the second time: each yield takes a new one'
      : `${String(token)} was yielded, which is no step: yield what the shared objects return`,
  );
}

/** @throws ThreadsError when a body has ended with a step that it made and did not yield. */
export function endBody(): void {
  const { state } = made;
  made.state = OUTSIDE;
  if (state === MADE) throw notYielded();
}

/** A body has thrown. */
export function dropBody(): void {
  made.state = OUTSIDE;
}

/** The object as reports name it: its name, its place in the state, or its kind and number. */
export function nameOf(object: SharedObject): string {
  return object.name ?? placeIn(object.home?.state, object) ?? `${object.kind} ${object.number}`;
}

/** As a property of the state, or one level below that: `forks[2]`. */
function placeIn(state: unknown, object: SharedObject): string | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  for (const [key, value] of Object.entries(state)) {
    if (value === object) return key;
    if (typeof value !== 'object' || value === null || value instanceof SharedObject) continue;
    const below = Object.entries(value).find(([, element]) => element === object)?.[0];
    if (below !== undefined) return Array.isArray(value) ? `${key}[${below}]` : `${key}.${below}`;
  }
  return undefined;
}

/** Call before a value is set from outside. @throws ThreadsError unless a debugger does. */
export function beginEdit(object: SharedObject, operation: string): void {
  if (made.editing) {
    made.edits++;
    return;
  }
  const name = nameOf(object);
  const instead = `a thread writes it: yield ${name}.${operation}(…)`;
  throw new ThreadsError('outside', `${name}.value was set, which is only for reading; ${instead}`);
}

/** The call as its author knows it: `balance.add()`. */
function callOf(object: SharedObject, operation: Operation): string {
  const { name } = operation;
  return object instanceof Nothing ? `${name}()` : `${nameOf(object)}.${name}()`;
}

/** Out of `make`, so that the usual case stays small. */
function makeWithCare(object: SharedObject, operation: Operation): void {
  if (made.state === OUTSIDE) {
    const call = callOf(object, operation);
    throw new ThreadsError('outside', `${call} was called where no thread runs`);
  }
  if (made.state === MADE) {
    made.state = READY;
    throw notYielded();
  }
  made.stack = framesBelow(make);
}

function notYielded(): ThreadsError {
  const call = callOf(made.object!, made.operation!);
  return new ThreadsError('not-yielded', `${call} was not yielded: write 'yield ${call}'`);
}
