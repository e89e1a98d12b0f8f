/** The row `explore/guided` of `npm run score`: how much sooner a guided campaign finds a bug than chance. */
import { SCTBENCH, SCTBENCH_DEEP } from '../../scenarios/sctbench/catalogue.ts';
import { findTarget, loadTarget } from '../campaign/targets.ts';
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

/** The geometric mean, over cases and repetitions, of runs to find: guided over random. */
export async function* rows({ budgetMs }: { readonly budgetMs: number }): Rows {
  const name = 'explore/guided';
  const until = performance.now() + budgetMs;
  const cases = await allCases();
  const logs: number[] = [];
  for (let repetition = 1; repetition <= REPETITIONS; repetition++) {
    for (const one of cases) {
      if (performance.now() > until) {
        yield { name, skipped: `time was up in repetition ${repetition}: give more --budget` };
        return;
      }
      logs.push(Math.log(await ratioIn(one, `repetition ${repetition}`)));
    }
  }
  yield {
    name,
    raw: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length),
    unit: `of the runs that random takes, over ${cases.length} programs x ${REPETITIONS}`,
    better: 'lower',
    scales: 'none',
    target: '<= 0.5',
    against: `random, given up after ${RUNS_MAX.threads} runs of threads and ${RUNS_MAX.canary} of a canary`,
  };
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

async function ratioIn({ subject, runsMax }: Case, seed: string): Promise<number> {
  const guided = new Campaign(subject, { strategy: 'guided', seed, runsMax });
  const found = await runsToFind(guided.runs(), runsMax);
  const byChance = await runsToFind(runEach(subject, randomSpecs(seed, runsMax)), runsMax);
  return found / byChance;
}

function* randomSpecs(seed: string, runs: number): Generator<RunSpec> {
  for (let run = 1; run <= runs; run++) yield { seed: `${seed}/${run}`, strategy: 'random' };
}

async function runsToFind(runs: AsyncIterable<FinishedRun>, runsMax: number): Promise<number> {
  let made = 0;
  for await (const { result } of runs) {
    made++;
    if (result.verdict === 'violated') return made;
  }
  return runsMax;
}
