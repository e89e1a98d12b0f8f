import { assert } from '../env/assert.ts';
import { BRANCH, type DecisionRecord, type SpanKind, VALUE } from '../trace/record.ts';
import { both, hashName } from './mix.ts';
import type { Shape } from './shape.ts';
import { LABELS_FROM, type Site } from './site.ts';
import type { Asker, Strategy, Weights } from './strategy.ts';

/**
 * Counts steps over all worlds of this process, so that an ordinal counted in one step is never
 * taken for one of another, not even of another world's step.
 */
let stamps = 0;

/** Labels that the programs of a run may draw under. */
const LABELS_MAX = 4_096;

/**
 * The one place where a run's decisions are made: asks the strategy on behalf of the running step,
 * and records what came out.
 */
export class Choices {
  readonly strategy: Strategy;
  readonly record: DecisionRecord;
  /** Decisions so far that had more than one outcome. */
  decisions = 0;
  /** The running step: its identity and actor; `ordinal` is that of the question being asked. */
  readonly asker: Asker = { lo: 0, hi: 0, ordinal: 0, actor: 0 };
  /** The site of the last {@link placed}, and what it was about. */
  about = 0;
  /** Names the running step among all steps of the process. */
  stamp = 0;
  /** What the running step, and by inheritance all that it causes, belongs to. */
  span = 0;
  private askedAt = new Float64Array(64);
  private asked = new Int32Array(64);
  /** The same of labels, by index. */
  private readonly labels = new Map<number, { stamp: number; count: number }>();

  constructor(strategy: Strategy, record: DecisionRecord) {
    this.strategy = strategy;
    this.record = record;
  }

  /** From here on, decisions belong to the step (`lo`, `hi`). */
  enter(lo: number, hi: number, span: number, actor: number): void {
    const { asker } = this;
    asker.lo = lo;
    asker.hi = hi;
    asker.actor = actor;
    this.span = span;
    this.stamp = ++stamps;
  }

  /** How often the running step has passed this site before; counts this time. */
  ordinal(site: Site): number {
    const { index } = site;
    if (index >= LABELS_FROM) return this.labelOrdinal(site);
    if (index >= this.asked.length) this.growTables(index);
    if (this.askedAt[index] !== this.stamp) {
      this.askedAt[index] = this.stamp;
      this.asked[index] = 0;
    }
    return this.asked[index]!++;
  }

  /** One of `weights.of.length` outcomes; 0 is the calmest. */
  branch(site: Site, weights: Weights): number {
    if (weights.of.length === 1) return 0;
    const { asker } = this;
    asker.ordinal = this.ordinal(site);
    const outcome = this.strategy.branch(site, asker, weights);
    assert(weights.of[outcome] !== undefined, 'a branch takes one of its outcomes');
    this.note(BRANCH, site, outcome);
    return outcome;
  }

  /**
   * Which of these faults a search, or a record, places here: 0 for none, and none is ever drawn. What
   * it would be about tells two questions apart for which the world stands alike. Noted only where one
   * is placed, for there are very many points.
   */
  placed(site: Site, weights: Weights, about = 0): number {
    const { asker } = this;
    asker.ordinal = this.ordinal(site);
    this.about = both(site.hash, about);
    const outcome = this.strategy.branch(site, asker, weights);
    assert(weights.of[outcome] !== undefined, 'a branch takes one of its outcomes');
    if (outcome > 0) this.note(BRANCH, site, outcome);
    return outcome;
  }

  /** A magnitude of this shape; the smallest is the calmest. */
  value(site: Site, shape: Shape): number {
    const { min, max, spread } = shape;
    if (min === max) return min;
    assert(min < max, 'a shape has its smallest value first');
    const { asker } = this;
    asker.ordinal = this.ordinal(site);
    const outcome = this.strategy.value(site, asker, min, max, spread);
    assert(outcome >= min && outcome <= max, 'a value lies in its shape');
    this.note(VALUE, site, outcome);
    return outcome;
  }

  /**
   * As `branch`, but about something with an identity of its own, such as a packet: what else the
   * running step asks, at this site too, leaves the outcome alone.
   */
  branchAbout(about: Asker, site: Site, weights: Weights): number {
    const { lo, hi, ordinal, actor } = about;
    const outcome = this.strategy.branch(site, about, weights);
    assert(weights.of[outcome] !== undefined, 'a branch takes one of its outcomes');
    this.decisions++;
    this.record.push(BRANCH, site.index, lo, hi, ordinal, this.span, actor, outcome);
    return outcome;
  }

  /** An outcome that holds for the whole run, whoever asks first and whenever: drawn by its name. */
  knob(site: Site, name: string, weights: Weights): number {
    const about = { lo: hashName(name), hi: site.hash, ordinal: 0, actor: 0 };
    return this.branchAbout(about, site, weights);
  }

  /** All that the running step causes from here on belongs to a new span within the present one. */
  openSpan(kind: SpanKind, label: string): number {
    this.span = this.record.openSpan(kind, label, this.span);
    return this.span;
  }

  private note(kind: number, site: Site, outcome: number): void {
    const { lo, hi, ordinal, actor } = this.asker;
    this.decisions++;
    this.record.push(kind, site.index, lo, hi, ordinal, this.span, actor, outcome);
  }

  private labelOrdinal({ name, index }: Site): number {
    let asked = this.labels.get(index);
    if (asked === undefined) {
      if (this.labels.size === LABELS_MAX) {
        throw new RangeError(
          `'${name}' is one label too many: a run draws under at most ${LABELS_MAX} of them, since ` +
            'each is a literal; draw under one label as often as you like',
        );
      }
      asked = { stamp: this.stamp, count: 0 };
      this.labels.set(index, asked);
    }
    if (asked.stamp !== this.stamp) {
      asked.stamp = this.stamp;
      asked.count = 0;
    }
    return asked.count++;
  }

  private growTables(index: number): void {
    const size = Math.max(index + 1, this.asked.length * 2);
    const askedAt = new Float64Array(size);
    const asked = new Int32Array(size);
    askedAt.set(this.askedAt);
    asked.set(this.asked);
    this.askedAt = askedAt;
    this.asked = asked;
  }
}
