/** A run with an eye on its steps: who ran them, what made them, what they did, in words. */

import { Overheard, stepKey } from '../choice/overheard.ts';
import type { Strategy } from '../choice/strategy.ts';
import { FRAMES_MAX, programFrames } from '../node/guard/stack-trace.ts';
import type { BegunStep, StepWatcher } from '../sched/kernel.ts';
import { subjectOf } from '../shrink/narrative.ts';
import type { Telling } from '../shrink/telling.ts';
import type { RunEvent } from '../trace/event.ts';

/** One step of a run, and what is worth telling of it. */
export interface SeenStep {
  /** From 1, as the run counts them. */
  readonly number: number;
  /** Its identity. */
  readonly key: string;
  readonly site: string;
  /** A node, a link as `from>to`, a thread. */
  readonly actor: string;
  readonly atNs: number;
  /** The step that made it; 0 for none. */
  readonly cause: number;
  /** What two steps must share for their order to matter, where it is known: an object of threads. */
  readonly object: string | undefined;
  readonly words: readonly string[];
  /** Where it was made, the innermost first; only of steps that were asked for. */
  readonly madeAt: readonly string[];
  /** What ran in it, at the first thing that it did. */
  readonly ranAt: readonly string[];
}

/** Sees one run, with what it tells if asked; `frames` names steps and decisions whose stacks are kept. */
export class Watch implements StepWatcher {
  readonly steps: SeenStep[] = [];
  /** Where decisions that were asked for were taken. */
  readonly decidedAt: Map<string, readonly string[]> = new Map();
  /** And by whom. */
  readonly askers: Map<string, string> = new Map();
  /** Events are wanted too. */
  readonly told: boolean;
  private readonly frames: ReadonlySet<string>;
  private readonly telling: Telling | undefined;
  private readonly origins = new Map<string, Pick<SeenStep, 'cause' | 'madeAt'>>();
  /** By number, until the run has ended: only then all have their names. */
  private readonly actors: number[] = [];
  private readonly asking = new Map<string, number>();
  private now: Writable | undefined;

  /** `telling` hears the same run, for its story. */
  constructor(
    options: {
      readonly told?: boolean;
      readonly frames?: ReadonlySet<string>;
      readonly telling?: Telling;
    } = {},
  ) {
    this.told = options.told === true;
    this.frames = options.frames ?? new Set();
    this.telling = options.telling;
  }

  made({ lo, hi }: Pick<BegunStep, 'lo' | 'hi'>): void {
    this.ran();
    const key = stepKey(lo, hi);
    if (this.origins.has(key)) return;
    const madeAt = this.frames.has(key) ? programFrames(FRAMES_MAX) : [];
    this.origins.set(key, { cause: this.now?.number ?? 0, madeAt });
  }

  began(step: BegunStep): void {
    this.telling?.began(step);
    const { number, lo, hi, site, actor, atNs, object, frames = [] } = step;
    const key = stepKey(lo, hi);
    const { cause, madeAt } = this.origins.get(key) ?? { cause: 0, madeAt: [] };
    const where = this.frames.has(key) && frames.length > 0 ? frames : madeAt;
    this.now = {
      number,
      key,
      site,
      actor: '',
      atNs,
      cause,
      object,
      words: [],
      madeAt: where,
      ranAt: [],
    };
    this.steps.push(this.now);
    this.actors.push(actor);
  }

  /** Of the run that has ended. */
  named(actors: readonly string[]): void {
    for (const [at, step] of (this.steps as Writable[]).entries()) {
      step.actor = actors[this.actors[at]!]!;
    }
    for (const [key, actor] of this.asking) this.askers.set(key, actors[actor] ?? '');
  }

  readonly onEvent = (event: RunEvent): void => {
    this.telling?.onEvent(event);
    if (this.now === undefined || event.step !== this.now.number) return;
    this.ran();
    this.now.words.push(subjectOf(event) + event.text);
  };

  /** Keeps where decisions that were asked for are taken. */
  overhearing(strategy: Strategy): Strategy {
    const told = this.telling?.overhearing(strategy) ?? strategy;
    return new Overheard(told, ({ key, actor }) => {
      if (!this.frames.has(key)) return;
      this.decidedAt.set(key, programFrames(FRAMES_MAX));
      this.asking.set(key, actor);
    });
  }

  private ran(): void {
    const { now } = this;
    if (now === undefined || now.ranAt.length > 0 || !this.frames.has(now.key)) return;
    now.ranAt = programFrames(FRAMES_MAX);
  }
}

/** The step and those that led to it, itself first. */
export function* chainOf(step: SeenStep, steps: readonly SeenStep[]): Generator<SeenStep> {
  const byNumber = new Map(steps.map((one) => [one.number, one]));
  for (let at: SeenStep | undefined = step; at !== undefined; at = byNumber.get(at.cause)) yield at;
}

/** The step with the stack of the nearest step before it that has one, where it has none itself. */
export function withFrames(step: SeenStep, steps: readonly SeenStep[]): SeenStep {
  if (step.madeAt.length > 0) return step;
  for (const { madeAt } of chainOf(step, steps)) if (madeAt.length > 0) return { ...step, madeAt };
  return step;
}

interface Writable extends SeenStep {
  actor: string;
  words: string[];
  ranAt: readonly string[];
}
