/** The run of one test: its seeds, the first failure, and the error that tells it. */
import type { Arbitrary } from 'fast-check';
import { explain } from '../explain/explain.ts';
import { comparisonOf } from '../explore/double-run.ts';
import { type FinishedRun, runEach, runOne } from '../explore/runner.ts';
import type { SeedRange } from '../explore/seeds.ts';
import type { Comparison, Plan, RunSpec, Subject } from '../explore/subject.ts';
import { addRun, emptyTally, neverSeen, type Tally, verdictOf } from '../explore/tally.ts';
import type { TimedFault } from '../scenario/scenario.gen.ts';
import { now } from '../sched/real-clock.ts';
import { NotReproduced } from '../shrink/reduction.ts';
import { explanationText } from '../tell/explanation-text.ts';
import { failureText } from '../tell/failure-text.ts';
import type { Kept } from '../tell/kept.ts';
import { toldWhere } from '../tell/parting-text.ts';
import type { How } from '../tell/replay-command.ts';
import { type Story, storyOf, WHILE_WAITING } from '../tell/story.ts';
import { count } from '../tell/words.ts';
import type { RunResult } from '../trace/run.ts';
import { framesOf } from '../trace/told.ts';
import { drawPlan, smallestPlan } from './plan-search.ts';

export interface Experiment extends How {
  readonly name: string;
  readonly subject: Subject;
  /** One seed, or a range. */
  readonly seeds: SeedRange | string;
  readonly expect: 'passed' | 'violated';
  /** Faults at fixed times. */
  readonly timeline: readonly TimedFault[];
  readonly plans: Arbitrary<Plan> | undefined;
  readonly budgetMs?: number;
  readonly hangMs?: number;
  readonly requireSometimes: boolean;
  readonly shrink: boolean;
  /** The stack of the call of `explore`, below it. */
  readonly frames: string;
  /** The command that runs this seed again. */
  replay(seed: string): string;
  /** Writes the story to a file, where a story can be replayed from one. */
  readonly keep: ((story: Story) => Promise<Kept>) | undefined;
}

/** A seed failed: the message is its story. */
class ExplorationError extends Error {
  override readonly name = 'ExplorationError';
}

const EXPLAIN = { runsMax: 1_500, forMs: 30_000 };

/** @throws ExplorationError */
export async function perform(experiment: Experiment, signal: AbortSignal): Promise<void> {
  const tally = emptyTally();
  const failed = await firstFailure(experiment, tally, signal);
  if (signal.aborted) return;
  const { name, expect, frames } = experiment;
  if (expect === 'violated') {
    if (failed?.result.verdict === 'violated') return;
    if (failed === undefined && typeof experiment.seeds !== 'string') {
      throw pointing(
        new ExplorationError(
          `'${name}' expects to be violated, and none of ${count(tally.runs)} seeds was`,
        ),
        frames,
      );
    }
  }
  if (failed !== undefined) throw await told(experiment, failed);
  if (typeof experiment.seeds === 'string') return;
  const { verdict, reason } = verdictOf(tally, 'scenario');
  if (verdict === 'vacuous')
    throw pointing(new ExplorationError(`'${name}' tests nothing: ${reason}`), frames);
  const unseen = neverSeen(tally);
  if (experiment.requireSometimes && unseen.length > 0) {
    throw pointing(
      new ExplorationError(
        `'${name}': none of ${count(tally.runs)} seeds saw ${unseen.join(', ')}`,
      ),
      frames,
    );
  }
}

async function firstFailure(
  experiment: Experiment,
  tally: Tally,
  signal: AbortSignal,
): Promise<FinishedRun | undefined> {
  const { subject } = experiment;
  const runs = runEach(subject, specsOf(experiment, signal), experiment);
  for await (const run of runs) {
    addRun(tally, run);
    if (run.result.verdict !== 'passed') return run;
  }
  return undefined;
}

