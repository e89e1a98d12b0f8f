/** How many executions a strategy needs until a program first fails, in repetitions that share no seed. */
import { ThreadsEngine } from '../../threads/engine.ts';
import { strategies } from '../../threads/executions.ts';
import type { ThreadsProgram, ThreadsStrategy } from '../../threads/index.ts';

export interface Hunt {
  readonly program: ThreadsProgram<unknown>;
  readonly strategy: Exclude<ThreadsStrategy, 'dfs' | 'dpor'>;
  readonly repetitions: number;
  /** Executions after which a repetition is given up. */
  readonly executionsMax: number;
}

/** Between the first seeds of two repetitions. */
const STRIDE = 1_000_000;

/** By repetition: the execution that failed first, from 1; Infinity where none did. */
export function firstFinds({ program, strategy, repetitions, executionsMax }: Hunt): number[] {
  const engine = new ThreadsEngine(program);
  const strategyOf = strategies(engine, strategy);
  return Array.from({ length: repetitions }, (_, repetition) => {
    for (let execution = 1; execution <= executionsMax; execution++) {
      const seed = repetition * STRIDE + execution;
      if (engine.execute(strategyOf(`${seed}`)) === 'violated') return execution;
    }
    return Infinity;
  });
}

export interface Spread {
  readonly median: number;
  /** With 95 % confidence the median of all repetitions there could be lies between these. */
  readonly from: number;
  readonly to: number;
}

/** The median, and its interval by the ranks of a fair coin's tosses (normal approximation). */
export function spreadOf(finds: readonly number[]): Spread {
  const sorted = finds.toSorted((a, b) => a - b);
  const { length } = sorted;
  const half = (1.96 * Math.sqrt(length)) / 2;
  const rank = (at: number) => sorted[Math.min(length - 1, Math.max(0, at))]!;
  const middle = (length - 1) / 2;
  return {
    median: (rank(Math.floor(middle)) + rank(Math.ceil(middle))) / 2,
    from: rank(Math.floor(length / 2 - half)),
    to: rank(Math.ceil(length / 2 + half) - 1),
  };
}
