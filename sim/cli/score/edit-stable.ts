/**
 * Whether seeds survive an edit. One replica of a canary gets a timer and a request that the others
 * do not have (edited-replica.ts). Then each failing seed runs before and after: does it still fail,
 * and has any decision that both runs take, by kind, site, step and ordinal, another outcome?
 */
import { fileURLToPath } from 'node:url';
import { explore, Workers } from '../../campaign/explore.ts';
import { provided } from '../../campaign/provided.ts';
import { loadTarget, type Target, type TargetRef } from '../../campaign/targets.ts';
import { type FinishedRun, runOne } from '../../explore/runner.ts';
import type { Subject } from '../../explore/subject.ts';
import { scenarioSubject } from '../../explore/subjects.ts';
import { type Scenario, scenarioAt } from '../../scenario/scenario.ts';
import { DecisionRecord, STEP } from '../../trace/record.ts';

export interface FailingSeeds {
  readonly failing: readonly string[];
  /** Seeds that were run to find them, from 1. */
  readonly of: number;
}

export interface AfterEdit {
  /** Seeds that fail in the same way. */
  readonly still: number;
  /** Decisions that both runs take, over all seeds. */
  readonly draws: number;
  /** Those that came out otherwise. */
  readonly moved: number;
}

const EDITED = fileURLToPath(new URL('./edited-replica.ts', import.meta.url));
const RANGE_SEEDS = 200;
const HANG_MS = 60_000;

/** The lowest failing seeds, fewer when time is up. */
export async function failingSeeds(
  target: TargetRef,
  { wanted, budgetMs }: { readonly wanted: number; readonly budgetMs: number },
): Promise<FailingSeeds> {
  const until = performance.now() + budgetMs;
  const workers = new Workers();
  const failing: string[] = [];
  let of = 0;
  try {
    while (failing.length < wanted && performance.now() < until) {
      const seeds = { from: of + 1, to: of + RANGE_SEEDS };
      const options = { seeds, strategy: 'random', keepGoing: true, hangMs: HANG_MS } as const;
      const { tally } = await explore(target, workers, options);
      const violated = tally.failures.filter(({ verdict }) => verdict === 'violated');
      failing.push(...violated.map(({ seed }) => seed));
      of = seeds.to;
    }
  } finally {
    await workers.close();
  }
  if (failing.length < wanted) return { failing, of };
  return { failing: failing.slice(0, wanted), of: Number(failing[wanted - 1]) };
}

/** Runs each seed of the target before and after the edit. */
export async function afterEdit(ref: TargetRef, seeds: readonly string[]): Promise<AfterEdit> {
  const target = await loadTarget(ref);
  const edited = await editedSubject(target);
  let [still, draws, moved] = [0, 0, 0];
  for (const seed of seeds) {
    const before = await recorded(target.subject, seed);
    const after = await recorded(edited, seed);
    const { failure } = after.result;
    if (failure !== undefined && failure.signature === before.result.failure?.signature) still++;
    const both = compare(before.record!, after.record!);
    draws += both.draws;
    moved += both.moved;
  }
  return { still, draws, moved };
}

async function editedSubject({ scenario }: Target): Promise<Subject> {
  const { roles, check, file, ...rest } = scenario as Scenario;
  const replica = { ...roles.get('replica')!, program: EDITED };
  const options = { ...rest, roles: { ...Object.fromEntries(roles), replica } };
  const edited = scenarioAt(check === undefined ? options : { ...options, check }, file);
  return scenarioSubject(edited, await provided());
}

function recorded(subject: Subject, seed: string): Promise<FinishedRun> {
  const spec = { seed, strategy: 'random', record: new DecisionRecord() } as const;
  return runOne(subject, spec, { hangMs: HANG_MS });
}

/** Decisions of both records, and those of them with another outcome. */
export function compare(
  before: DecisionRecord,
  after: DecisionRecord,
): { readonly draws: number; readonly moved: number } {
  const outcomes = new Map<string, number>();
  for (let entry = 0; entry < before.count; entry++) {
    outcomes.set(keyOf(before, entry), before.outcome(entry));
  }
  let [draws, moved] = [0, 0];
  for (let entry = 0; entry < after.count; entry++) {
    const known = outcomes.get(keyOf(after, entry));
    if (known === undefined) continue;
    draws++;
    if (known !== after.outcome(entry)) moved++;
  }
  return { draws, moved };
}

function keyOf(record: DecisionRecord, entry: number): string {
  const kind = record.kind(entry);
  const site = kind === STEP ? '' : record.site(entry);
  const [lo, hi] = [record.lo(entry), record.hi(entry)];
  return `${kind} ${site} ${lo} ${hi} ${record.ordinal(entry)}`;
}
