/** `groundhog run`: explores targets one after another, shrinks the first failure of each. */
import type { Explored as ReportedRun } from '../../reports/explored.ts';
import type { Told } from '../../reports/told.ts';
import { type Explored, explore, Workers } from '../campaign/explore.ts';
import {
  findTarget,
  loadTarget,
  scenariosBelow,
  type Target,
  type TargetRef,
} from '../campaign/targets.ts';
import { Replay } from '../choice/replay.ts';
import { isCampaign } from '../choice/search.ts';
import { checkCampaign } from '../explore/campaigns.ts';
import { weighedAgainst } from '../explore/double-run.ts';
import { exportedFunctions } from '../explore/exported.ts';
import { runInFull } from '../explore/full-recorder.ts';
import { type FinishedRun, runOne } from '../explore/runner.ts';
import type { SeedRange } from '../explore/seeds.ts';
import type { RunSpec, StrategyName } from '../explore/subject.ts';
import {
  addRun,
  digestOf,
  emptyTally,
  inEverySeed,
  neverSeen,
  verdictOf,
} from '../explore/tally.ts';
import { toldWhere } from '../tell/parting-text.ts';
import type { RunResult } from '../trace/run.ts';
import { type CampaignHow, runCampaign } from './campaign.ts';
import { coverageJson } from './covered.ts';
import { BUDGET_MS } from './defaults.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { EXIT, UsageError } from './exit.ts';
import {
  checkedSeed,
  checkFaults,
  type HowAsked,
  type HowOptions,
  hangMsOf,
  howFor,
  seedsOf,
} from './how.ts';
import { keepSeedsInFull, type Recording } from './in-full.ts';
import { onInterrupt } from './interrupt.ts';
import { failureJson, othersJson, type RunJson } from './output.ts';
import { progressView } from './progress.ts';
import { checkDestinations, htmlReporter, parseReporter, report } from './reporters.ts';
import { failureIn, introduction } from './run-text.ts';
import { coveredBy, type Left, replayOfFailure, type TargetRun } from './target-run.ts';
import { toldFailures } from './told-failures.ts';

export interface RunOptions extends HowAsked {
  readonly seed?: string;
  readonly seeds?: string;
  /** Of campaigns: see there. */
  readonly depth?: number;
  readonly budget?: number;
  readonly workers?: number;
  readonly keepGoing?: boolean;
  readonly shrink: boolean;
  /** What is kept of failing runs. */
  readonly record: Recording;
  readonly requireSometimes?: boolean;
  readonly json?: boolean;
  readonly reporter?: readonly string[];
  /** The file of a page for people. */
  readonly report?: string;
}

export async function run(names: readonly string[], options: RunOptions): Promise<number> {
  const reporters = (options.reporter ?? []).map(parseReporter);
  if (options.report !== undefined) reporters.push(htmlReporter(options.report));
  checkDestinations(reporters);
  const { strategy } = options;
  const campaigns = strategy !== undefined && isCampaign(strategy);
  if (options.depth !== undefined && !campaigns) {
    const name = strategy ?? 'random';
    throw new UsageError(`'${name}' makes a run of each seed: --depth is for dfs and faults`);
  }
  if (strategy === 'faults' && options.depth === 0) {
    throw new UsageError('--depth 0 places no fault: it is how many of them strike in one run');
  }
  const targets = await targetsOf(names);
  for (const target of targets) checkFaults(target, options.faults);
  if (campaigns) {
    for (const { subject } of targets) checkCampaign(subject, { strategy, depth: options.depth });
  }
  const startedAt = new Date();
  const interrupted = onInterrupt();
  const { range, drawn } = seedsOf(options);
  const seeds = options.seed ?? `${range.from}..${range.to}`;
  const budgetMs = options.budget ?? (drawn && options.seed === undefined ? BUDGET_MS : undefined);
  if (drawn && options.seed === undefined && !options.json && targets.some(readsSeeds(strategy))) {
    process.stdout.write(`seeds ${seeds}\n`);
  }
  const runs: TargetRun[] = [];
  const reported: ReportedRun[] = [];
  const objects: RunJson[] = [];
  const alone = campaigns || options.seed !== undefined;
  const workers = alone ? undefined : new Workers(options.workers);
  const { signal } = interrupted;
  try {
    for (const target of targets) {
      if (signal.aborted) break;
      const own = howFor(target.ref, options);
      const how = { ...own, budget: budgetMs, signal };
      let first: TargetRun;
      if (campaigns) first = await campaign(target, range, { ...how, strategy });
      else if (workers === undefined) first = await runSeed(target, seeds, how);
      else first = await runRange(target, range, workers, how);
      const told = await confirmed(first, own);
      runs.push(told.one);
      if (!options.json) process.stdout.write(introduction(told.one, own));
      const evidence = await evidenceIn(told, own, signal);
      const more = await moreInFull(told, own, signal);
      if (options.json) objects.push(jsonOf(told.one, { evidence, more }, own));
      else process.stdout.write(failureIn(told.one, { evidence, more }, own));
      reported.push(exploredOf(told.one, own, await toldIn(told, evidence, own, signal)));
    }
  } finally {
    interrupted.dispose();
    await workers?.close();
  }
  report(reporters, reported, startedAt);
  if (options.json) {
    if (signal.aborted) Object.assign(objects.at(-1)!, { interrupted: true });
    process.stdout.write(`${JSON.stringify(targets.length > 1 ? objects : objects[0])}\n`);
  }
  if (interrupted.signal.aborted) return EXIT.interrupted;
  return exitCodeOf(runs);
}

