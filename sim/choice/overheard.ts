/** A strategy that answers as another one does, and lets somebody hear of it. */
import { BRANCH, STEP, VALUE } from '../trace/record.ts';
import type { Spread } from './shape.ts';
import type { Site } from './site.ts';
import type { Asker, Candidates, Strategy, Weights } from './strategy.ts';

/** An answer to a step: `key` is {@link keyOf} of the decision. Whoever asks is on the stack. */
export type Hear = (answer: {
  readonly key: string;
  readonly site: Site;
  readonly actor: number;
  readonly outcome: number;
}) => void;

export class Overheard implements Strategy {
  readonly name: string;
  readonly scheduling: Strategy['scheduling'];
  private readonly strategy: Strategy;
  private readonly hear: Hear;
  private readonly met: ((actor: number, name: string) => void) | undefined;

  /** `met` is told of the run's actors, as they come. */
  constructor(strategy: Strategy, hear: Hear, met?: (actor: number, name: string) => void) {
    this.name = strategy.name;
    this.scheduling = strategy.scheduling;
    this.strategy = strategy;
    this.hear = hear;
    this.met = met;
  }

  meets(actor: number, name: string, key: number): void {
    this.met?.(actor, name);
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
    return this.heard(BRANCH, site, asker, this.strategy.branch(site, asker, weights));
  }

  value(site: Site, asker: Asker, min: number, max: number, spread: Spread): number {
    return this.heard(VALUE, site, asker, this.strategy.value(site, asker, min, max, spread));
  }

  private heard(
    kind: number,
    site: Site,
    { lo, hi, ordinal, actor }: Asker,
    outcome: number,
  ): number {
    const key = keyOf({ kind, site: site.index, lo, hi, ordinal });
    this.hear({ key, site, actor, outcome });
    return outcome;
  }
}

/** The same for two decisions that answer the same question. */
export function keyOf(decision: {
  readonly kind: number;
  readonly site: number;
  readonly lo: number;
  readonly hi: number;
  readonly ordinal: number;
}): string {
  const { kind, site, lo, hi, ordinal } = decision;
  return kind === STEP ? stepKey(lo, hi) : `${kind}:${site}:${lo}:${hi}:${ordinal}`;
}

export function stepKey(lo: number, hi: number): string {
  return `${STEP}:${lo}:${hi}`;
}
