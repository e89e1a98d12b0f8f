// The oracle for weak levels of append-only lists: tries every order of commits, by the definitions.
//
// A transaction's appends to a key go, all together, behind those of the transactions that committed
// before it. A read has the appends of some first writers of its key, in full, and then its own
// transaction's earlier ones; it reads from each of those writers. What a level asks for besides is
// the axiom of Biswas and Enea: of the writers of a key that were visible to the reader, none
// committed after the last one that it read from.

import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { samePlain } from '../plain.ts';
import type { Sessions } from '../txn/findings.ts';
import { closure, singleReads } from './exhaustive-txn.ts';

type Micro = readonly [kind: 'r' | 'append' | 'rp', key: Plain, value: Plain];

interface Txn {
  readonly index: number;
  readonly process: string;
  readonly required: boolean;
  readonly micro: readonly Micro[];
}

interface Read {
  readonly reader: Txn;
  readonly key: Plain;
  readonly list: readonly Plain[];
  /** What the reader itself had appended to the key before. */
  readonly own: readonly Plain[];
}

export type WeakListLevel = 'rc' | 'ra' | 'causal';

/** Exponential in the number of transactions. */
export function weakListsByBruteForce(
  history: History,
  level: WeakListLevel,
  sessions: Sessions,
): boolean {
  const txns = history.flatMap(({ process, input, output, outcome }, index): Txn[] => {
    if (outcome === 'fail') return [];
    const required = outcome === 'ok';
    return [{ index, process, required, micro: (required ? output : input) as unknown as Micro[] }];
  });
  const reads = txns.filter(({ required }) => required).flatMap(readsOf);
  const isSeen = (txn: Txn) =>
    reads.some(({ key, list }) => appends(txn, key).some((element) => has(list, element)));
  const visible = txns.filter((txn) => txn.required || isSeen(txn));
  const so = (a: Txn, b: Txn) =>
    (sessions === 'ordered' || level === 'causal') &&
    a.required &&
    a.process === b.process &&
    a.index < b.index;
  const wr = (a: Txn, b: Txn) =>
    a !== b &&
    reads.some(
      ({ reader, key, list }) =>
        reader === b && appends(a, key).some((element) => has(list, element)),
    );
  const happened = closure(visible, (a, b) => so(a, b) || wr(a, b));
  const sees = (b: Txn, a: Txn) => {
    if (level === 'rc') return false;
    return level === 'ra' ? so(a, b) || wr(a, b) : happened(a, b);
  };
  return orders(visible, (a, b) => so(a, b) || wr(a, b)).some((order) =>
    reads.every((read) => fits(read, order, sees)),
  );
}

function readsOf(reader: Txn): Read[] {
  return reader.micro.flatMap(([kind, key, value], at) => {
    if (kind === 'append') return [];
    const earlier = { ...reader, micro: reader.micro.slice(0, at) };
    const reads = kind === 'rp' ? singleReads(key, value) : [[key, value] as const];
    return reads.map(([of, list]) => ({
      reader,
      key: of,
      list: (list ?? []) as readonly Plain[],
      own: appends(earlier, of),
    }));
  });
}

function appends({ micro }: Txn, key: Plain): readonly Plain[] {
  return micro
    .filter(([kind, other]) => kind === 'append' && samePlain(other, key))
    .map(([, , element]) => element);
}

function has(list: readonly Plain[], element: Plain): boolean {
  return list.some((other) => samePlain(other, element));
}

function fits(
  { reader, key, list, own }: Read,
  order: readonly Txn[],
  sees: (reader: Txn, writer: Txn) => boolean,
): boolean {
  const writers = order.filter((txn) => txn !== reader && appends(txn, key).length > 0);
  const before = writers.filter((txn) => order.indexOf(txn) < order.indexOf(reader));
  // Own appends stand behind everything that committed before.
  const counts = own.length > 0 ? [before.length] : [...before.keys(), before.length];
  return counts.some((count) => {
    const expected = [...before.slice(0, count).flatMap((txn) => appends(txn, key)), ...own];
    if (expected.length !== list.length || !expected.every((e, i) => samePlain(e, list[i]!)))
      return false;
    const later = writers.slice(count);
    return own.length > 0 || !later.some((txn) => sees(reader, txn));
  });
}

/** Every order of the transactions that keeps `before`. */
function orders(left: readonly Txn[], before: (a: Txn, b: Txn) => boolean): (readonly Txn[])[] {
  if (left.length === 0) return [[]];
  return left.flatMap((next) => {
    const others = left.filter((other) => other !== next);
    if (others.some((other) => before(other, next))) return [];
    return orders(others, before).map((rest) => [next, ...rest]);
  });
}
