import type { Replay } from '../choice/replay.ts';
import type { SeededStrategy } from '../choice/seeded.ts';
import type { Plain } from '../env/net.ts';
import type { FaultPreset, TimedFault } from '../scenario/scenario.gen.ts';
import type { RunEvent } from '../trace/event.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';

export type StrategyName = SeededStrategy;

/** Parts of a subject that one run changes: what generators of plans make, and shrinkers reduce. */
export interface Plan {
  readonly roles?: { readonly [role: string]: { readonly count?: number; readonly args?: Plain } };
  /** Names of nodes that are left out. */
  readonly absent?: readonly string[];
  /** In place of the subject's own. */
  readonly timeline?: readonly TimedFault[];
}

/** How one run is made. */
export interface RunSpec {
  readonly seed: string;
  readonly strategy: StrategyName;
  /** In place of the subject's own. */
  readonly faults?: FaultPreset | undefined;
  readonly plan?: Plan | undefined;
  /** Decisions are taken from here instead of from the seed; made anew for each run. */
  readonly replay?: Replay | undefined;
  /** Where decisions are noted; emptied first. A new one unless given. */
  readonly record?: DecisionRecord | undefined;
  /** Without an end after so many, a run is inconclusive. */
  readonly stepsMax?: number;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** When a subject with shared modules is run with fresh ones too, and the two compared. Default never. */
  readonly compared?: Comparison | undefined;
}

/** `if-failed`: a failure may come from what an earlier run has left in the modules. */
export type Comparison = 'always' | 'if-failed';

/** A run under way. Its methods are called from macrotasks, inside `guardDrains`. */
export interface SeedRun {
  readonly spec: RunSpec;
  readonly record: DecisionRecord;
  /** By number: who runs steps, as the record names them. */
  readonly actors: readonly string[];
  /** The class of the run so far: equal for runs that only swap steps which commute. */
  readonly interleaving: number;
  /** Runs on for at most `stepsMax` steps; true when only `result` is left to call. */
  advance(stepsMax: number): boolean;
  /** Ends the run and judges it. */
  result(): RunResult;
  /** The result when `advance` or `result` was cut off after `limitMs` of real time. */
  hung(limitMs: number): RunResult;
}

interface SubjectRole {
  /** Nodes, named `ROLE-1`, `ROLE-2`, … */
  readonly count: number;
  readonly args: Plain;
  /** Names of whole numbers in `args` that say how much is done. */
  readonly workload: readonly string[];
}

/** Something that can be run once per seed: a scenario, a file, a test's body, a set of threads. */
export interface Subject {
  readonly name: string;
  /** What a plan can change. */
  readonly roles: ReadonlyMap<string, SubjectRole>;
  start(spec: RunSpec): SeedRun;
  /** The same with fresh modules, where these are shared between nodes and runs. */
  readonly fresh?: Subject | undefined;
}
