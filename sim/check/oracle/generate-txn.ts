// Random histories of transactions, most of them with something wrong at some level.

import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import type { Random } from './random.ts';

export interface TxnShape {
  readonly txns: number;
  readonly sessions: number;
  readonly keys: number;
  readonly micros: number;
  /** One transaction in so many has an unknown outcome, or failed; 0 for none. */
  readonly lostOneIn: number;
  /** One micro-operation in so many reads by predicate; none when left out. */
  readonly predicateOneIn?: number;
}

/**
 * Registers: reads return any value that anybody writes to the key, or none. `tame` makes a
 * transaction mostly read what the ones before it wrote.
 */
export function registerTxns(shape: TxnShape, tame: boolean, random: Random): History {
  let value = 0;
  const drafts = draft(shape, random, (key) => ['w', key, ++value]);
  const written = (key: Plain, upTo: number) =>
    drafts
      .slice(0, upTo)
      .flatMap(({ micro }) =>
        micro.filter(([kind, k]) => kind === 'w' && k === key).map(([, , v]) => v!),
      );
  for (const [i, { micro }] of drafts.entries()) {
    const own = new Map<Plain, Plain>();
    for (const one of micro) {
      const [kind, key] = one as unknown as [string, Plain];
      const read = (k: Plain): Plain => {
        if (own.has(k) && !random.oneIn(20)) return own.get(k)!;
        const before = written(k, i);
        const any = written(k, drafts.length);
        return tame && !random.oneIn(3) ? (before.at(-1) ?? null) : random.pick([null, ...any]);
      };
      if (kind === 'w') own.set(key, one[2]!);
      else one[2] = kind === 'rp' ? foundBy(key, shape, read) : read(key);
    }
  }
  return historyOf(drafts, shape, random);
}

/** Lists: each key has a random order of its appends, and reads return a beginning of it. */
export function listTxns(shape: TxnShape, tame: boolean, random: Random): History {
  let value = 0;
  const drafts = draft(shape, random, (key) => ['append', key, ++value]);
  const orders = new Map<Plain, Plain[]>();
  for (const { micro } of drafts) {
    for (const [kind, key, element] of micro) {
      if (kind !== 'append') continue;
      const order = orders.get(key!) ?? [];
      orders.set(key!, order);
      const at = tame
        ? order.length - (random.oneIn(6) ? random.below(order.length + 1) : 0)
        : random.below(order.length + 1);
      order.splice(at, 0, element!);
    }
  }
  for (const { micro } of drafts) {
    for (const one of micro) {
      const read = (k: Plain): Plain => {
        const order = orders.get(k) ?? [];
        const own = micro
          .slice(0, micro.indexOf(one))
          .findLast(([kind, key]) => kind === 'append' && key === k);
        const length =
          own !== undefined && !random.oneIn(10)
            ? order.indexOf(own[2]!) + 1
            : random.below(order.length + 1);
        return order.slice(0, length);
      };
      if (one[0] === 'r') one[2] = read(one[1]!);
      if (one[0] === 'rp') one[2] = foundBy(one[1]!, shape, read);
    }
  }
  return historyOf(drafts, shape, random);
}

const KEYS = ['x', 'y', 'z'];

/** With what they are true of, spelled out. */
const PREDICATES: readonly { readonly predicate: Plain; readonly keys: readonly Plain[] }[] = [
  { predicate: null, keys: KEYS },
  { predicate: ['y', 'z'], keys: ['y', 'z'] },
  { predicate: { from: 'x', to: 'y' }, keys: ['x'] },
  { predicate: { from: 'y' }, keys: ['y', 'z'] },
  { predicate: { prefix: 'x' }, keys: ['x'] },
];

/** What a read by predicate finds if single reads return this; nothing and [] are not found. */
function foundBy(predicate: Plain, { keys }: TxnShape, read: (key: Plain) => Plain): Plain {
  return keysThat(predicate)
    .filter((key) => KEYS.indexOf(key as string) < keys)
    .map((key) => [key, read(key)])
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0));
}

/** The keys that one of the {@link PREDICATES} is true of. */
export function keysThat(predicate: Plain): readonly Plain[] {
  const printed = JSON.stringify(predicate);
  return PREDICATES.find((one) => JSON.stringify(one.predicate) === printed)!.keys;
}

interface Draft {
  readonly session: number;
  readonly micro: Plain[][];
}

function draft(
  { txns, sessions, keys, micros, predicateOneIn = 0 }: TxnShape,
  random: Random,
  write: (key: Plain) => Plain[],
): Draft[] {
  return Array.from({ length: txns }, () => ({
    session: random.below(sessions),
    micro: Array.from({ length: 1 + random.below(micros) }, () => {
      const key = KEYS[random.below(keys)]!;
      if (predicateOneIn > 0 && random.oneIn(predicateOneIn)) {
        return ['rp', random.pick(PREDICATES).predicate, null];
      }
      return random.oneIn(2) ? write(key) : ['r', key, null];
    }),
  }));
}

function historyOf(drafts: readonly Draft[], { lostOneIn }: TxnShape, random: Random): History {
  const busyUntil = new Map<number, number>();
  const operations = drafts.map(({ session, micro }, i): Operation => {
    const lost = lostOneIn > 0 && random.oneIn(lostOneIn);
    const outcome = lost ? random.pick(['unknown', 'fail'] as const) : 'ok';
    const called = Math.max(2 * i, busyUntil.get(session) ?? 0);
    const returned = called + 1 + random.below(8);
    busyUntil.set(session, returned + 1);
    return {
      process: `session-${session}`,
      name: 'txn',
      input: micro.map(([kind, key, value]) => [
        kind!,
        key!,
        kind === 'r' || kind === 'rp' ? null : value!,
      ]),
      outcome,
      output: outcome === 'ok' ? (micro as Plain) : undefined,
      called,
      returned: outcome === 'unknown' ? Infinity : returned,
    };
  });
  return operations.sort((a, b) => a.called - b.called);
}
