/**
 * Two runs of one seed must be the same. Sampled seeds are run twice; with shared modules, which are a
 * promise that nothing in them is kept from one node or run to another, the second run has fresh ones,
 * and all seeds that fail are run so too.
 */
import type { RunResult } from '../trace/run.ts';
import type { Comparison, Subject } from './subject.ts';

/** One seed of so many is run twice: 1, 51, 101 and so on. */
const SAMPLED_EVERY = 50;

/** The same for a seed whoever runs it, when, and as part of which range. */
export function comparisonOf(seed: number): Comparison {
  return seed % SAMPLED_EVERY === 1 ? 'always' : 'if-failed';
}

/** What makes the second run of a spec; undefined when there is none. */
export function secondOf(
  subject: Subject,
  comparison: Comparison | undefined,
  { verdict }: RunResult,
): Subject | undefined {
  // One that was cut off in the middle compares with nothing.
  if (comparison === undefined || verdict === 'inconclusive') return undefined;
  const { fresh } = subject;
  if (comparison === 'always') return fresh ?? subject;
  return verdict === 'passed' ? undefined : fresh;
}

/** The result of the first run in the light of the second one. */
export function weighedAgainst(
  first: RunResult,
  second: RunResult,
  modules: 'fresh' | undefined,
): RunResult {
  const { digest, failure } = first;
  if (second.digest === digest && second.failure?.signature === failure?.signature) return first;
  return {
    ...first,
    verdict: 'diverged',
    failure: undefined,
    reason: modules === 'fresh' ? leak(first, second) : undecided(first, second),
  };
}

function leak(shared: RunResult, fresh: RunResult): string {
  return (
    `seed ${shared.seed} runs differently with fresh modules: state at module level leaks between ` +
    `nodes or runs (shared: ${inWords(shared)}; fresh: ${inWords(fresh)}); ` +
    "keep that state inside the program's function, or say modules: 'fresh'"
  );
}

function undecided(first: RunResult, second: RunResult): string {
  return (
    `seed ${first.seed} ran again as another run (${inWords(first)}; ${inWords(second)}): something ` +
    'decides in it that the seed does not, as what is kept from one run to the next'
  );
}

function inWords({ verdict, steps, digest }: RunResult): string {
  return `${verdict} after ${steps} steps, digest ${digest}`;
}
