import {
  addClass,
  type Classes,
  type CoverageCounts,
  countsOf,
  summaryOf,
} from '../choice/coverage.ts';
import { Replay } from '../choice/replay.ts';
import { PCT_DEPTH } from '../choice/seeded.ts';
import type { DecisionRecord } from '../trace/record.ts';
import { signatureOf, type Violation } from '../trace/violation.ts';
import { type ExecutionEnd, ThreadsEngine } from './engine.ts';
import { type ExploreOptions, executions, type ThreadsStrategy } from './executions.ts';
import { traced } from './operation.ts';
import type { ThreadsProgram } from './program.ts';
import { sentenceOf } from './story.ts';

/** What exploring came to. */
export interface Exploration {
  /**
   * - `violated`: see the failure
   * - `diverged`: a failure was another one when it ran again, so the program itself is not
   *   deterministic
   * - `inconclusive`: an execution ran out of steps, or a search out of executions
   * - `vacuous`: never could more than one thread run, so nothing was tested
   */
  readonly verdict: 'passed' | 'violated' | 'diverged' | 'inconclusive' | 'vacuous';
  /** Executions: all, or those up to the first that failed. */
  readonly runs: number;
  readonly steps: number;
  /** Decisions that had more than one outcome. */
  readonly decisions: number;
  /** Executions that ran out of steps. */
  readonly exhausted: number;
  /** Executions that a search gave up, since all that could follow was seen. */
  readonly abandoned: number;
  /** A search has gone through every schedule, and each came to its end. */
  readonly complete: boolean;
  /** Interleavings met, up to the order of steps that commute. */
  readonly coverage: CoverageCounts;
  /** What was covered, and how likely the next execution shows something new. */
  readonly summary: string;
  /** The first execution that was violated; of the lowest seed. */
  readonly failure: ThreadsFailure | undefined;
}

export interface ThreadsFailure {
  /** Undefined for one that a search has found. */
  readonly seed: string | undefined;
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
 * Runs a program of threads under many schedules, until one is violated: once per seed, in order, or
 * as a search goes. The same options come to the same. Synchronous, so a body that loops without a
 * yield never comes back.
 *
 * @throws RangeError when there is no seed, or no such strategy.
 */
export function exploreThreads<State>(
  program: ThreadsProgram<State>,
  options: ExploreOptions,
): Exploration {
  const { strategy = 'portfolio', stepsMax } = options;
  const engine = new ThreadsEngine(program, {
    classes: true,
    ...(stepsMax !== undefined && { stepsMax }),
  });
  const sum = { runs: 0, steps: 0, decisions: 0, exhausted: 0, abandoned: 0, complete: false };
  const classes: Classes = new Map();
  const most = { actors: 0, steps: 0 };
  let failure: { readonly how: ThreadsFailure; readonly again: boolean } | undefined;
  let ended = 'seeds' in options;
  for (const execution of executions(engine, options)) {
    if (execution.is === 'end') {
      ended = true;
      sum.complete = execution.complete && sum.exhausted === 0;
      break;
    }
    const { seed, end } = execution;
    sum.runs++;
    sum.steps += engine.steps;
    sum.decisions += engine.decisions;
    if (end === 'exhausted') sum.exhausted++;
    if (end === 'abandoned') sum.abandoned++;
    else addClass(classes, engine.interleaving!.value, 1);
    most.actors = Math.max(most.actors, engine.threadCount);
    most.steps = Math.max(most.steps, engine.decisions);
    if (end === 'violated') {
      failure = failureOf(program, engine, { seed, strategy });
      break;
    }
  }
  const coverage = countsOf(classes);
  const { exhausted, decisions, runs, complete } = sum;
  const passed = exhausted > 0 || !ended ? 'inconclusive' : decisions === 0 ? 'vacuous' : 'passed';
  const failed = failure?.again ? 'violated' : 'diverged';
  return {
    verdict: failure === undefined ? passed : failed,
    ...sum,
    coverage,
    summary: summaryOf({
      runs,
      complete,
      coverage,
      failed: failure !== undefined,
      drawn: 'seeds' in options,
      pct: strategy === 'pct' ? { ...most, depth: PCT_DEPTH } : undefined,
    }),
    failure: failure?.how,
  };
}

/** The execution that has just failed; `again` tells whether it fails alike when it runs again. */
function failureOf<State>(
  program: ThreadsProgram<State>,
  engine: ThreadsEngine<State>,
  by: Pick<ThreadsFailure, 'seed' | 'strategy'>,
): { readonly how: ThreadsFailure; readonly again: boolean } {
  const digest = engine.digest.hex();
  const { record } = engine;
  const { story, ...again } = replayThreads(program, record);
  // The violation of the second run says where in the source.
  const violation = again.violation ?? engine.violation!;
  const signature = signatureOf(violation);
  const how = { ...by, violation, signature, digest, record, story };
  return { how, again: again.digest === digest };
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
