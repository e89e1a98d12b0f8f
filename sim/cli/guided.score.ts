/** The row `explore/guided` of `npm run score`: how much sooner a guided campaign finds a bug than chance. */
import { SCTBENCH, SCTBENCH_DEEP } from '../../scenarios/sctbench/catalogue.ts';
import { findTarget, loadTarget } from '../campaign/targets.ts';
import type { SeededStrategy } from '../choice/seeded.ts';
import { Campaign } from '../explore/campaigns.ts';
import { type FinishedRun, runEach } from '../explore/runner.ts';
import type { RunSpec, Subject } from '../explore/subject.ts';
import { threadsSubject } from '../explore/threads-subject.ts';
import type { Rows } from '../trace/bench-row.ts';

const CANARIES = ['register-no-write-back', 'bank-no-fencing'];
const REPETITIONS = 3;
/** Where the bug was not found within so many runs, it counts as found by the last. */
const RUNS_MAX = { canary: 400, threads: 10_000 };

interface Case {
  readonly name: string;
  readonly subject: Subject;
  readonly runsMax: number;
}

/**
 * Geometric means, over cases and repetitions, of runs to find: guided over random, and over the portfolio
 * from which guided campaigns of threads draw.
 */
export async function* rows({ budgetMs }: { readonly budgetMs: number }): Rows {
  const name = 'explore/guided';
  const until = performance.now() + budgetMs;
  const cases = await allCases();
  const overRandom: number[] = [];
  const overPortfolio: number[] = [];
  for (let repetition = 1; repetition <= REPETITIONS; repetition++) {
    for (const one of cases) {
      if (performance.now() > until) {
        yield { name, skipped: `time was up in repetition ${repetition}: give more --budget` };
        return;
      }
      const { guided, random, portfolio } = await findsIn(one, `repetition ${repetition}`);
      overRandom.push(guided / random);
      overPortfolio.push(guided / portfolio);
    }
  }
  const programs = `over ${cases.length} programs x ${REPETITIONS}`;
  const shared = { better: 'lower', scales: 'none' } as const;
  yield {
    name,
    raw: geometricMean(overRandom),
    unit: `of the runs that random takes, ${programs}`,
    ...shared,
    target: '<= 0.5',
    against: `random, given up after ${RUNS_MAX.threads} runs of threads and ${RUNS_MAX.canary} of a canary`,
  };
  yield {
    name: `${name}-portfolio`,
    raw: geometricMean(overPortfolio),
    unit: `of the runs that the portfolio takes, ${programs}`,
    ...shared,
  };
}

function geometricMean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

async function allCases(): Promise<Case[]> {
  const cases: Case[] = [];
  for (const name of CANARIES) {
    const { subject } = await loadTarget(await findTarget(name, process.cwd()));
    cases.push({ name, subject, runsMax: RUNS_MAX.canary });
  }
  for (const { name, program } of SCTBENCH.filter((entry) => SCTBENCH_DEEP.includes(entry.name))) {
    cases.push({ name, subject: threadsSubject(program('bug')), runsMax: RUNS_MAX.threads });
  }
  return cases;
}

interface Finds {
  readonly guided: number;
  readonly random: number;
  readonly portfolio: number;
}

async function findsIn({ subject, runsMax }: Case, seed: string): Promise<Finds> {
  const campaign = new Campaign(subject, { strategy: 'guided', seed, runsMax });
  const drawn = (strategy: SeededStrategy): Promise<number> =>
    runsToFind(runEach(subject, specsOf(strategy, seed, runsMax)), runsMax);
  return {
    guided: await runsToFind(campaign.runs(), runsMax),
    random: await drawn('random'),
    portfolio: await drawn('portfolio'),
  };
}

function* specsOf(strategy: SeededStrategy, seed: string, runs: number): Generator<RunSpec> {
  for (let run = 1; run <= runs; run++) yield { seed: `${seed}/${run}`, strategy };
}

async function runsToFind(runs: AsyncIterable<FinishedRun>, runsMax: number): Promise<number> {
  let made = 0;
  for await (const { result } of runs) {
    made++;
    if (result.verdict === 'violated') return made;
  }
  return runsMax;
}
