// Reads by predicate: a scan says which keys of a set it found, and so which it did not find.
//
//   ['rp', predicate, [[key, value], …]]      what a predicate is
//
//   null                    every key
//   [key, …]                these keys
//   { prefix: 'acct/' }     texts that begin so
//   { from: 1, to: 9 }      numbers, or texts, from the first up to but not including the last;
//                           one of the two may be left out
//
// Keys that were found are read like any other. Of all other keys of the history that satisfy the
// predicate the scan saw the version before the first write, for nothing is ever deleted; these reads
// are marked, as their antidependencies are those of phantoms. Predicates are over keys, for of a
// predicate over values nobody reports the versions that did not satisfy it.
//
// Source: Adya 1999, section 3.1, where the version set of a predicate has unborn versions as well.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { isList, isRecord, type Key, keyOf, print } from '../plain.ts';

const PREDICATE_READ = 'rp';

/** A read by predicate as it was recorded. */
export interface PredicateRead {
  readonly predicate: Plain;
  readonly found: Plain;
}

/** A read of one key that stands for a part of a read by predicate. */
export interface PredicateRow {
  readonly read: PredicateRead;
  /** Whether the key satisfies the predicate and was not found. */
  readonly absent: boolean;
}

/** Micro-operations of every transaction, reads by predicate replaced by reads of keys. */
export interface Expanded {
  readonly lists: readonly (readonly Plain[])[];
  /** By transaction, and then by place in its list. */
  readonly rows: ReadonlyMap<number, ReadonlyMap<number, PredicateRow>>;
}

/**
 * `isSeen` tells whether a transaction's answer was seen; without it a read says nothing.
 *
 * @throws HistoryError `bad-input`
 */
export function expandPredicates(
  lists: readonly (readonly Plain[])[],
  isSeen: (txn: number) => boolean,
): Expanded {
  const keys = keysOf(lists);
  const satisfying = new Map<Key, readonly Plain[]>();
  const rows = new Map<number, Map<number, PredicateRow>>();
  const expanded = lists.map((list, txn) => {
    if (!readsByPredicate(list)) return list;
    const micros: Plain[] = [];
    const marks = new Map<number, PredicateRow>();
    for (const micro of list) {
      if (!isPredicateRead(micro)) {
        micros.push(micro);
        continue;
      }
      const [, predicate = null, found = null] = micro;
      const holds = predicateIn(predicate, txn);
      if (!isSeen(txn)) continue;
      let all = satisfying.get(keyOf(predicate));
      if (all === undefined) satisfying.set(keyOf(predicate), (all = keys.filter(holds)));
      const read = { predicate, found };
      const values = new Map(foundIn(found, keys, txn).map(([key, v]) => [keyOf(key), [key, v]]));
      const mark = (key: Plain, value: Plain, isAbsent: boolean) => {
        marks.set(micros.length, { read, absent: isAbsent });
        micros.push(['r', key, value]);
      };
      for (const [key, value] of values.values()) {
        if (!holds(key!)) throw badRead(`${print(key!)} does not satisfy it`, micro, txn);
        mark(key!, value!, false);
      }
      for (const key of all) if (!values.has(keyOf(key))) mark(key, null, true);
    }
    rows.set(txn, marks);
    return micros;
  });
  return { lists: expanded, rows };
}

/** Looks at every transaction of every history, and so at no more than it must. */
export function readsByPredicate(list: readonly Plain[]): boolean {
  for (let i = 0; i < list.length; i++) {
    if ((list[i] as readonly Plain[] | null)?.[0] === PREDICATE_READ) return true;
  }
  return false;
}

function isPredicateRead(micro: Plain): micro is readonly Plain[] {
  return isList(micro) && micro.length === 3 && micro[0] === PREDICATE_READ;
}

/** Every key that is read or written by itself, or found. */
function keysOf(lists: readonly (readonly Plain[])[]): readonly Plain[] {
  const keys = new Map<Key, Plain>();
  for (const list of lists) {
    for (const micro of list) {
      if (!isList(micro) || micro.length !== 3) continue;
      const [kind, key, found] = micro as readonly [Plain, Plain, Plain];
      if (kind !== PREDICATE_READ) keys.set(keyOf(key), key);
      else if (isList(found)) for (const pair of found) if (isList(pair)) add(keys, pair[0]);
    }
  }
  return [...keys.values()];
}

function add(keys: Map<Key, Plain>, key: Plain | undefined): void {
  if (key !== undefined) keys.set(keyOf(key), key);
}

function predicateIn(predicate: Plain, txn: number): (key: Plain) => boolean {
  if (predicate === null) return () => true;
  if (isList(predicate)) {
    const keys = new Set(predicate.map(keyOf));
    return (key) => keys.has(keyOf(key));
  }
  if (isRecord(predicate)) {
    const { prefix, from, to, ...others } = predicate as Readonly<Record<string, Plain>>;
    const isAlone = Object.keys(others).length === 0;
    if (typeof prefix === 'string' && isAlone && from === undefined && to === undefined) {
      return (key) => typeof key === 'string' && key.startsWith(prefix);
    }
    if (prefix === undefined && isAlone && (isBound(from) || isBound(to))) {
      return (key) => isAtLeast(key, from) && isLess(key, to);
    }
  }
  const message = `a predicate is null, a list of keys, { prefix } or { from, to }, not ${print(predicate)}`;
  throw new HistoryError('bad-input', message, { operation: txn });
}

function isBound(bound: Plain | undefined): bound is number | string {
  return typeof bound === 'number' || typeof bound === 'string';
}

function isAtLeast(key: Plain, from: Plain | undefined): boolean {
  return from === undefined || (typeof key === typeof from && key! >= from!);
}

function isLess(key: Plain, to: Plain | undefined): boolean {
  return to === undefined || (typeof key === typeof to && key! < to!);
}

/** The pairs that were found. A record has its keys printed. */
function foundIn(found: Plain, keys: readonly Plain[], txn: number): (readonly [Plain, Plain])[] {
  if (isRecord(found)) {
    const named = new Map(keys.map((key) => [typeof key === 'string' ? key : print(key), key]));
    return Object.entries(found).map(([name, value]) => [named.get(name) ?? name, value]);
  }
  const pairs = isList(found) ? found : [];
  if (found === null || (isList(found) && pairs.every((pair) => isList(pair) && pair.length === 2)))
    return pairs as unknown as (readonly [Plain, Plain])[];
  throw badRead('it finds [[key, value], …]', [PREDICATE_READ, null, found], txn);
}

function badRead(why: string, micro: readonly Plain[], operation: number): HistoryError {
  const message = `${print(micro)} is no read by predicate: ${why}`;
  return new HistoryError('bad-input', message, { operation });
}