function* specsOf(experiment: Experiment, signal: AbortSignal): Generator<RunSpec> {
  const { seeds, budgetMs = Infinity } = experiment;
  const untilMs = now() + budgetMs;
  if (typeof seeds === 'string') {
    yield specOf(experiment, seeds, 'always');
    return;
  }
  for (let seed = seeds.from; seed <= seeds.to; seed++) {
    if (signal.aborted || now() >= untilMs) return;
    yield specOf(experiment, String(seed), comparisonOf(seed));
  }
}

function specOf(
  { strategy, faults, plans }: Experiment,
  seed: string,
  compared: Comparison,
): RunSpec {
  return { seed, strategy, faults, plan: plans && drawPlan(plans, seed), compared };
}

async function told(experiment: Experiment, failed: FinishedRun): Promise<ExplorationError> {
  const { name, replay } = experiment;
  if (failed.result.verdict === 'diverged') return toldDiverged(experiment, failed);
  const story = await smallest(experiment, failed);
  if (story instanceof NotReproduced) {
    const { message: reason } = story;
    const result = { ...failed.result, verdict: 'diverged', failure: undefined, reason } as const;
    return toldDiverged(experiment, { ...failed, result });
  }
  const result = story?.shrunk.result ?? failed.result;
  const found = story && { story, kept: await experiment.keep?.(story) };
  const shown = failureText(name, withoutStack(result), found);
  const why = story && (await explained(experiment, story));
  const parts = [shown, ...(why === undefined ? [] : [why]), `  ${replay(failed.spec.seed)}`];
  const error = new ExplorationError(parts.join('\n\n'));
  return pointing(error, framesTo(result) ?? experiment.frames);
}

async function toldDiverged(
  { name, subject, frames }: Experiment,
  { result, spec }: FinishedRun,
): Promise<ExplorationError> {
  const { seed, strategy, faults, plan } = spec;
  const where = await toldWhere(result, subject, () => ({ seed, strategy, faults, plan }), {});
  return pointing(new ExplorationError(failureText(name, where)), frames);
}

/** Why it fails, where the environment asks for that: a test has no file that could be explained. */
async function explained(
  { subject, timeline }: Experiment,
  { failing, shrunk }: Story,
): Promise<string | undefined> {
  const { GROUNDHOG_EXPLAIN: asked = '' } = process.env;
  if (asked === '') return undefined;
  const began = now();
  const { signature } = shrunk.result.failure!;
  const spec = { ...failing.spec, plan: shrunk.plan };
  const { record } = shrunk;
  const story = { spec, record, signature, timeline };
  const explanation = await explain(subject, story, EXPLAIN);
  if (explanation === undefined) return undefined;
  return explanationText({ explanation, wallMs: now() - began });
}

async function smallest(
  { subject, plans, shrink }: Experiment,
  failed: FinishedRun,
): Promise<Story | NotReproduced | undefined> {
  if (!shrink || failed.result.failure === undefined) return undefined;
  try {
    return await storyOf(subject, await withSmallPlan(subject, plans, failed), WHILE_WAITING);
  } catch (error) {
    if (error instanceof NotReproduced) return error;
    throw error;
  }
}

/** The test runner shows the user's line for the first frame that it can open. */
export function pointing<E extends Error>(error: E, frames: string): E {
  error.stack = `${error.name}: ${error.message}\n${frames}`;
  return error;
}

/** The failing run with the plan made small first; the decisions are the shrinker's. */
async function withSmallPlan(
  subject: Subject,
  plans: Arbitrary<Plan> | undefined,
  failed: FinishedRun,
): Promise<FinishedRun> {
  if (plans === undefined) return failed;
  const { spec, result } = failed;
  const plan = await smallestPlan(plans, subject, spec, result.failure!.signature);
  return runOne(subject, { ...spec, plan });
}

function withoutStack(result: RunResult): RunResult {
  if (result.failure === undefined) return result;
  return { ...result, failure: { ...result.failure, stack: undefined } };
}

function framesTo({ failure }: RunResult): string | undefined {
  const frames = failure === undefined ? [] : framesOf(failure);
  return frames.length === 0 ? undefined : frames.join('\n');
}

export function framesIn(stack: string): string {
  const lines = stack.split('\n').filter((line) => line.startsWith('    at '));
  return lines.join('\n');
}
