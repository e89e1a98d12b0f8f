/** `groundhog run`: explores targets one after another, shrinks the first failure of each. */
import { relative } from 'node:path';
import { defaultWorkers, type Explored, explore } from '../campaign/explore.ts';
import {
  findTarget,
  loadTarget,
  scenariosBelow,
  type Target,
  type TargetRef,
} from '../campaign/targets.ts';
import { runOne } from '../explore/runner.ts';
import type { SeedRange } from '../explore/seeds.ts';
import { addRun, digestOf, emptyTally, neverSeen, verdictOf } from '../explore/tally.ts';
import type { RunVerdict } from '../trace/run.ts';
import { EXIT, UsageError } from './exit.ts';
import { checkedSeed, type HowOptions, hangMsOf, replayCommand, seedsOf } from './how.ts';
import { onInterrupt } from './interrupt.ts';
import { failureJson, failureText, type RunJson, verdictInColour } from './output.ts';
import { progressView } from './progress.ts';
import { saveStory } from './saved.ts';
import { type Story, storyOf } from './story.ts';
import { count, counted, duration, seconds } from './words.ts';

export interface RunOptions extends HowOptions {
  readonly seed?: string;
  readonly seeds?: string;
  readonly budget?: number;
  readonly workers?: number;
  readonly keepGoing?: boolean;
  readonly shrink: boolean;
  readonly requireSometimes?: boolean;
  readonly json?: boolean;
}

/** What one target came to. */
export interface TargetRun {
  readonly target: Target;
  readonly seeds: string;
  readonly explored: Explored;
  readonly verdict: RunVerdict;
  /** Why it is vacuous, or what else is to be said of it. */
  readonly reason: string | undefined;
}

const BUDGET_MS = 30_000;
const SHRINK = { attemptsMax: 1_500, forMs: 10_000 };

export async function run(names: readonly string[], options: RunOptions): Promise<number> {
  const refs = await refsOf(names);
  const interrupted = onInterrupt();
  const { range, drawn } = seedsOf(options);
  const seeds = options.seed ?? `${range.from}..${range.to}`;
  const budgetMs = options.budget ?? (drawn && options.seed === undefined ? BUDGET_MS : undefined);
  if (drawn && options.seed === undefined && !options.json) {
    process.stdout.write(`seeds ${seeds}\n`);
  }
  const runs: TargetRun[] = [];
  for (const ref of refs) {
    const target = await loadTarget(ref);
    const one = await runTarget(target, range, { ...options, budget: budgetMs }, interrupted.signal);
    runs.push({ ...one, seeds });
    if (!options.json) await show(one, options);
    if (interrupted.signal.aborted) break;
  }
  interrupted.dispose();
  if (options.json) {
    const objects = runs.map((one) => jsonOf(one, options));
    process.stdout.write(`${JSON.stringify(names.length > 1 ? objects : objects[0])}\n`);
  }
  if (interrupted.signal.aborted) return EXIT.interrupted;
  return exitCodeOf(runs);
}

/** Explores one target; a single seed runs in this process. */
export async function runTarget(
  target: Target,
  range: SeedRange,
  options: Omit<RunOptions, 'shrink' | 'budget'> & { readonly budget?: number | undefined },
  signal: AbortSignal,
): Promise<TargetRun> {
  const { ref, scenario } = target;
  const explored =
    options.seed === undefined
      ? await exploreRange(ref, range, options, signal)
      : await exploreOne(target, checkedSeed(options.seed), options);
  const { verdict, reason } = verdictOf(explored.tally, scenario === undefined ? 'file' : 'scenario');
  const unseen = neverSeen(explored.tally);
  const missed = options.requireSometimes === true && verdict === 'passed' && unseen.length > 0;
  return {
    target,
    seeds: options.seed ?? `${range.from}..${range.to}`,
    explored,
    verdict: missed ? 'violated' : verdict,
    reason: missed ? `never seen: ${unseen.join(', ')}` : reason,
  };
}