type How = HowOptions &
  Pick<RunOptions, 'keepGoing' | 'requireSometimes' | 'json'> & {
    readonly budget?: number | undefined;
    readonly signal?: AbortSignal;
  };

/** Explores a range of one target's seeds. */
export async function runRange(
  target: Target,
  range: SeedRange,
  workers: Workers,
  how: How,
): Promise<TargetRun> {
  const view = progressView(target.ref.name, how.json === true);
  try {
    const explored = await explore(target.ref, workers, {
      strategy: how.strategy,
      faults: how.faults,
      keepGoing: how.keepGoing === true,
      hangMs: hangMsOf(how),
      seeds: range,
      budgetMs: how.budget,
      onProgress: (progress) => view.update(progress),
      signal: how.signal,
    });
    return await judged(target, `${range.from}..${range.to}`, explored, how);
  } finally {
    view.done();
  }
}

/** One seed, in this process. */
async function runSeed(target: Target, seed: string, how: How): Promise<TargetRun> {
  const began = performance.now();
  const { strategy, faults } = how;
  const spec = { seed: checkedSeed(seed), strategy, faults, compared: 'always' } as const;
  const run = await runOne(target.subject, spec, { hangMs: hangMsOf(how) });
  const tally = emptyTally();
  addRun(tally, run);
  return judged(target, seed, { tally, ended: 'done', wallMs: performance.now() - began }, how);
}

/** One campaign, in this process. */
async function campaign(target: Target, range: SeedRange, how: CampaignHow): Promise<TargetRun> {
  const { seeds, explored, came } = await runCampaign(target, range, how);
  const one = { ...(await judged(target, seeds, explored, how)), came };
  if (came.points?.met !== 0 || one.verdict !== 'passed') return one;
  const verdict = target.ref.kind === 'file' ? 'passed' : 'vacuous';
  return { ...one, verdict, reason: NO_POINT };
}

const NO_POINT =
  'no fault could be placed: nobody serves others, calls a disk or allocates from env.memory';

/** Whether a campaign of the target depends on a seed. */
function readsSeeds(strategy: StrategyName | undefined): (target: Target) => boolean {
  const drawn = strategy === undefined || !isCampaign(strategy);
  return ({ subject }) => drawn || strategy === 'guided' || subject.timed !== false;
}

async function judged(
  target: Target,
  seeds: string,
  explored: Explored,
  how: How,
): Promise<TargetRun> {
  const { kind } = target.ref;
  const { verdict, reason: vacuous } = verdictOf(explored.tally, kind);
  const uncalled = kind === 'file' && vacuous !== undefined ? await uncalledIn(target, how) : '';
  const reason = vacuous && `${vacuous}${uncalled}`;
  const unseen = neverSeen(explored.tally);
  const missed = how.requireSometimes === true && verdict === 'passed' && unseen.length > 0;
  if (!missed) return { target, seeds, explored, verdict, reason };
  return {
    target,
    seeds,
    explored,
    verdict: 'violated',
    reason: `never seen: ${unseen.join(', ')}`,
  };
}

/** Programs that nobody calls: functions that a file exports which does nothing by itself. */
async function uncalledIn({ subject }: Target, how: How): Promise<string> {
  const names = await exportedFunctions(subject, { hangMs: hangMsOf(how) });
  if (names.length === 0) return '';
  const they = names.length === 1 ? 'it is a program' : 'they are programs';
  return (
    `, and nothing calls what it exports (${names.join(', ')}); ` +
    `if ${they} of (env, args), write a scenario: \`groundhog init\` shows one`
  );
}

/** All of them before any is run, so that a mistake in the last is told at once. */
async function targetsOf(names: readonly string[]): Promise<Target[]> {
  const refs = await refsOf(names);
  return Promise.all(refs.map((ref) => loadTarget(ref)));
}

