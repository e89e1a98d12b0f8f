/**
 * Why a run fails: which faults it needs, when it was decided, and the two steps whose order decides.
 *
 *     faults       each left out: does the run pass?
 *     likelihood   beginnings of the run with fresh draws: after which step does it fail?
 *     cause        two steps in the other order, all else as it was: does the run pass? Beside faults that
 *                  are needed, what they do and how nodes begin is none.
 *                  Where steps cannot be moved: the nearest run that passes, made nearer decision by
 *                  decision and then by halves, until two runs differ in nothing but that order.
 *
 * After A. Zeller, "Isolating Cause-Effect Chains from Computer Programs" (FSE 2002), with decisions in
 * place of program state. All of it is shown by runs, and nothing is inferred that no run has shown.
 */

import { keyOf, stepKey } from '../choice/overheard.ts';
import { Replay } from '../choice/replay.ts';
import type { RunSpec, Subject } from '../explore/subject.ts';
import type { TimedFault } from '../scenario/scenario.gen.ts';
import { narrate } from '../shrink/narrative.ts';
import { Telling } from '../shrink/telling.ts';
import type { DecisionRecord } from '../trace/record.ts';
import { type Parting, Search, type Seen } from './cause.ts';
import { type Difference, differencesOf } from './difference.ts';
import { entriesOf } from './entries.ts';
import { FaultsMet, type ToldFault, withoutEach } from './faults.ts';
import { type Likelihood, likelihoodOf } from './likelihood.ts';
import { sharedSteps } from './pair.ts';
import { type Bounds, type Outcome, OutOfBounds, type Rerun, Reruns } from './reruns.ts';
import { ToldStory } from './told-story.ts';
import { chainOf, type SeenStep, Watch, withFrames } from './watch.ts';

/** What is explained: a story, or a recorded run that has been made small. */
export interface Explained {
  readonly spec: Omit<RunSpec, 'record' | 'replay'>;
  /** The decisions that are not the calmest. */
  readonly record: DecisionRecord;
  readonly signature: string;
  /** Faults at fixed times, besides those that are drawn. */
  readonly timeline: readonly TimedFault[];
}

/**
 * - `order`: the run passes when `second` comes before `first`; here it may not come at all. `shown` says that a run with just that
 *   change was made; otherwise it is the first change of order in the nearest run that passes
 * - `outcome`: every step comes in the same order: the outcome of one decision decides
 */
export type Cause =
  | {
      readonly is: 'order';
      readonly first: SeenStep;
      readonly second: SeenStep;
      readonly shown: boolean;
    }
  | {
      readonly is: 'outcome';
      readonly difference: Difference;
      /** Where the program asks for it. */
      readonly decidedAt: readonly string[];
      readonly step: SeenStep | undefined;
    };

/** The nearest run that passes. */
export interface Sibling {
  readonly differing: readonly Difference[];
  /** Steps that both take before they part. */
  readonly shared: number;
}

export interface Explanation {
  /** How the story ends now; only where it is `same` there is more to say. */
  readonly outcome: Outcome;
  readonly run: Rerun;
  readonly story: ToldStory;
  /** Decisions of the story that found their place in that run, of all that it has. */
  readonly fit: { readonly used: number; readonly total: number };
  readonly faults: readonly ToldFault[];
  readonly cause: Cause | undefined;
  readonly sibling: Sibling | undefined;
  readonly likelihood: Likelihood;
  readonly runs: number;
  /** What ended the search before it was through. */
  readonly ended: 'runs' | 'time' | 'interrupted' | undefined;
}

/** Of all runs that may be made; what one part leaves, the next ones have. */
const SHARE = { likelihood: 0.25, moving: 0.45, sibling: 0.2 };

/** Undefined when the bounds ended even the first run. */
export async function explain(
  subject: Subject,
  explained: Explained,
  bounds: Bounds,
): Promise<Explanation | undefined> {
  const explaining = new Explaining(subject, explained, bounds);
  try {
    await explaining.all();
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
  }
  return explaining.explanation();
}

class Explaining {
  private readonly explained: Explained;
  private readonly runsMax: number;
  private readonly reruns: Reruns;
  private readonly search: Search;
  private failing: Seen | undefined;
  private story: ToldStory | undefined;
  private fit: Explanation['fit'] = { used: 0, total: 0 };
  private readonly faults: ToldFault[] = [];
  /** The step of the last fault without which the run passes. */
  private neededFault: number | undefined;
  private likelihood: Likelihood = { chances: [], jump: undefined, sibling: undefined };
  private cause: Cause | undefined;
  private sibling: Sibling | undefined;
  private ended: Explanation['ended'];

  constructor(subject: Subject, explained: Explained, bounds: Bounds) {
    this.explained = explained;
    this.runsMax = bounds.runsMax;
    this.reruns = new Reruns(subject, explained.spec, explained.signature, bounds);
    this.search = new Search(this.reruns);
  }

