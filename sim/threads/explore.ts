import { Pilot } from '../choice/profile.ts';
import { Replay } from '../choice/replay.ts';
import { keysOf } from '../choice/seed.ts';
import { type SeededStrategy, seeded } from '../choice/seeded.ts';
import type { Strategy } from '../choice/strategy.ts';
import type { DecisionRecord } from '../trace/record.ts';
import { signatureOf, type Violation } from '../trace/violation.ts';
import { type ExecutionEnd, ThreadsEngine } from './engine.ts';
import { traced } from './operation.ts';
import type { ThreadsProgram } from './program.ts';
import { sentenceOf } from './story.ts';

export interface ExploreOptions {
  /** Seeds 1 to this one, or those of a range, both ends included. */
  readonly seeds: number | { readonly from: number; readonly to: number };
  /** How schedules are drawn; `random` unless given. */
  readonly strategy?: ThreadsStrategy;
  /** Steps after which an execution is given up, 10,000 unless given. */
  readonly stepsMax?: number;
}

export type ThreadsStrategy = SeededStrategy;

/** What exploring came to. */
export interface Exploration {
  /**
   * - `violated`: see the failure
   * - `diverged`: a failure was another one when it ran again, so the program itself is not
   *   deterministic
   * - `inconclusive`: an execution ran out of steps
   * - `vacuous`: never could more than one thread run, so nothing was tested
   */
  readonly verdict: 'passed' | 'violated' | 'diverged' | 'inconclusive' | 'vacuous';
  /** Executions: all seeds, or those up to the first that failed. */
  readonly runs: number;
  readonly steps: number;
  /** Decisions that had more than one outcome. */
  readonly decisions: number;
  /** Executions that ran out of steps. */
  readonly exhausted: number;
  /** Of the lowest seed that was violated. */
  readonly failure: ThreadsFailure | undefined;
}

export interface ThreadsFailure {
  readonly seed: string;
  readonly strategy: ThreadsStrategy;
  readonly violation: Violation;
  /** Equal for two failures that are one bug. */
  readonly signature: string;
  /** 16 hexadecimal digits over every step and its result. */
  readonly digest: string;
  /** The schedule, for {@link replayThreads}. */
  readonly record: DecisionRecord;
  /** Each step as a sentence, with its place in the source. */
  readonly story: readonly string[];
}

/** One execution in full. */
export interface ReplayedThreads {
  readonly end: ExecutionEnd;
  readonly violation: Violation | undefined;
  readonly digest: string;
  readonly story: readonly string[];
  /** Decisions of the record that found their place in this execution, of all that it has. */
  readonly fit: { readonly used: number; readonly total: number };
}

/**
 * Runs a program of threads once per seed, in order, until one is violated. The same seeds come to
 * the same. Synchronous, so a body that loops without a yield never comes back.
 *
 * @throws RangeError when there is no seed.
 */
export function exploreThreads<State>(
  program: ThreadsProgram<State>,
  options: ExploreOptions,
): Exploration {
  const { strategy = 'random', stepsMax } = options;
  const { from, to } = rangeOf(options.seeds);
  const engine = new ThreadsEngine(program, stepsMax === undefined ? {} : { stepsMax });
  const strategyOf = strategies(engine, strategy);
  const sum = { runs: 0, steps: 0, decisions: 0, exhausted: 0 };
  for (let seed = from; seed <= to; seed++) {
    const end = engine.execute(strategyOf(String(seed)));
    sum.runs++;
    sum.steps += engine.steps;
    sum.decisions += engine.decisions;
    if (end === 'exhausted') sum.exhausted++;
    if (end === 'violated') {
      const digest = engine.digest.hex();
      const { record } = engine;
      const { story, ...again } = replayThreads(program, record);
      // The violation of the second run says where in the source.
      const violation = again.violation ?? engine.violation!;
      const signature = signatureOf(violation);
      const failure = { seed: String(seed), strategy, violation, signature, digest, record, story };
      return { verdict: again.digest === digest ? 'violated' : 'diverged', ...sum, failure };
    }
  }
  const { exhausted, decisions } = sum;
  const verdict = exhausted > 0 ? 'inconclusive' : decisions === 0 ? 'vacuous' : 'passed';
  return { verdict, ...sum, failure: undefined };
}

/**
 * Runs the schedule of a record again, exactly if the program is as it was and the record whole, and
 * as far as it fits otherwise.
 */
export function replayThreads<State>(
  program: ThreadsProgram<State>,
  record: DecisionRecord,
): ReplayedThreads {
  const story: string[] = [];
  const engine = new ThreadsEngine(program, {
    onStep: (step) => {
      if (step.number === 1) story.length = 0;
      story.push(sentenceOf(step));
    },
  });
  const replay = new Replay(record, 'picked');
  const end = traced(() => engine.execute(replay));
  const { violation, digest } = engine;
  return { end, violation, digest: digest.hex(), story, fit: replay.fit() };
}

/** The strategy for each seed. */
export function strategies<State>(
  engine: ThreadsEngine<State>,
  name: SeededStrategy,
): (seed: string) => Strategy {
  return seeded(name, () => {
    const pilot = new Pilot(keysOf('pilot'));
    engine.execute(pilot);
    return pilot.profile();
  });
}

function rangeOf(seeds: ExploreOptions['seeds']): { readonly from: number; readonly to: number } {
  const { from, to } = typeof seeds === 'number' ? { from: 1, to: seeds } : seeds;
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from <= to) return { from, to };
  throw new RangeError(`seeds are a range of whole numbers, not ${from} to ${to}`);
}
