/**
 * The beginning of a record, and from there on another strategy's draws: what might have become of a
 * run after its n-th step. The steps before the cut are exactly the record's; a step that was pending
 * there, and is not among them, runs at the cut or later.
 */
import { type DecisionRecord, STEP } from '../trace/record.ts';
import { Replay } from './replay.ts';
import type { Spread } from './shape.ts';
import type { Site } from './site.ts';
import type { Asker, Candidates, Strategy, Weights } from './strategy.ts';

export interface PrefixOptions {
  /** All decisions of the run, in the order they were taken. */
  readonly record: DecisionRecord;
  /** Entries that are kept. */
  readonly entries: number;
  /** Virtual ns at the cut. */
  readonly cutNs: number;
  /** Answers what the kept entries do not. */
  readonly fresh: Strategy;
}

/** Known steps go first among equal moments, in the order of their entries. */
const KNOWN_FIRST = -(2 ** 31);

export class Prefix implements Strategy {
  readonly name = 'prefix';
  readonly scheduling: 'placed' | 'picked';
  private readonly cutNs: number;
  private readonly fresh: Strategy;
  private readonly kept: Replay;
  /** Steps among the kept entries that are still to be picked. */
  private left: number;

  constructor({ record, entries, cutNs, fresh }: PrefixOptions) {
    const kept = record.filtered((entry) => entry < entries);
    this.kept = new Replay(kept);
    this.scheduling = fresh.scheduling;
    this.cutNs = cutNs;
    this.fresh = fresh;
    this.left = 0;
    for (let entry = 0; entry < kept.count; entry++) this.left += kept.kind(entry) === STEP ? 1 : 0;
  }

  meets(actor: number, name: string, key: number): void {
    this.fresh.meets?.(actor, name, key);
  }

  momentNs(lo: number, hi: number, fromNs: number, toNs: number, spread: Spread): number {
    if (this.kept.knowsStep(lo, hi)) return this.kept.momentNs(lo, hi, fromNs, toNs);
    const notBeforeNs = Math.min(toNs, Math.max(fromNs, this.cutNs));
    if (notBeforeNs === toNs) return toNs;
    return this.fresh.momentNs(lo, hi, notBeforeNs, toNs, spread);
  }

  priority(lo: number, hi: number): number {
    if (this.kept.knowsStep(lo, hi)) return KNOWN_FIRST + this.kept.priority(lo, hi);
    return this.fresh.priority(lo, hi) >>> 1;
  }

  pick(candidates: Candidates): number {
    return this.left-- > 0 ? this.kept.pick(candidates) : this.fresh.pick(candidates);
  }

  touched(actor: number, object: number, wrote: boolean): void {
    this.fresh.touched?.(actor, object, wrote);
  }

  blocked(actor: number, object: number, access: number): void {
    this.fresh.blocked?.(actor, object, access);
  }

  branch(site: Site, asker: Asker, weights: Weights): number {
    return this.kept.knows(site, asker)
      ? this.kept.branch(site, asker, weights)
      : this.fresh.branch(site, asker, weights);
  }

  value(site: Site, asker: Asker, min: number, max: number, spread: Spread): number {
    return this.kept.knows(site, asker)
      ? this.kept.value(site, asker, min, max, spread)
      : this.fresh.value(site, asker, min, max, spread);
  }
}
