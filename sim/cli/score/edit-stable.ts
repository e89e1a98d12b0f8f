/**
 * Whether seeds survive an edit. One replica of a canary gets a timer and a request that the others
 * do not have (edited-replica.ts). Then each failing seed runs before and after: does it still fail,
 * and is each decision of the run before, by kind, site, step and ordinal, one of the run after, with
 * the same outcome?
 */
import { fileURLToPath } from 'node:url';
import { explore, Workers } from '../../campaign/explore.ts';
import { provided } from '../../campaign/provided.ts';
import { loadTarget, type Target, type TargetRef } from '../../campaign/targets.ts';
import { type FinishedRun, runOne } from '../../explore/runner.ts';
import type { Subject } from '../../explore/subject.ts';
import { scenarioSubject } from '../../explore/subjects.ts';
import { type Scenario, scenarioAt } from '../../scenario/scenario.ts';
import { nsOfMs } from '../../time/units.ts';
import { DecisionRecord, STEP } from '../../trace/record.ts';

export interface FailingSeeds {
  readonly failing: readonly string[];
  /** Seeds that were run to find them, from 1. */
  readonly of: number;
}

export interface AfterEdit {
  /** Seeds that fail in the same way. */
  readonly still: number;
  /** Decisions of the runs before the edit, up to the end of those after it. */
  readonly draws: number;
  /** Those that came out otherwise. */
  readonly moved: number;
  /** Those that are not taken any more. */
  readonly lost: number;
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
  let [still, draws, moved, lost] = [0, 0, 0, 0];
  for (const seed of seeds) {
    const before = await recorded(target.subject, seed);
    const after = await recorded(edited, seed);
    const { failure } = after.result;
    if (failure !== undefined && failure.signature === before.result.failure?.signature) still++;
    const both = compare(before.record!, after.record!, nsOfMs(after.result.virtualMs));
    draws += both.draws;
    moved += both.moved;
    lost += both.lost;
  }
  return { still, draws, moved, lost };
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

/** Decisions of `before` up to the end of the run that `after` is of, and what became of them. */
export function compare(
  before: DecisionRecord,
  after: DecisionRecord,
  endNs: number,
): { readonly draws: number; readonly moved: number; readonly lost: number } {
  const outcomes = new Map<string, number>();
  for (let entry = 0; entry < after.count; entry++) {
    outcomes.set(keyOf(after, entry), after.outcome(entry));
  }
  let [draws, moved, lost] = [0, 0, 0];
  const latestNs = latest(before);
  for (let entry = 0; entry < before.count && latestNs[entry]! <= endNs; entry++) {
    const outcome = outcomes.get(keyOf(before, entry));
    draws++;
    if (outcome === undefined) lost++;
    else if (outcome !== before.outcome(entry)) moved++;
  }
  return { draws, moved, lost };
}

/**
 * By entry: a moment that it was not taken after, that of the earliest step noted at it or later. What
 * was withdrawn is noted with a moment that lies ahead.
 */
function latest(record: DecisionRecord): Float64Array {
  const latestNs = new Float64Array(record.count);
  let next = Infinity;
  for (let entry = record.count - 1; entry >= 0; entry--) {
    if (record.kind(entry) === STEP) next = Math.min(next, record.outcome(entry));
    latestNs[entry] = next;
  }
  return latestNs;
}

function keyOf(record: DecisionRecord, entry: number): string {
  const kind = record.kind(entry);
  const site = kind === STEP ? '' : record.site(entry);
  const [lo, hi] = [record.lo(entry), record.hi(entry)];
  return `${kind} ${site} ${lo} ${hi} ${record.ordinal(entry)}`;
}
