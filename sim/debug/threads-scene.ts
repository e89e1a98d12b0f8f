/** A program of threads that stands still: what they share, and who waits for whom. */
import { runInThisContext } from 'node:vm';
import type { Sight } from '../node/loader/sight.ts';
import type { ThreadsEngine } from '../threads/engine.ts';
import {
  SharedCell,
  SharedCondition,
  SharedMutex,
  SharedPlain,
  SharedSemaphore,
} from '../threads/objects.ts';
import { Nothing, nameOf, SharedObject } from '../threads/operation.ts';
import { placeOf } from '../threads/stack.ts';
import { callOf } from '../threads/story.ts';
import { ThreadState } from '../threads/thread.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { DebugError } from './debug-error.ts';
import type { Scene, Shown, Values } from './scene.ts';
import { BRIEF, textOf } from './value-text.ts';

export interface ThreadsState {
  /** Cells, locks and all else in the state of the program, by their places in it. */
  readonly shared: Values;
  readonly threads: readonly ThreadShown[];
}

export interface ThreadShown {
  readonly thread: string;
  readonly is: 'ready' | 'waiting' | 'failed' | 'ended';
  /** Its next step, or what it waits for. */
  readonly text: string;
  /** The thread whose step alone can end the waiting. */
  readonly waitsFor: string | undefined;
}

/** Objects within objects of the state that are looked through. */
const DEPTH = 4;

export class ThreadsScene<State> implements Scene {
  private readonly engine: ThreadsEngine<State>;
  private scope: { readonly state: unknown; readonly sight: Sight } | undefined;

  constructor(engine: ThreadsEngine<State>) {
    this.engine = engine;
  }

  show(name?: string): Shown {
    const { state, threads } = this.engine.standing;
    const all = {
      shared: this.shared(state, threads),
      threads: threads.map((thread) => this.shown(thread)),
    };
    if (name === undefined) return { is: 'threads', ...all };
    const shared = all.shared.filter((each) => each.name === name);
    const shown = all.threads.filter(({ thread }) => thread === name);
    if (shared.length + shown.length > 0) return { is: 'threads', shared, threads: shown };
    const names = [
      ...all.shared.map((each) => each.name),
      ...all.threads.map((each) => each.thread),
    ];
    const hint = didYouMean(name, names) || `; there are: ${names.join(', ')}`;
    throw new DebugError('no-such', `nothing is named '${name}'${hint}`);
  }

  sight(): Sight {
    const { state } = this.engine.standing;
    if (this.scope === undefined || this.scope.state !== state) {
      this.scope = { state, sight: sightOn(state) };
    }
    return this.scope.sight;
  }

  inside<Result>(_name: string, work: () => Result): Result {
    return this.engine.edit(work);
  }

  view(value: unknown): unknown {
    return viewed(value, DEPTH);
  }

  deaf(): undefined {
    return undefined;
  }

  private shown(thread: ThreadState): ThreadShown {
    const { engine } = this;
    const { operation } = thread;
    const of = { thread: nameOf(thread), waitsFor: undefined };
    if (thread.ended) return { ...of, is: 'ended', text: 'has ended' };
    if (operation === undefined) return { ...of, is: 'ready', text: 'has not begun' };
    if (!thread.canRun(engine)) {
      const blocker = operation.waitsFor?.(thread);
      const text = operation.waiting?.(thread) ?? 'pauses until something changes';
      return { ...of, is: 'waiting', text, waitsFor: blocker && nameOf(blocker) };
    }
    if (thread === engine.standing.failed) {
      return { ...of, is: 'failed', text: `has failed after ${callOf(thread)}` };
    }
    const place = thread.stack === undefined ? '' : `, ${placeOf(thread.stack)}`;
    return { ...of, is: 'ready', text: `comes to ${callOf(thread)}${place}` };
  }

  /** What is in the state, and of what is not, all that a thread comes to. */
  private shared(state: unknown, threads: readonly ThreadState[]): Values {
    const shared: { name: string; text: string }[] = [];
    const seen = new Set<unknown>();
    const walk = (value: unknown, path: string, depth: number): void => {
      if (value instanceof SharedObject) {
        if (seen.has(value)) return;
        seen.add(value);
        shared.push({ name: path, text: holding(value) });
      } else if (depth > 0 && holdsShared(value, depth - 1)) {
        if (seen.has(value)) return;
        seen.add(value);
        for (const [key, part] of Object.entries(value)) {
          const step = Array.isArray(value) ? `[${key}]` : path === '' ? key : `.${key}`;
          walk(part, `${path}${step}`, depth - 1);
        }
      } else if (typeof value !== 'function') {
        shared.push({ name: path, text: textOf(value, BRIEF) });
      }
    };
    if (typeof state === 'object' && state !== null) {
      for (const [key, value] of Object.entries(state)) walk(value, key, DEPTH);
    }
    for (const { ended, object } of threads) {
      const isOwn = !ended && object !== undefined && !(object instanceof ThreadState);
      if (isOwn && !(object instanceof Nothing)) walk(object, nameOf(object), DEPTH);
    }
    return shared;
  }
}

function holdsShared(value: unknown, depth: number): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(
    (part) => part instanceof SharedObject || (depth > 0 && holdsShared(part, depth - 1)),
  );
}

/** What it holds, or who holds it, in words. */
function holding(object: SharedObject): string {
  if (object instanceof SharedMutex) {
    const { holder } = object;
    return holder === undefined ? 'free' : `held by ${nameOf(holder)}`;
  }
  if (object instanceof SharedCondition) {
    const sleepers = object.sleepers.map(nameOf);
    return sleepers.length === 0 ? 'nobody waits' : `${sleepers.join(', ')} wait`;
  }
  if (object instanceof SharedSemaphore) return `${object.permits} permits`;
  if (object instanceof ThreadState) return object.ended ? 'ended' : 'runs';
  return textOf(viewed(object, DEPTH), BRIEF);
}

/** With what shared objects hold in their place. */
function viewed(value: unknown, depth: number): unknown {
  if (value instanceof SharedCell) return value.value;
  if (value instanceof SharedPlain) return viewed(value.value, depth - 1);
  if (value instanceof SharedObject) return holding(value);
  if (depth === 0 || !holdsShared(value, depth - 1)) return value;
  if (Array.isArray(value)) return value.map((part) => viewed(part, depth - 1));
  const parts = Object.entries(value).map(([key, part]) => [key, viewed(part, depth - 1)]);
  return Object.fromEntries(parts);
}

/**
 * The properties of the state as variables, and `state` itself. What is shared is not replaced by
 * an assignment: `balance.value = 3` sets what it holds.
 */
function sightOn(state: unknown): Sight {
  const properties = typeof state === 'object' && state !== null ? state : {};
  const scope = new Proxy(properties, {
    set(target, key, value) {
      const now: unknown = Reflect.get(target, key);
      if (now instanceof SharedObject) {
        const name = String(key);
        const hint = 'value' in now ? `: write ${name}.value = …` : '';
        throw new TypeError(`${name} is a ${now.kind}, and is not replaced${hint}`);
      }
      return Reflect.set(target, key, value);
    },
  });
  const evaluator = runInThisContext(SCOPED, { filename: 'groundhog:state' }) as Scoped;
  return { evaluate: evaluator(scope, state), names: Object.keys(properties) };
}

type Scoped = (scope: object, state: unknown) => Sight['evaluate'];

/** The text to evaluate has no name that could hide one of the program's. */
const SCOPED =
  '(function (scope, state) { with (scope) { return function () { return eval(arguments[0]); } } })';
