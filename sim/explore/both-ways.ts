/**
 * Shared modules are a promise that nothing in them is kept from one node or run to another. Runs of
 * sampled seeds, and all that fail, are made again with fresh modules: a difference is a leak.
 */
import type { RunResult } from '../trace/run.ts';
import type { Comparison } from './subject.ts';

/** One seed of so many is run both ways: 1, 51, 101 and so on. */
const SAMPLED_EVERY = 50;

/** The same for a seed whoever runs it, when, and as part of which range. */
export function comparisonOf(seed: number): Comparison {
  return seed % SAMPLED_EVERY === 1 ? 'always' : 'if-failed';
}

/** A run that was cut off in the middle compares with nothing. */
export function isCompared(comparison: Comparison | undefined, { verdict }: RunResult): boolean {
  if (comparison === undefined || verdict === 'inconclusive') return false;
  return comparison === 'always' || verdict !== 'passed';
}

/** The result of the run with shared modules, in the light of the one with fresh modules. */
export function weighedAgainst(fresh: RunResult, shared: RunResult): RunResult {
  if (fresh.digest === shared.digest) return shared;
  const reason =
    `seed ${shared.seed} runs differently with fresh modules: state at module level leaks between ` +
    `nodes or runs (shared: ${inWords(shared)}; fresh: ${inWords(fresh)}); ` +
    "keep that state inside the program's function, or say modules: 'fresh'";
  return { ...shared, verdict: 'diverged', failure: undefined, reason };
}

function inWords({ verdict, steps, digest }: RunResult): string {
  return `${verdict} after ${steps} steps, digest ${digest}`;
}
