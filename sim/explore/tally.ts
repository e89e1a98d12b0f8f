/**
 * What a range of seeds came to. Results may be added in any order, from any number of workers:
 * the outcome depends on the seeds alone, since only those up to the lowest failing one count
 * (all of them when going on after failures), and digests are folded by a commutative sum.
 */
import { hashName, scramble } from '../choice/mix.ts';
import type { RunResult, RunVerdict } from '../trace/run.ts';

export interface Tally {
  readonly runs: number;
  readonly verdict: RunVerdict;
  /** Runs that did not pass, by seed. */
  readonly failures: readonly RunResult[];
  readonly steps: number;
  readonly virtualMs: number;
  /** 16 hexadecimal digits: the sum of each (seed, digest), hashed. */
  readonly digest: string;
  /** `sometimes` and `reachable` names met, with the number of runs in which they held. */
  readonly sometimes: ReadonlyMap<string, number>;
  /** Why it is vacuous. */
  readonly reason: string | undefined;
}

const WORST: readonly RunVerdict[] = ['diverged', 'violated', 'inconclusive', 'passed'];

export function tally(
  results: readonly RunResult[],
  options: { readonly keepGoing: boolean; readonly mayBeVacuous: boolean },
): Tally {
  const ordered = [...results].sort((a, b) => compareSeeds(a.seed, b.seed));
  const end = ordered.findIndex(({ verdict }) => verdict !== 'passed');
  const counted = options.keepGoing || end < 0 ? ordered : ordered.slice(0, end + 1);
  const verdicts = new Set(counted.map(({ verdict }) => verdict));
  const worst = WORST.find((verdict) => verdicts.has(verdict)) ?? 'vacuous';
  const reason = worst === 'passed' && options.mayBeVacuous ? vacuity(counted) : undefined;
  return {
    runs: counted.length,
    verdict: reason === undefined ? worst : 'vacuous',
    failures: counted.filter(({ verdict }) => verdict !== 'passed'),
    steps: sum(counted, ({ steps }) => steps),
    virtualMs: sum(counted, ({ virtualMs }) => virtualMs),
    digest: foldDigests(counted),
    sometimes: foldSometimes(counted),
    reason,
  };
}

/** Numbers by size, then other texts by code unit. */
export function compareSeeds(a: string, b: string): number {
  const x = /^\d+$/.test(a) ? Number(a) : Infinity;
  const y = /^\d+$/.test(b) ? Number(b) : Infinity;
  if (x !== y) return x - y;
  return a < b ? -1 : a > b ? 1 : 0;
}

function vacuity(results: readonly RunResult[]): string | undefined {
  if (results.every(({ decisions }) => decisions === 0)) {
    return 'no seed took a decision with two outcomes: every run was the same';
  }
  if (results.every(({ readsHistory, operations }) => readsHistory && operations === 0)) {
    return 'the check reads the history, and no seed completed an operation';
  }
  return undefined;
}

function foldDigests(results: readonly RunResult[]): string {
  let low = 0;
  let high = 0;
  for (const { seed, digest } of results) {
    const one = hashName(`${seed}:${digest}`);
    low = (low + one) | 0;
    high = (high + scramble(one ^ hashName(`${digest}:${seed}`))) | 0;
  }
  return hexOf(high) + hexOf(low);
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

function foldSometimes(results: readonly RunResult[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { sometimes } of results) {
    for (const [name, held] of sometimes)
      counts.set(name, (counts.get(name) ?? 0) + (held ? 1 : 0));
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sum(results: readonly RunResult[], of: (result: RunResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0);
}
