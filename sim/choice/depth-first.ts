/**
 * Every run, or every one within a bound, by depth-first search: the next run repeats the last one up
 * to the deepest decision that has an outcome left. Outcomes come calmest first.
 *
 * A bound is on the preemptions of a run (who runs next is another although who ran last could go
 * on; Musuvathi and Qadeer, PLDI 2007), or on its delays (how many in line, from who ran last on, are
 * passed over; Emmi, Qadeer and Rakamarić, POPL 2011). It is raised one by one up to `max`, so that
 * runs with few come first; those with fewer than the present bound are met again.
 *
 * Magnitudes are held at their calmest.
 */
import { nextInLine } from './bounded.ts';
import { type Search, sameQuestions, Timeless } from './search.ts';
import type { Site } from './site.ts';
import type { Asker, Candidates, Weights } from './strategy.ts';

export interface Bound {
  readonly on: 'preemptions' | 'delays';
  readonly max: number;
}

export class DepthFirst extends Timeless implements Search {
  readonly name = 'dfs';
  readonly scheduling = 'picked';
  private readonly bound: Bound | undefined;
  /** The bound now. */
  private most: number;
  /** Some outcome was left out for it. */
  private cutOff = false;
  /** The outcome taken at each depth, and of how many. */
  private readonly taken: number[] = [];
  private readonly of: number[] = [];
  private depth = 0;
  private spent = 0;
  private last = -1;

  constructor(bound?: Bound) {
    super();
    this.bound = bound;
    this.most = bound === undefined ? Infinity : 0;
  }

  get complete(): boolean {
    return !this.cutOff;
  }

  next(_cut: boolean): boolean {
    sameQuestions(this.depth === this.taken.length);
    this.depth = 0;
    this.spent = 0;
    this.last = -1;
    while (this.taken.length > 0) {
      if (++this.taken[this.taken.length - 1]! < this.of.at(-1)!) return true;
      this.taken.pop();
      this.of.pop();
    }
    if (!this.cutOff || this.most === this.bound?.max) return false;
    this.most++;
    this.cutOff = false;
    return true;
  }

  pick(candidates: Candidates): number {
    const { count } = candidates;
    const row = count === 1 ? 0 : this.choose(candidates);
    this.last = candidates.actor[row]!;
    return row;
  }

  branch(_site: Site, _asker: Asker, weights: Weights): number {
    return this.outcome(weights.of.length);
  }

  value(_site: Site, _asker: Asker, min: number): number {
    return min;
  }

  private choose(candidates: Candidates): number {
    const { count, calmest } = candidates;
    if (this.bound === undefined) return (calmest + this.outcome(count)) % count;
    const first = nextInLine(candidates, this.last);
    const left = this.most - this.spent;
    const free = this.bound.on === 'preemptions' && candidates.actor[first] !== this.last;
    const affordable = free ? count : this.bound.on === 'delays' ? left + 1 : left > 0 ? count : 1;
    if (affordable < count) this.cutOff = true;
    const skipped = this.outcome(Math.min(count, affordable));
    if (!free) this.spent += this.bound.on === 'delays' ? skipped : Math.min(1, skipped);
    return (first + skipped) % count;
  }

  private outcome(count: number): number {
    const depth = this.depth++;
    if (depth === this.taken.length) {
      this.taken.push(0);
      this.of.push(count);
    }
    sameQuestions(this.of[depth] === count);
    return this.taken[depth]!;
  }
}
