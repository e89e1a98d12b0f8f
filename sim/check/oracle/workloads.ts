// One workload for each model and each way of deciding it, for differential tests.

import type { Plain } from '../../env/net.ts';
import { counter } from '../linear/counter.ts';
import { kv } from '../linear/kv.ts';
import { log } from '../linear/log.ts';
import type { Model } from '../linear/model.ts';
import { multiRegister } from '../linear/multi-register.ts';
import { fencingLock, mutex } from '../linear/mutex.ts';
import { queue, stack } from '../linear/queue.ts';
import { casRegister, register } from '../linear/register.ts';
import { set } from '../linear/set.ts';
import type { Client } from './generate.ts';

export interface Workload {
  readonly name: string;
  readonly model: Model<never>;
  readonly client: Client;
  /** How at least one of its parts must have been decided. */
  readonly by: string;
}

function workload<State>(
  name: string,
  by: string,
  model: Model<State>,
  next: Client['next'],
  answers?: Client['answers'],
): Workload {
  const client: Client = answers === undefined ? { next } : { next, answers };
  return { name, by, model: model as Model as Model<never>, client };
}

const BOOLEANS: Client['answers'] = ({ name }) =>
  name === 'read' || name === 'contains' ? [undefined] : [true, false];
const READ = { name: 'read', input: null };

/** A model as users write them: neither names nor anything else but a step, and a Map for a state. */
const OWN_SET: Model<ReadonlyMap<Plain, true>> = {
  name: 'own-set',
  initial: new Map(),
  step: (state, { name, input }) =>
    name === 'contains'
      ? { state, output: state.has(input) }
      : { state: new Map(state).set(input, true), output: !state.has(input) },
};

export const WORKLOADS: readonly Workload[] = [
  workload('a model of one’s own', 'search', OWN_SET, (random) => ({
    name: random.pick(['add', 'contains']),
    input: random.below(3),
  })),
  workload('register, unique values', 'zones', register(), (random, ordinal) =>
    random.oneIn(2) ? { name: 'write', input: ordinal } : READ,
  ),
  workload('register, equal values', 'search', register({ initial: 0 }), (random) =>
    random.oneIn(2) ? { name: 'write', input: random.below(3) } : READ,
  ),
  workload('cas-register', 'search', casRegister(), (random) =>
    random.pick([
      READ,
      { name: 'write', input: random.below(3) },
      { name: 'cas', input: [random.below(3), random.below(3)] },
    ]),
  ),
  workload('kv, unique values', 'zones', kv(), (random, ordinal) =>
    random.oneIn(2)
      ? { name: 'put', input: { key: random.below(2), value: ordinal } }
      : { name: 'get', input: { key: random.below(2) } },
  ),
  workload('kv, append', 'search', kv({ initial: '' }), (random) => {
    const key = random.pick(['x', 'y']);
    const value = random.pick(['a', 'b']);
    return random.pick([
      { name: 'get', input: { key } },
      { name: 'get', input: { key } },
      { name: 'put', input: { key, value } },
      { name: 'append', input: { key, value } },
      { name: 'append', input: { key, value } },
    ]);
  }),
  workload('kv, cas and delete', 'search', kv(), (random) => {
    const key = random.pick(['x', 'y']);
    const [from, to] = [random.pick([null, 'a']), random.pick(['a', 'b'])];
    return random.pick([
      { name: 'get', input: { key } },
      { name: 'delete', input: { key } },
      { name: 'cas', input: { key, from, to } },
      { name: 'append', input: { key, value: 'b' } },
    ]);
  }),
  workload('multi-register', 'search', multiRegister({ initial: 0 }), (random) => {
    const value = random.below(3);
    const [readX, readY] = [
      ['r', 'x', null],
      ['r', 'y', null],
    ];
    const [writeX, writeY] = [
      ['w', 'x', value],
      ['w', 'y', value],
    ];
    const txns = [[readX], [readY], [readX, readY], [writeX, writeY], [readX, writeY], [writeX]];
    return { name: 'txn', input: random.pick(txns) as Plain };
  }),
  workload('counter', 'search', counter(), (random) =>
    random.pick([
      READ,
      { name: 'add', input: random.below(4) - 1 },
      { name: 'add-and-get', input: 1 },
    ]),
  ),
  workload(
    'set, unique elements',
    'points',
    set(),
    (random, ordinal) =>
      random.pick([
        { name: 'add', input: ordinal },
        { name: 'remove', input: random.below(ordinal + 1) },
        { name: 'contains', input: random.below(ordinal + 1) },
      ]),
    BOOLEANS,
  ),
  workload(
    'set, one element',
    'points',
    set(),
    (random) => ({ name: random.pick(['add', 'remove', 'contains', 'contains']), input: 'x' }),
    BOOLEANS,
  ),
  workload(
    'set, elements added again',
    'search',
    set(),
    (random) => ({ name: random.pick(['add', 'remove', 'contains']), input: random.below(2) }),
    BOOLEANS,
  ),
  workload('set, read whole', 'levels', set(), (random, ordinal) =>
    random.oneIn(2) ? { name: 'add', input: ordinal } : READ,
  ),
  workload('set, read whole and removed from', 'search', set(), (random) =>
    random.pick([
      READ,
      { name: 'add', input: random.below(3) },
      { name: 'remove', input: random.below(3) },
    ]),
  ),
  workload('queue, unique values', 'order', queue(), (random, ordinal) =>
    random.oneIn(2) ? { name: 'enqueue', input: ordinal } : { name: 'dequeue', input: null },
  ),
  workload('queue, equal values', 'search', queue(), (random) =>
    random.oneIn(2)
      ? { name: 'enqueue', input: random.below(2) }
      : { name: 'dequeue', input: null },
  ),
  workload('stack', 'search', stack(), (random, ordinal) =>
    random.oneIn(2) ? { name: 'push', input: ordinal % 4 } : { name: 'pop', input: null },
  ),
  workload('mutex', 'search', mutex(), (random) => ({
    name: random.pick(['acquire', 'release']),
    input: null,
  })),
  workload(
    'fencing-lock',
    'search',
    fencingLock(),
    (random) => ({ name: random.pick(['acquire', 'release']), input: null }),
    ({ name }, effects) => [name === 'acquire' ? effects : null],
  ),
  workload('log, equal entries', 'search', log(), (random, ordinal) =>
    random.oneIn(2) ? { name: 'append', input: ordinal % 3 } : READ,
  ),
  workload(
    'log, unique entries',
    'ranks',
    log(),
    (random, ordinal) =>
      random.pick([
        { name: 'append', input: ordinal },
        { name: 'append', input: ordinal },
        READ,
        { name: 'read', input: random.below(4) },
      ]),
    ({ name }) => (name === 'append' ? [null, 0, 1, 2, 3, 4, 5, 6, 7] : [undefined]),
  ),
  workload(
    'log, offsets of appends',
    'ranks',
    log(),
    (random, ordinal) =>
      random.pick([
        { name: 'append', input: ordinal },
        { name: 'read', input: random.below(4) },
      ]),
    ({ name }) => (name === 'append' ? [0, 1, 2, 3, 4, 5, 6, 7] : [undefined]),
  ),
  workload(
    'log, equal entries, with offsets',
    'search',
    log(),
    (random, ordinal) =>
      random.pick([
        { name: 'append', input: ordinal % 3 },
        READ,
        { name: 'read', input: random.below(3) },
      ]),
    ({ name }) => (name === 'append' ? [null, 0, 1, 2, 3, 4, 5, 6, 7] : [undefined]),
  ),
];
