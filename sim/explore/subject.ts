import type { History } from '../check/history.ts';
import type { CampaignStrategy } from '../choice/search.ts';
import type { SeededStrategy } from '../choice/seeded.ts';
import type { Strategy } from '../choice/strategy.ts';
import type { Plain } from '../env/net.ts';
import type { FaultPreset, TimedFault } from '../scenario/scenario.gen.ts';
import type { CheckOutcome } from '../scenario/scenario.ts';
import type { Digest } from '../sched/digest.ts';
import type { StepWatcher } from '../sched/kernel.ts';
import type { RunEvent } from '../trace/event.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';
import type { Signals } from './guided/signals.ts';

/** The runs of a campaign have a `replay`, which says how each goes. */
export type StrategyName = SeededStrategy | CampaignStrategy;

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
  readonly replay?: Strategy | undefined;
  /** In place of the seed's draws, what these make of them; called when the run starts. */
  readonly over?: ((fresh: Strategy) => Strategy) | undefined;
  /** Where decisions are noted; emptied first. A new one unless given. */
  readonly record?: DecisionRecord | undefined;
  /** Without an end after so many, a run is inconclusive. */
  readonly stepsMax?: number;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Another one sees what goes into it. */
  readonly digest?: Digest | undefined;
  readonly watcher?: StepWatcher | undefined;
  /** Told what the run shows of itself. */
  readonly signals?: Signals | undefined;
  /** Told the result before another spec is asked for: campaigns go on from there. */
  readonly ended?: ((result: RunResult) => void) | undefined;
  /** Told what the check made of the history. */
  readonly judged?: ((history: History, outcome: CheckOutcome) => void) | undefined;
  /** When it is made twice, and the two runs compared. Default never. */
  readonly compared?: Comparison | undefined;
}

/** `if-failed`, of shared modules: a failure may come from what an earlier run has left in them. */
export type Comparison = 'always' | 'if-failed';

/** A run under way. Its methods are called from macrotasks, inside `guardDrains`. */
export interface SeedRun {
  readonly spec: RunSpec;
  readonly record: DecisionRecord;
  /** So far; while one runs, its number. */
  readonly steps: number;
  /** By number: who runs steps, as the record names them. */
  readonly actors: readonly string[];
  /**
   * The class of the run so far: equal for runs that only swap steps which commute. Undefined of one
   * that was given up.
   */
  readonly interleaving: number | undefined;
  /** The digest after each chunk of steps so far, low lane first. */
  readonly chunks: readonly number[];
  /** Mistakes in handlers of requests so far: the first message, by what threw. */
  readonly handlerErrors?: ReadonlyMap<string, string>;
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
  /** A run to be made before this one can start, since its strategy wants to know what to expect. */
  pilot?(spec: RunSpec): SeedRun | undefined;
  /** False: its steps have no moments, only an order. Default true. */
  readonly timed?: boolean;
  /** The same with fresh modules, where these are shared between nodes and runs. */
  readonly fresh?: Subject | undefined;
}
