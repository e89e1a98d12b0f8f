/** A run with an eye on its steps: who ran them, what made them, what they did, in words. */

import type { Spread } from '../choice/shape.ts';
import type { Site } from '../choice/site.ts';
import type { Asker, Candidates, Strategy, Weights } from '../choice/strategy.ts';
import { programFrames } from '../node/guard/stack-trace.ts';
import type { StepWatcher } from '../sched/kernel.ts';
import type { RunEvent } from '../trace/event.ts';
import { BRANCH, VALUE } from '../trace/record.ts';
import { keyOf, stepKey } from './entries.ts';

/** One step of a run, and what is worth telling of it. */
export interface SeenStep {
  /** From 1, as the run counts them. */
  readonly number: number;
  /** Its identity. */
  readonly key: string;
  readonly site: string;
  readonly actor: number;
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

const FRAMES_MAX = 6;

/** Sees one run, with what it tells if asked; `frames` names steps and decisions whose stacks are kept. */
export class Watch implements StepWatcher {
  readonly steps: SeenStep[] = [];
  /** Where decisions that were asked for were taken. */
  readonly decidedAt: Map<string, readonly string[]> = new Map();
  /** Events are wanted too. */
  readonly told: boolean;
  private readonly frames: ReadonlySet<string>;
  private readonly origins = new Map<string, Pick<SeenStep, 'site' | 'cause' | 'madeAt'>>();
  private now: Writable | undefined;

  constructor(options: { readonly told?: boolean; readonly frames?: ReadonlySet<string> } = {}) {
    this.told = options.told === true;
    this.frames = options.frames ?? new Set();
  }

  made({
    lo,
    hi,
    site,
  }: {
    readonly lo: number;
    readonly hi: number;
    readonly site: string;
  }): void {
    this.ran();
    const key = stepKey(lo, hi);
    const known = this.origins.get(key);
    if (known !== undefined) {
      this.origins.set(key, { ...known, site });
      return;
    }
    const madeAt = this.frames.has(key) ? programFrames(FRAMES_MAX) : [];
    this.origins.set(key, { site, cause: this.now?.number ?? 0, madeAt });
  }

  began(step: Parameters<StepWatcher['began']>[0]): void {
    const { number, lo, hi, actor, atNs, object, frames = [] } = step;
    const key = stepKey(lo, hi);
    const { site, cause, madeAt } = this.origins.get(key) ?? { site: '', cause: 0, madeAt: [] };
    const where = this.frames.has(key) && frames.length > 0 ? frames : madeAt;
    this.now = {
      number,
      key,
      site,
      actor,
      atNs,
      cause,
      object,
      words: [],
      madeAt: where,
      ranAt: [],
    };
    this.steps.push(this.now);
  }

  readonly onEvent = (event: RunEvent): void => {
    if (this.now === undefined || event.step !== this.now.number) return;
    this.ran();
    const { kind, node, text } = event;
    const subject = node === '' ? '' : kind === 'device' ? `${node}: ` : `${node} `;
    this.now.words.push(subject + text);
  };

  /** Keeps where decisions that were asked for are taken. */
  overhearing(strategy: Strategy): Strategy {
    return new Overheard(strategy, this.frames, this.decidedAt);
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
  words: string[];
  ranAt: readonly string[];
}

class Overheard implements Strategy {
  readonly name: string;
  readonly scheduling: Strategy['scheduling'];
  private readonly strategy: Strategy;
  private readonly wanted: ReadonlySet<string>;
  private readonly heard: Map<string, readonly string[]>;

  constructor(
    strategy: Strategy,
    wanted: ReadonlySet<string>,
    heard: Map<string, readonly string[]>,
  ) {
    this.name = strategy.name;
    this.scheduling = strategy.scheduling;
    this.strategy = strategy;
    this.wanted = wanted;
    this.heard = heard;
  }

  meets(actor: number, name: string, key: number): void {
    this.strategy.meets?.(actor, name, key);
  }

  momentNs(lo: number, hi: number, fromNs: number, toNs: number, spread: Spread): number {
    return this.strategy.momentNs(lo, hi, fromNs, toNs, spread);
  }

  priority(lo: number, hi: number): number {
    return this.strategy.priority(lo, hi);
  }

  pick(candidates: Candidates): number {
    return this.strategy.pick(candidates);
  }

  branch(site: Site, asker: Asker, weights: Weights): number {
    this.hear(BRANCH, site, asker);
    return this.strategy.branch(site, asker, weights);
  }

  value(site: Site, asker: Asker, min: number, max: number, spread: Spread): number {
    this.hear(VALUE, site, asker);
    return this.strategy.value(site, asker, min, max, spread);
  }

  private hear(kind: number, { index }: Site, { lo, hi, ordinal, actor }: Asker): void {
    const key = keyOf({ kind, site: index, lo, hi, ordinal, actor, span: 0, outcome: 0 });
    if (this.wanted.has(key)) this.heard.set(key, programFrames(FRAMES_MAX));
  }
}
