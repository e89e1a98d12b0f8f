// The oracle for session guarantees: the definitions, pair by pair.

import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { samePlain } from '../plain.ts';
import type { SessionGuarantee } from '../session/guarantees.ts';

type Micro = readonly [kind: 'r' | 'w', key: Plain, value: Plain];

interface Access {
  readonly txn: number;
  readonly process: string;
  readonly ok: boolean;
  readonly micro: Micro;
  /** The transaction that wrote what was read; -1 for the initial value. */
  readonly from: number;
}

/** For histories of transactions that write each key at most once, and read before they write. */
export function guaranteedByDefinition(history: History, guarantee: SessionGuarantee): boolean {
  const all = history.flatMap(({ process, outcome, input, output }, txn): Access[] => {
    if (outcome === 'fail') return [];
    const list = (outcome === 'ok' ? output : input) as unknown as readonly Micro[];
    const known = outcome === 'ok' ? list : list.filter(([kind]) => kind === 'w');
    return known.map((micro) => ({ txn, process, ok: outcome === 'ok', micro, from: -1 }));
  });
  const writes = all.filter(({ micro }) => micro[0] === 'w');
  const reads: Access[] = [];
  for (const access of all) {
    const [kind, key, value] = access.micro;
    if (kind === 'w') continue;
    const source = writes.find(
      ({ micro }) => samePlain(micro[1], key) && samePlain(micro[2], value),
    );
    if (source === undefined && value !== null) return false;
    if (source?.txn === access.txn) return false;
    reads.push({ ...access, from: source?.txn ?? -1 });
  }
  const seen = (txn: number) =>
    history[txn]!.outcome === 'ok' || reads.some(({ from }) => from === txn);
  const before = (a: number, b: number) =>
    history[a]!.process === history[b]!.process && a < b && history[a]!.outcome === 'ok' && seen(b);
  const reaches = closure(
    history.length,
    (a, b) => before(a, b) || reads.some((r) => r.from === a && r.txn === b),
  );
  const cyclic = history.some((_, t) => reaches(t, t));
  const precedes = cyclic ? before : reaches;
  const older = (a: number, b: number) => (a === -1 ? b !== -1 : b !== -1 && precedes(a, b));
  if (cyclic && guarantee === 'writes-follow-reads') return false;

  for (const [i, read] of reads.entries()) {
    const same = ({ micro }: Access) => samePlain(micro[1], read.micro[1]);
    const mine = reads.slice(0, i).filter((r) => r.process === read.process);
    const required = new Set<number>();
    if (guarantee === 'read-your-writes') {
      for (const w of writes)
        if (same(w) && w.txn < read.txn && w.ok && w.process === read.process) required.add(w.txn);
    }
    if (guarantee === 'monotonic-reads') for (const r of mine) if (same(r)) required.add(r.from);
    if (guarantee === 'monotonic-reads') {
      const versions = [...mine.filter(same).map(({ from }) => from), read.from];
      if (versions.some((from, at) => from !== read.from && versions.indexOf(read.from) < at)) {
        return false;
      }
    }
    for (const { from: observed } of mine) {
      if (observed === -1) continue;
      const theirs = history[observed]!.process;
      if (guarantee === 'monotonic-writes') {
        for (const w of writes)
          if (same(w) && w.ok && w.process === theirs && w.txn < observed) required.add(w.txn);
      }
      if (guarantee === 'writes-follow-reads') {
        for (const r of reads)
          if (same(r) && r.process === theirs && r.txn <= observed) required.add(r.from);
      }
    }
    for (const writer of required)
      if (writer !== read.from && older(read.from, writer)) return false;
  }
  return true;
}

function closure(
  count: number,
  edge: (a: number, b: number) => boolean,
): (a: number, b: number) => boolean {
  const reached = Array.from({ length: count }, (_, a) =>
    Array.from({ length: count }, (__, b) => edge(a, b)),
  );
  for (let middle = 0; middle < count; middle++) {
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++)
        reached[a]![b] ||= reached[a]![middle]! && reached[middle]![b]!;
    }
  }
  return (a, b) => reached[a]![b]!;
}
