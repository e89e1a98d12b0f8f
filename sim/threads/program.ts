import { childHi, childLo, rootIdentity } from '../choice/identity.ts';
import { hashName } from '../choice/mix.ts';
import { type Site, site } from '../choice/site.ts';
import type { ThreadStep } from '../env/threads.ts';
import type { Steps } from './body.ts';

/**
 * What a thread does: a generator function over the state, which yields one step for each access to
 * what is shared. `index` counts equal threads, from 0.
 */
export type Body<State> = (
  state: State,
  index: number,
  // biome-ignore lint/suspicious/noExplicitAny: a plain `yield` takes the result of whatever step it made.
) => Generator<ThreadStep<unknown>, unknown, any>;

export interface ThreadsOptions<State> {
  readonly name: string;
  /** The state of one execution, with all that its threads share; made anew for each. */
  readonly setup: () => State;
  /**
   * The threads, by name. All are there when the execution begins; others are made by `spawn`, so a
   * program that begins with a main thread declares that one alone.
   */
  readonly threads: Readonly<Record<string, Body<State> | Several<State>>>;
  /** Called when all threads have ended; throws when something is wrong. */
  readonly check?: (state: State) => void;
}

/** Equal threads, named `worker-1`, `worker-2`, …. */
export interface Several<State> {
  readonly count: number;
  readonly body: Body<State>;
}

/** A program of threads; see {@link threads}. */
export interface ThreadsProgram<State> {
  readonly name: string;
  readonly setup: () => State;
  readonly threads: readonly DeclaredThread<State>[];
  /** A method, and `body` too, so that a program of any state is a `ThreadsProgram<unknown>`. */
  check(state: State): void;
}

/** A thread that is there when an execution begins. */
export interface DeclaredThread<State> {
  readonly name: string;
  /** Its identity. */
  readonly lo: number;
  readonly hi: number;
  body(state: State): Steps;
}

const made = new WeakSet<object>();

/** Whether {@link threads} has made it. */
export function isThreadsProgram(value: unknown): value is ThreadsProgram<unknown> {
  return typeof value === 'object' && value !== null && made.has(value);
}

const DECLARED: Site = site('threads.declared');
const ROOT = rootIdentity('threads', 0);

/**
 * Declares a program of threads, to be run under many schedules: by `exploreThreads`, or, exported from
 * a `*.sim.ts` file, by `groundhog run` as any scenario.
 *
 * @throws RangeError when it has no thread.
 */
export function threads<State>(options: ThreadsOptions<State>): ThreadsProgram<State> {
  const { name, setup, check = () => {} } = options;
  const declared = Object.entries(options.threads).flatMap(([group, threads]) =>
    typeof threads === 'function'
      ? [declare(group, group, threads, 0)]
      : Array.from({ length: threads.count }, (_, index) =>
          declare(group, `${group}-${index + 1}`, threads.body, index),
        ),
  );
  if (declared.length === 0) throw new RangeError(`'${name}' has no thread`);
  const program = { name, setup, threads: declared, check };
  made.add(program);
  return program;
}

function declare<State>(
  group: string,
  name: string,
  body: Body<State>,
  index: number,
): DeclaredThread<State> {
  const hash = DECLARED.hash ^ hashName(group);
  const lo = childLo(ROOT.lo, hash, index);
  return { name, lo, hi: childHi(ROOT.hi, hash, lo), body: (state) => body(state, index) };
}
