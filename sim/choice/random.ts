/**
 * The random walk: every moment, outcome and magnitude is drawn on its own from the run's keys.
 * Among threads, which have no moments, each enabled one is equally likely.
 */
import { drawWord, unitOf, unitOfTwo } from './draw.ts';
import { scramble } from './mix.ts';
import type { Keys } from './seed.ts';
import { type Spread, valueAt } from './shape.ts';
import { type Site, site } from './site.ts';
import type { Asker, Candidates, Strategy, Weights } from './strategy.ts';

const MOMENT = site('step.moment');

export class RandomWalk implements Strategy {
  readonly name: string = 'random';
  readonly scheduling: 'placed' | 'picked' = 'placed';
  protected keys: Keys;
  /** Who is called from a line of those that wait: whoever is drawn, or always the same end. */
  called: 'drawn' | 'first' | 'last' = 'drawn';
  private picks = 0;

  constructor(keys: Keys) {
    this.keys = keys;
  }

  /** Makes it what a new one with these keys would be; what was drawn from the old ones is gone. */
  restart(keys: Keys): void {
    this.keys = keys;
    this.picks = 0;
  }

  momentNs(lo: number, hi: number, fromNs: number, toNs: number, spread: Spread): number {
    const word = drawWord(this.keys, MOMENT.hash, lo, hi, 0, 0);
    return valueAt(fromNs, toNs, spread, unitOf(word));
  }

  priority(lo: number, hi: number): number {
    return scramble(lo ^ this.keys.c) ^ hi;
  }

  pick(candidates: Candidates): number {
    return this.below(candidates.count);
  }

  branch(site: Site, asker: Asker, weights: Weights): number {
    if (weights.line && this.called !== 'drawn') {
      return this.called === 'first' ? 0 : weights.of.length - 1;
    }
    const word = drawWord(this.keys, site.hash, asker.lo, asker.hi, asker.ordinal, 0);
    let left = Math.floor(unitOf(word) * weights.total);
    let outcome = 0;
    while (left >= weights.of[outcome]!) left -= weights.of[outcome++]!;
    return outcome;
  }

  value(site: Site, asker: Asker, min: number, max: number, spread: Spread): number {
    const { lo, hi, ordinal } = asker;
    const word = drawWord(this.keys, site.hash, lo, hi, ordinal, 0);
    if (max - min < 2 ** 32) return valueAt(min, max, spread, unitOf(word));
    const low = drawWord(this.keys, site.hash, lo, hi, ordinal, 1);
    return valueAt(min, max, spread, unitOfTwo(word, low));
  }

  /** The next of a chain of draws about scheduling: a whole number below `count`. */
  protected below(count: number): number {
    const word = scramble(scramble(this.keys.a ^ this.picks++) + this.keys.d);
    return Math.floor(unitOf(word) * count);
  }
}