async function refsOf(names: readonly string[]): Promise<readonly TargetRef[]> {
  if (names.length > 0) return Promise.all(names.map((name) => findTarget(name, process.cwd())));
  const { refs, broken } = await scenariosBelow(process.cwd());
  if (broken.length > 0) throw broken[0];
  if (refs.length > 0) return refs;
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

function exploredOf(
  one: TargetRun,
  how: HowOptions,
  told: ReadonlyMap<RunResult, Told>,
): ReportedRun {
  const { target, seeds, explored, verdict, reason } = one;
  const { tally, wallMs, ended } = explored;
  const { name, file } = target.ref;
  return {
    name,
    file,
    seeds,
    runs: tally.runs,
    verdict,
    reason,
    neverSeen: ended === 'done' && verdict === 'passed' ? neverSeen(tally) : [],
    covered: coveredBy(one, how),
    sometimes: [...tally.sometimes].sort(([a], [b]) => (a < b ? -1 : 1)),
    failures: tally.failures.map((result, i) => {
      const its = told.get(result);
      return { result, replay: replayOfFailure(one, i, how), ...(its && { told: its }) };
    }),
    steps: tally.steps,
    virtualMs: tally.virtualUs / 1000,
    wallMs,
    digest: digestOf(tally),
  };
}

function jsonOf(one: TargetRun, { evidence, more }: Left, how: HowOptions): RunJson {
  const { target, seeds, explored, verdict, came } = one;
  const { tally, wallMs } = explored;
  const everySeed = inEverySeed(tally);
  return {
    scenario: target.ref.name,
    seeds,
    runs: tally.runs,
    verdict,
    failures: tally.failures.map((result, i) => {
      const first = { story: evidence?.story?.kept, run: evidence?.run };
      const kept = i === 0 ? first : { run: more.get(result) };
      return failureJson(result, replayOfFailure(one, i, how), kept);
    }),
    steps: tally.steps,
    virtualMs: tally.virtualUs / 1000,
    wallMs,
    digest: digestOf(tally),
    coverage: coverageJson(tally, came),
    ...(everySeed.length > 0 && { everySeed }),
    ...(evidence && evidence.others.length > 0 && { others: othersJson(evidence.others) }),
  };
}

/**
 * Runs the first failing seed again, in this process: a failure that is printed can be replayed. When
 * it cannot, the runs diverge.
 */
async function confirmed(one: TargetRun, how: RunOptions & HowOptions): Promise<Confirmed> {
  const [first, ...more] = one.explored.tally.failures;
  if (first === undefined || first.verdict === 'inconclusive') return { one, failed: undefined };
  const { subject } = one.target;
  const spec = { seed: first.seed, strategy: how.strategy, faults: how.faults };
  const record = one.came?.failed?.record;
  // A replay serves one run.
  const again = (): RunSpec => ({ ...spec, replay: record && new Replay(record) });
  const options = { hangMs: hangMsOf(how) };
  let diverged = first;
  if (first.verdict === 'violated') {
    const failed = await (how.record === 'full' ? runInFull : runOne)(subject, again(), options);
    diverged = weighedAgainst(first, failed.result, undefined);
    if (diverged.verdict === 'violated') return { one, failed: { ...failed, spec } };
  }
  diverged = await toldWhere(diverged, subject, again, options);
  const explored = {
    ...one.explored,
    tally: { ...one.explored.tally, failures: [diverged, ...more] },
  };
  return { one: { ...one, explored, verdict: 'diverged' }, failed: undefined };
}

interface Confirmed {
  readonly one: TargetRun;
  /** The first failing seed's run. */
  readonly failed: FinishedRun | undefined;
}

/** A first failure that can be replayed leaves something behind. */
async function evidenceIn(
  { one, failed }: Confirmed,
  options: RunOptions & HowOptions,
  signal: AbortSignal,
): Promise<Evidence | undefined> {
  if (failed === undefined) return undefined;
  const shrink = options.shrink && one.explored.ended !== 'interrupted';
  return evidenceOf(one.target, failed, { ...options, shrink, signal });
}

/** What happened in the failing runs, where a page is to tell it. */
async function toldIn(
  { one, failed }: Confirmed,
  evidence: Evidence | undefined,
  options: RunOptions & HowOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<RunResult, Told>> {
  const { failures } = one.explored.tally;
  if (options.report === undefined || failed === undefined) return new Map();
  const isCampaign = one.came !== undefined;
  const record = isCampaign ? failed.record : undefined;
  const story = evidence?.story;
  const replayOf = (failure: number): string => replayOfFailure(one, failure, options);
  const all = { failures, story, record, isCampaign, replayOf };
  return toldFailures(one.target, all, options, signal);
}

/** What is kept of further failures; those of campaigns were kept as they were met. */
async function moreInFull(
  { one }: Confirmed,
  options: RunOptions & HowOptions,
  signal: AbortSignal,
): Promise<Left['more']> {
  if (options.record !== 'full' || one.came !== undefined) return new Map();
  const [, ...failures] = one.explored.tally.failures;
  return keepSeedsInFull(one.target, failures, options, signal);
}
