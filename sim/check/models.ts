// The models that `groundhog check --model` knows, by name.

import type { Plain } from '../env/net.ts';
import { type History, HistoryError, type Operation } from './history.ts';
import { type BankOptions, bank } from './invariant/bank.ts';
import { counterBounds } from './invariant/counter.ts';
import { longFork } from './invariant/long-fork.ts';
import { monotonic } from './invariant/monotonic.ts';
import { totalQueue, uniqueIds } from './invariant/queues.ts';
import { finalSet, setFull } from './invariant/sets.ts';
import { counter } from './linear/counter.ts';
import { kv } from './linear/kv.ts';
import {
  type LinearizabilityVerdict,
  type LinearizableOptions,
  linearizable,
} from './linear/linearizable.ts';
import { log } from './linear/log.ts';
import type { Model } from './linear/model.ts';
import { multiRegister } from './linear/multi-register.ts';
import { fencingLock, mutex } from './linear/mutex.ts';
import { queue, stack } from './linear/queue.ts';
import { casRegister, register } from './linear/register.ts';
import { set } from './linear/set.ts';
import { isList, isRecord } from './plain.ts';
import { convergence } from './session/convergence.ts';
import { GUARANTEES, sessionGuarantee } from './session/guarantees.ts';
import { sequential } from './session/sequential.ts';
import { LEVELS, type Sessions } from './txn/findings.ts';
import { type IsolationVerdict, isolation } from './txn/isolation.ts';
import type { Verdict } from './verdict.ts';

/** What the command line says about a model. */
export interface ModelParameters extends Pick<LinearizableOptions, 'partition' | 'stepsMax'> {
  /** The initial value; each model has its own default. */
  readonly init?: Plain;
  /** What all balances of a bank sum up to. */
  readonly total?: number;
  /** Whether an account of a bank may be overdrawn. */
  readonly negative?: BankOptions['negative'];
  /** What the format says of the order of sessions. */
  readonly sessions?: Sessions;
}

/** With what some checks say besides: which consistency models it is not, and where a search ended. */
export type Judged = Verdict &
  Partial<Pick<IsolationVerdict, 'ruledOut'> & Pick<LinearizabilityVerdict, 'failure'>>;

type Check = (history: History, parameters: ModelParameters) => Judged;

const OBJECT_MODELS: Readonly<Record<string, (parameters: ModelParameters) => Model>> = {
  register: ({ init = null }) => register({ initial: init }) as Model,
  'cas-register': ({ init = null }) => casRegister({ initial: init }) as Model,
  'multi-register': ({ init = null }) => multiRegister({ initial: init }) as Model,
  kv: ({ init = null }) => kv({ initial: init }) as Model,
  counter: ({ init }) => counter({ initial: numberIn(init ?? 0, 'counter') }) as Model,
  set: () => set() as Model,
  queue: () => queue() as Model,
  stack: () => stack() as Model,
  mutex: () => mutex() as Model,
  'fencing-lock': () => fencingLock() as Model,
  log: () => log() as Model,
};

/** The models of linearizability. */
export const OBJECTS: readonly string[] = Object.keys(OBJECT_MODELS);

export const MODELS: Readonly<Record<string, Check>> = {
  ...linearizability(OBJECT_MODELS),
  sequential: checkSequential,
  ...byName(
    GUARANTEES,
    (guarantee) =>
      (history, { init = null }) =>
        sessionGuarantee(history, guarantee, { initial: init }),
  ),
  ...byName(
    LEVELS,
    (level) =>
      (history, { init = null, sessions, stepsMax }) =>
        isolation(history, level, {
          initial: init,
          ...(sessions !== undefined && { sessions }),
          ...(stepsMax !== undefined && { stepsMax }),
        }),
  ),
  bank: (history, { total, negative }) =>
    bank(history, {
      ...(total !== undefined && { total }),
      ...(negative !== undefined && { negative }),
    }),
  'counter-bounds': (history, { init }) =>
    counterBounds(history, { initial: numberIn(init ?? 0, 'counter-bounds') }),
  'final-set': finalSet,
  'set-full': setFull,
  'long-fork': longFork,
  'unique-ids': uniqueIds,
  monotonic,
  'total-queue': totalQueue,
  convergence,
};

/** Checks of linearizability, one for each sequential object. */
function linearizability(
  models: Readonly<Record<string, (parameters: ModelParameters) => Model>>,
): Readonly<Record<string, Check>> {
  return Object.fromEntries(
    Object.entries(models).map(([name, model]) => [
      name,
      (history: History, parameters: ModelParameters) => {
        const { partition, stepsMax } = parameters;
        return linearizable(history, model(parameters), {
          ...(partition !== undefined && { partition }),
          ...(stepsMax !== undefined && { stepsMax }),
        });
      },
    ]),
  );
}

function byName<Name extends string>(
  names: readonly Name[],
  check: (name: Name) => Check,
): Readonly<Record<string, Check>> {
  return Object.fromEntries(names.map((name) => [name, check(name)]));
}

function numberIn(init: Plain, model: string): number {
  if (typeof init === 'number') return init;
  const message = `a ${model} starts from a number, not from ${JSON.stringify(init)}`;
  throw new HistoryError('bad-option', message);
}

/** Sequential consistency of whatever object has these operations. */
function checkSequential(history: History, parameters: ModelParameters): Verdict {
  const { init = null, stepsMax } = parameters;
  const limits = stepsMax === undefined ? {} : { stepsMax };
  if (history.some(({ name }) => name === 'txn')) {
    const options = { initial: init, ...limits };
    const { ruledOut: _, counts: __, ...verdict } = isolation(history, 'session-ser', options);
    return { ...verdict, model: 'sequential' };
  }
  return sequential(history, OBJECT_MODELS[objectOf(history)]!(parameters), limits);
}

/** The object that has these operations, by their names, or else by what they take and return. */
function objectOf(history: History): string {
  const names = new Set(history.map(({ name }) => name));
  for (const [object, known] of NAMED) if (known.some((name) => names.has(name))) return object;
  const is = (called: string, fits: (operation: Operation) => boolean) =>
    history.some((operation) => operation.name === called && fits(operation));
  if (names.has('acquire') || names.has('release')) {
    return is('acquire', ({ output }) => typeof output === 'number') ? 'fencing-lock' : 'mutex';
  }
  if (is('append', ({ input }) => isRecord(input)) || is('cas', ({ input }) => isRecord(input))) {
    return 'kv';
  }
  if (names.has('append')) return 'log';
  if (!names.has('add')) return 'register';
  const ofElements =
    is('add', ({ input }) => typeof input !== 'number') ||
    is('read', ({ output }) => isList(output));
  return ofElements ? 'set' : 'counter';
}

/** Operations that only one object has. */
const NAMED: readonly (readonly [object: string, names: readonly string[]])[] = [
  ['kv', ['get', 'put', 'delete']],
  ['queue', ['enqueue', 'dequeue']],
  ['stack', ['push', 'pop']],
  ['set', ['contains', 'remove']],
  ['counter', ['add-and-get']],
];