  async all(): Promise<void> {
    try {
      const telling = new Telling(this.explained.record);
      const watch = new Watch({ told: true, telling });
      const met = new FaultsMet(telling);
      const replay = new Replay(this.explained.record);
      const run = await this.reruns.under(met.overhearing(replay), { watch });
      this.fit = replay.fit();
      const failing = { entries: entriesOf(run.record), run, steps: watch.steps };
      this.failing = failing;
      this.story = new ToldStory(narrate(telling.events), watch.steps);
      if (run.outcome !== 'same') return;
      this.reruns.stepsMax = 10 * run.result.steps + 1_000;
      await this.leaveOutFaults(met, failing);
      if (this.neededFault !== undefined) this.search.besidesFaults(begunIn(watch.steps));
      await this.measure(failing);
      const parting = await this.findParting(failing);
      if (parting !== undefined) await this.tell(parting);
    } catch (error) {
      this.ended = this.reruns.ended;
      throw error;
    }
  }

  explanation(): Explanation | undefined {
    const { failing, story, fit, faults, cause, sibling, likelihood, ended } = this;
    if (failing === undefined || story === undefined) return undefined;
    const { run } = failing;
    const { outcome } = run;
    const { count: runs } = this.reruns;
    return { outcome, run, story, fit, faults, cause, sibling, likelihood, runs, ended };
  }

  private async leaveOutFaults(met: FaultsMet, { steps }: Seen): Promise<void> {
    const { record, spec, timeline } = this.explained;
    const story = { record, plan: spec.plan, timeline };
    for await (const fault of withoutEach(this.reruns, story, { met, steps })) {
      this.faults.push(fault);
      if (fault.without === 'passed') this.neededFault = fault.step;
    }
  }

  private async measure({ run, steps }: Seen): Promise<void> {
    const failing = { record: run.record, steps };
    const runsMax = Math.floor(this.runsMax * SHARE.likelihood);
    this.likelihood = await likelihoodOf(this.reruns, failing, runsMax);
  }

  /** Two steps that were exchanged; else the nearest run that passes, best with two in another order. */
  private async findParting(failing: Seen): Promise<Parting | undefined> {
    const { search, runsMax } = this;
    const moved = await search.byMoving(failing, {
      near: this.likelihood.jump?.step.number ?? this.neededFault,
      runsMax: Math.floor(runsMax * SHARE.moving),
    });
    if (moved !== undefined) return moved;
    let best: Parting | undefined;
    const { sibling } = this.likelihood;
    if (sibling !== undefined) {
      best = await search.bySibling(failing, sibling, Math.floor(runsMax * SHARE.sibling));
      if (best?.flip !== undefined) return best;
    }
    const story = entriesOf(this.explained.record);
    try {
      for (const entry of story.toReversed()) {
        const parting = await search.byLeavingOut(story, entry);
        if (parting?.flip !== undefined) return parting;
        best ??= parting;
      }
    } catch (error) {
      if (!(error instanceof OutOfBounds)) throw error;
      this.ended = this.reruns.ended;
    }
    return best;
  }

  /** Runs both once more, for words and stacks. */
  private async tell({ failing, passing, differing, flip, shown }: Parting): Promise<void> {
    const decision = differing.at(-1)!;
    const keys = differing.map(keyOf);
    for (const step of flip === undefined ? [] : [flip.first, flip.second]) {
      for (const { key } of chainOf(step, failing.steps)) keys.push(key);
    }
    const watch = new Watch({ told: true, frames: new Set(keys) });
    await this.reruns.of(failing.entries, { watch, telling: true });
    const other = new Watch({ told: true, frames: new Set(keys) });
    await this.reruns.of(passing.entries, { watch: other, telling: true });
    const seen = new Map([...other.steps, ...watch.steps].map((step) => [step.key, step]));
    const key = keyOf(decision);
    const differences = differencesOf({
      entries: differing,
      // Of those before the last, which the failing run here has too, as the story's run has them.
      failing: [
        ...this.failing!.entries.filter((entry) => keyOf(entry) !== key),
        ...failing.entries.filter((entry) => keyOf(entry) === key),
      ],
      steps: [...seen.values()],
      actorOf: (entry) => watch.askers.get(keyOf(entry)) ?? other.askers.get(keyOf(entry)) ?? '',
    });
    this.sibling = {
      differing: differences,
      shared: sharedSteps(failing.steps, passing.steps),
    };
    if (flip === undefined) {
      this.cause = {
        is: 'outcome',
        difference: differences.at(-1)!,
        decidedAt: watch.decidedAt.get(key) ?? [],
        step: seen.get(stepKey(decision.lo, decision.hi)),
      };
    } else {
      const told = ({ key, number }: SeenStep): SeenStep => ({
        ...withFrames(seen.get(key)!, watch.steps),
        number,
      });
      this.cause = { is: 'order', first: told(flip.first), second: told(flip.second), shown };
    }
  }
}

/** Steps by which nodes begin: from their start until their program is done with its own part. */
function begunIn(steps: readonly SeenStep[]): ReadonlySet<string> {
  const begun = steps.filter(({ words }) => words.some((text) => BEGUN.test(text)));
  return new Set(begun.flatMap((step) => [...chainOf(step, steps)].map(({ key }) => key)));
}

const BEGUN = / (starts|restarts|is done)$/;