async function exploreRange(
  ref: TargetRef,
  range: SeedRange,
  options: Omit<RunOptions, 'shrink' | 'budget'> & { readonly budget?: number | undefined },
  signal: AbortSignal,
): Promise<Explored> {
  const view = progressView(ref.name, options.json === true);
  try {
    return await explore(ref, {
      strategy: options.strategy,
      faults: options.faults,
      keepGoing: options.keepGoing === true,
      hangMs: hangMsOf(options),
      seeds: range,
      workers: options.workers ?? defaultWorkers(),
      budgetMs: options.budget,
      onProgress: (progress) => view.update(progress),
      signal,
    });
  } finally {
    view.done();
  }
}

async function exploreOne(target: Target, seed: string, options: HowOptions): Promise<Explored> {
  const began = performance.now();
  const { strategy, faults } = options;
  const spec = { seed, strategy, faults };
  const { result } = await runOne(target.subject, spec, { hangMs: hangMsOf(options) });
  const tally = emptyTally();
  addRun(tally, result);
  return { tally, ended: 'done', wallMs: performance.now() - began };
}

async function refsOf(names: readonly string[]): Promise<TargetRef[]> {
  if (names.length > 0) return Promise.all(names.map((name) => findTarget(name, process.cwd())));
  const found = await scenariosBelow(process.cwd());
  if (found.length > 0) return found;
  throw new UsageError(
    'there are no scenarios below this folder; `groundhog init` writes a first one, ' +
      '`groundhog list` shows those that come with the package',
  );
}

function exitCodeOf(runs: readonly TargetRun[]): number {
  const worst = ['diverged', 'violated', 'inconclusive', 'vacuous'] as const;
  const verdict = worst.find((one) => runs.some((run) => run.verdict === one)) ?? 'passed';
  return EXIT[verdict];
}

function jsonOf({ target, seeds, explored, verdict }: TargetRun, how: HowOptions): RunJson {
  const { tally, wallMs } = explored;
  return {
    scenario: target.ref.name,
    seeds,
    runs: tally.runs,
    verdict,
    failures: tally.failures.map((result) =>
      failureJson(result, replayCommand(target.ref, result.seed, how)),
    ),
    steps: tally.steps,
    virtualMs: tally.virtualUs / 1000,
    wallMs,
    digest: digestOf(tally),
  };
}

async function show(one: TargetRun, options: RunOptions): Promise<void> {
  const { target, explored, verdict, reason } = one;
  const { tally, ended } = explored;
  process.stdout.write(`${summary(one)}\n`);
  if (reason !== undefined) process.stdout.write(`  ${reason}\n`);
  const unseen = neverSeen(tally);
  if (unseen.length > 0 && ended === 'done' && verdict === 'passed') {
    process.stdout.write(`  sometimes, but never seen: ${unseen.join(', ')}\n`);
  }
  const first = tally.failures[0];
  if (first === undefined) return;
  const story = options.shrink && ended !== 'interrupted' ? await tell(target, first.seed, options) : undefined;
  const shown = story?.failing.result ?? first;
  const file = story && relative(process.cwd(), saveStory(target.ref, options, story));
  const text = story && {
    sentences: story.sentences,
    shrunk: story.shrunk,
    decisions: story.failing.record.count,
    file,
  };
  process.stdout.write(`\n${failureText(target.ref.name, shown, text)}\n\n`);
  process.stdout.write(`  ${replayCommand(target.ref, first.seed, options)}\n`);
}

function tell(target: Target, seed: string, options: RunOptions): Promise<Story | undefined> {
  const { strategy, faults } = options;
  const spec = { seed, strategy, faults };
  return storyOf(target.subject, spec, SHRINK, { hangMs: hangMsOf(options) });
}

function summary({ target, explored, verdict }: TargetRun): string {
  const { tally, wallMs, ended } = explored;
  const virtualMs = tally.virtualUs / 1000;
  const perSecond = tally.runs / Math.max(0.001, wallMs / 1000);
  const how = { done: '', budget: ', time was up', interrupted: ', interrupted' }[ended];
  return (
    `${target.ref.name}: ${verdictInColour(verdict)}  ` +
    `${counted(tally.runs, 'seed')} in ${seconds(wallMs)} (${count(perSecond)}/s), ` +
    `virtual ${duration(virtualMs)}${how}`
  );
}

