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
      if (kind === 'w') own.set(key, one[2]!);
      else if (own.has(key) && !random.oneIn(20)) one[2] = own.get(key)!;
      else {
        const before = written(key, i);
        const any = written(key, drafts.length);
        one[2] = tame && !random.oneIn(3) ? (before.at(-1) ?? null) : random.pick([null, ...any]);
      }
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
      if (one[0] !== 'r') continue;
      const order = orders.get(one[1]!) ?? [];
      const own = micro
        .slice(0, micro.indexOf(one))
        .findLast(([kind, key]) => kind === 'append' && key === one[1]);
      const length =
        own !== undefined && !random.oneIn(10)
          ? order.indexOf(own[2]!) + 1
          : random.below(order.length + 1);
      one[2] = order.slice(0, length);
    }
  }
  return historyOf(drafts, shape, random);
}

interface Draft {
  readonly session: number;
  readonly micro: Plain[][];
}

function draft(
  { txns, sessions, keys, micros }: TxnShape,
  random: Random,
  write: (key: Plain) => Plain[],
): Draft[] {
  return Array.from({ length: txns }, () => ({
    session: random.below(sessions),
    micro: Array.from({ length: 1 + random.below(micros) }, () => {
      const key = 'xyz'[random.below(keys)]!;
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
      input: micro.map(([kind, key, value]) => [kind!, key!, kind === 'r' ? null : value!]),
      outcome,
      output: outcome === 'ok' ? (micro as Plain) : undefined,
      called,
      returned: outcome === 'unknown' ? Infinity : returned,
    };
  });
  return operations.sort((a, b) => a.called - b.called);
}
