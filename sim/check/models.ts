// The models that `groundhog check --model` knows, by name.

import type { Plain } from '../env/net.ts';
import { type History, HistoryError } from './history.ts';
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

export const MODELS: Readonly<Record<string, Check>> = {
  ...linearizability({
    register: ({ init = null }) => register({ initial: init }),
    'cas-register': ({ init = null }) => casRegister({ initial: init }),
    'multi-register': ({ init = null }) => multiRegister({ initial: init }),
    kv: ({ init = null }) => kv({ initial: init }),
    counter: ({ init }) => counter({ initial: numberIn(init ?? 0, 'counter') }),
    set: () => set(),
    queue: () => queue(),
    stack: () => stack(),
    mutex: () => mutex(),
    'fencing-lock': () => fencingLock(),
    log: () => log(),
  }),
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
function checkSequential(history: History, { init = null, stepsMax }: ModelParameters): Verdict {
  const limits = stepsMax === undefined ? {} : { stepsMax };
  const names = new Set(history.map(({ name }) => name));
  if (names.has('txn')) {
    const {
      ruledOut: _,
      counts: __,
      ...verdict
    } = isolation(history, 'session-ser', {
      initial: init,
      ...limits,
    });
    return { ...verdict, model: 'sequential' };
  }
  const objects: readonly (readonly [string, Model])[] = [
    ['get', kv({ initial: init }) as Model],
    ['put', kv({ initial: init }) as Model],
    ['enqueue', queue() as Model],
    ['push', stack() as Model],
    ['acquire', mutex() as Model],
    ['contains', set() as Model],
    ['remove', set() as Model],
    ['append', log() as Model],
    ['add', (readsLists(history) ? set() : counter()) as Model],
  ];
  const [, model] = objects.find(([name]) => names.has(name)) ?? ['', register({ initial: init })];
  return sequential(history, model as Model, limits);
}

function readsLists(history: History): boolean {
  return history.some(({ name, output }) => name === 'read' && Array.isArray(output));
}
