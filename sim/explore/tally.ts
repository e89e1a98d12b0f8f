/**
 * What a number of runs came to. Tallies are merged in the order of their seeds; everything in them
 * is a count or a sum of whole numbers, so it does not matter who made which part, or when.
 */
import { addClass, type Classes } from '../choice/coverage.ts';
import { hashName, scramble } from '../choice/mix.ts';
import { hexWord } from '../trace/hex-word.ts';
import type { RunResult, RunVerdict } from '../trace/run.ts';
import type { FinishedRun } from './runner.ts';

/** Can be posted to another thread. */
export interface Tally {
  runs: number;
  steps: number;
  virtualUs: number;
  /** Two lanes of the sum of each (seed, digest), hashed. */
  digestLow: number;
  digestHigh: number;
  /** Runs that took a decision with two outcomes. */
  decided: number;
  /** Operations that came back, and runs whose check looked at the history. */
  operations: number;
  historyReads: number;
  /** `sometimes` and `reachable` names met, with the number of runs in which they held. */
  readonly sometimes: Map<string, number>;
  /** Mistakes in handlers of requests, with the number of runs that saw them. */
  readonly handlerErrors: Map<string, HandlerError>;
  /** Runs by class. */
  classes: Classes;
  /** Runs that a search gave up, since all that could follow was seen. */
  abandoned: number;
  /** The most actors, and decisions with more than one outcome, of any run. */
  actorsMax: number;
  decisionsMax: number;
  /** Runs that did not pass, by seed. */
  failures: RunResult[];
}

interface HandlerError {
  /** That of the lowest seed. */
  readonly message: string;
  readonly runs: number;
}

export function emptyTally(): Tally {
  return {
    runs: 0,
    steps: 0,
    virtualUs: 0,
    digestLow: 0,
    digestHigh: 0,
    decided: 0,
    operations: 0,
    historyReads: 0,
    sometimes: new Map(),
    handlerErrors: new Map(),
    classes: new Map(),
    abandoned: 0,
    actorsMax: 0,
    decisionsMax: 0,
    failures: [],
  };
}

export function addRun(
  tally: Tally,
  run: Pick<FinishedRun, 'result' | 'interleaving' | 'actors' | 'handlerErrors'>,
): void {
  const { result, interleaving, actors, handlerErrors = [] } = run;
  const { seed, digest } = result;
  const one = hashName(`${seed}:${digest}`);
  tally.runs++;
  tally.steps += result.steps;
  tally.virtualUs += Math.round(result.virtualMs * 1000);
  tally.digestLow = (tally.digestLow + one) | 0;
  tally.digestHigh = (tally.digestHigh + scramble(one ^ hashName(`${digest}:${seed}`))) | 0;
  tally.decided += result.decisions > 0 ? 1 : 0;
  tally.operations += result.operations;
  tally.historyReads += result.readsHistory ? 1 : 0;
  tally.actorsMax = Math.max(tally.actorsMax, actors.length);
  tally.decisionsMax = Math.max(tally.decisionsMax, result.decisions);
  if (interleaving !== undefined) addClass(tally.classes, interleaving, 1);
  else if (result.verdict === 'passed') tally.abandoned++;
  for (const [name, held] of result.sometimes) addSometimes(tally, name, held ? 1 : 0);
  for (const [what, message] of handlerErrors) {
    addHandlerError(tally, what, { message, runs: 1 });
  }
  if (result.verdict !== 'passed') tally.failures.push(result);
}

/** Adds a part whose seeds come after all of `tally`'s. */
export function addTally(tally: Tally, part: Tally): void {
  tally.runs += part.runs;
  tally.steps += part.steps;
  tally.virtualUs += part.virtualUs;
  tally.digestLow = (tally.digestLow + part.digestLow) | 0;
  tally.digestHigh = (tally.digestHigh + part.digestHigh) | 0;
  tally.decided += part.decided;
  tally.operations += part.operations;
  tally.historyReads += part.historyReads;
  tally.actorsMax = Math.max(tally.actorsMax, part.actorsMax);
  tally.decisionsMax = Math.max(tally.decisionsMax, part.decisionsMax);
  tally.abandoned += part.abandoned;
  for (const [runClass, runs] of part.classes) addClass(tally.classes, runClass, runs);
  for (const [name, runs] of part.sometimes) addSometimes(tally, name, runs);
  for (const [what, error] of part.handlerErrors) addHandlerError(tally, what, error);
  tally.failures.push(...part.failures);
}

function addSometimes(tally: Tally, name: string, runs: number): void {
  tally.sometimes.set(name, (tally.sometimes.get(name) ?? 0) + runs);
}

function addHandlerError(tally: Tally, what: string, { message, runs }: HandlerError): void {
  const before = tally.handlerErrors.get(what);
  const first = before?.message ?? message;
  tally.handlerErrors.set(what, { message: first, runs: (before?.runs ?? 0) + runs });
}

/** 16 hexadecimal digits. */
export function digestOf({ digestLow, digestHigh }: Tally): string {
  return hexWord(digestHigh) + hexWord(digestLow);
}

const WORST: readonly RunVerdict[] = ['diverged', 'violated', 'inconclusive'];

/** The worst verdict of all runs. A plain file may be the same in every run; a scenario may not. */
export function verdictOf(
  tally: Tally,
  subject: 'scenario' | 'file',
): { readonly verdict: RunVerdict; readonly reason: string | undefined } {
  const verdicts = new Set(tally.failures.map(({ verdict }) => verdict));
  const worst = WORST.find((verdict) => verdicts.has(verdict));
  if (worst !== undefined) return { verdict: worst, reason: undefined };
  if (tally.runs === 0) return { verdict: 'inconclusive', reason: 'no seed was run' };
  const reason = vacuity(tally) ?? (subject === 'file' ? idleness(tally) : undefined);
  return { verdict: reason === undefined || subject === 'file' ? 'passed' : 'vacuous', reason };
}

function vacuity({ runs, decided, historyReads, operations }: Tally): string | undefined {
  if (decided === 0) return 'no seed took a decision with two outcomes: every run was the same';
  if (historyReads === runs && operations === 0) {
    return 'the check reads the history, and no seed completed an operation';
  }
  return undefined;
}

/** Steps of a plain file that waits for nothing: the process starts, runs the file, and exits. */
const IDLE_STEPS = 3;

function idleness({ runs, steps }: Tally): string | undefined {
  if (steps > IDLE_STEPS * runs) return undefined;
  return 'the file waits for nothing: every run was the same';
}

/** Mistakes in handlers that no seed was without, in words. */
export function inEverySeed({ handlerErrors, runs }: Tally): string[] {
  return [...handlerErrors]
    .filter(([, error]) => error.runs === runs)
    .map(([what, { message }]) => `${what}: ${message}`)
    .sort();
}

/** Names that never held. */
export function neverSeen({ sometimes }: Tally): string[] {
  return [...sometimes.keys()].filter((name) => sometimes.get(name) === 0).sort();
}
