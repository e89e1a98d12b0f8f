/**
 * Runs seeds in this process. Worlds run synchronously inside slices of real time, each slice from a
 * macrotask of its own, under the watchdog; between slices the process breathes.
 */
import { guarded } from '../node/guard/guarded.ts';
import { leaveAsyncScopes, underWatch } from '../sched/watchdog.ts';
import { DecisionRecord } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';
import { isCompared, weighedAgainst } from './both-ways.ts';
import type { RunSpec, SeedRun, Subject } from './subject.ts';

export interface RunnerOptions {
  /** Real ms after which one step counts as a hang. Default 5,000. */
  readonly hangMs?: number;
  /** Asked now and then: when true, the run under way is given up and no other begins. */
  readonly stopped?: () => boolean;
}

/** A run was given up because it was `stopped`. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export interface FinishedRun {
  /** As it was given. */
  readonly spec: RunSpec;
  readonly result: RunResult;
  /** Its decisions; kept only for runs that did not pass, and where the spec gave one. */
  readonly record: DecisionRecord | undefined;
  readonly actors: readonly string[];
  /** Its class; undefined of a run that was cut off. */
  readonly interleaving: number | undefined;
}

const HANG_MS = 5_000;
const SLICE_MS = 100;
/** Steps between two looks at the real clock. */
const SHARE_STEPS = 2_000;

// The originals: programs under test may run while these are replaced.
const { setImmediate } = globalThis;
const now = performance.now.bind(performance);

/** Runs each spec once, in order; yields as they finish. Stops where the caller stops. */
export async function* runEach(
  subject: Subject,
  specs: Iterable<RunSpec>,
  options: RunnerOptions = {},
): AsyncGenerator<FinishedRun> {
  const { hangMs = HANG_MS, stopped = () => false } = options;
  const queue = specs[Symbol.iterator]();
  let spare = new DecisionRecord();
  let run: SeedRun | undefined;
  let spec!: RunSpec;
  for (let more = true; more; ) {
    const finished: FinishedRun[] = [];
    const slice = (): void => {
      const until = now() + SLICE_MS;
      while (now() < until) {
        if (run === undefined) {
          const next = queue.next();
          if (next.done) {
            more = false;
            return;
          }
          spec = next.value;
          run = subject.start({ ...spec, record: spec.record ?? spare });
        }
        if (stopped()) {
          more = false;
          run = undefined;
          return;
        }
        if (!run.advance(SHARE_STEPS)) continue;
        const { interleaving } = run;
        const result = run.result();
        const keep = result.verdict !== 'passed' || run.record !== spare;
        const { record, actors } = run;
        finished.push({
          spec,
          result,
          record: keep ? record : undefined,
          actors,
          interleaving,
        });
        if (keep && run.record === spare) spare = new DecisionRecord();
        run = undefined;
      }
    };
    const end = await inMacrotask(() => {
      const how = guarded(() => underWatch(hangMs, slice));
      if (how === 'hung') leaveAsyncScopes();
      return how;
    });
    if (end === 'hung' && run !== undefined) {
      const stuck: SeedRun = run;
      const { record, actors } = stuck;
      const result = stuck.hung(hangMs);
      finished.push({ spec, result, record, actors, interleaving: undefined });
      spare = new DecisionRecord();
      run = undefined;
    }
    for (const one of finished) yield await compared(subject, one, options);
  }
}

/** Runs one spec. @throws Stopped */
export async function runOne(
  subject: Subject,
  spec: RunSpec,
  options: RunnerOptions = {},
): Promise<FinishedRun> {
  const record = spec.record ?? new DecisionRecord();
  for await (const finished of runEach(subject, [{ ...spec, record }], options)) {
    return { ...finished, spec };
  }
  throw new Stopped();
}

/** The run as it was, or weighed against the same with fresh modules where its spec wants that. */
async function compared(
  { fresh }: Subject,
  run: FinishedRun,
  options: RunnerOptions,
): Promise<FinishedRun> {
  const { spec, result } = run;
  const { seed, strategy, faults, plan, replay } = spec;
  if (fresh === undefined || replay !== undefined || !isCompared(spec.compared, result)) return run;
  const other = await runOne(fresh, { seed, strategy, faults, plan }, options);
  return { ...run, result: weighedAgainst(other.result, result) };
}

/** Not after an await: inside a microtask nothing drains. */
function inMacrotask<Result>(body: () => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(body());
      } catch (error) {
        reject(error);
      }
    });
  });
}
