/**
 * Starvation, as the chaos mode of rr has it (R. O'Callahan, "Introducing rr chaos mode", 2016, and
 * "rr chaos mode improvements", 2018): now and then somebody does not run for a while, however often
 * it could, and all others share the time at random. How long is drawn log-uniformly, for nobody
 * knows how long is enough; the share of the run that is spent so is bounded.
 *
 * Who starves is one actor, or all of one role. When nobody else can run, who starves does.
 */
import { RandomWalk } from './random.ts';
import { roleOf } from './role.ts';
import type { Keys } from './seed.ts';
import type { Candidates } from './strategy.ts';

export interface StarvationOptions {
  /** Expected steps with more than one candidate. */
  readonly steps: number;
}

/** Of all steps so far, the most that are within an interval, in per cent, once that is 100 steps. */
const SHARE_MAX = 50;

export class Starvation extends RandomWalk {
  override readonly name = 'starvation';
  override readonly scheduling = 'picked';
  private readonly options: StarvationOptions;
  private readonly roles: string[] = [];
  private starved = -1;
  private wholeRole = false;
  private choices = 0;
  /** Number of the choice at which the present interval, or pause between two, ends. */
  private until = 0;

  constructor(keys: Keys, options: StarvationOptions) {
    super(keys);
    this.options = options;
    this.restart(keys);
  }

  override restart(keys: Keys): void {
    super.restart(keys);
    this.roles.length = 0;
    this.starved = -1;
    this.choices = 0;
    this.until = this.logUniform();
  }

  meets(actor: number, name: string): void {
    this.roles[actor] = roleOf(name);
  }

  override momentNs(_lo: number, _hi: number, fromNs: number): number {
    return fromNs;
  }

  override pick(candidates: Candidates): number {
    if (candidates.count === 1) return 0;
    if (this.choices++ >= this.until) this.turn(candidates);
    if (this.starved < 0) return this.below(candidates.count);
    let fed = 0;
    for (let row = 0; row < candidates.count; row++) if (!this.starves(candidates, row)) fed++;
    if (fed === 0) return this.below(candidates.count);
    let nth = this.below(fed);
    let row = 0;
    while (this.starves(candidates, row) || nth-- > 0) row++;
    return row;
  }

  /** The interval or the pause is over. */
  private turn({ count, actor }: Candidates): void {
    const lasts = this.logUniform();
    if (this.starved >= 0) {
      this.starved = -1;
      this.until = this.choices + Math.ceil((lasts * (100 - SHARE_MAX)) / SHARE_MAX);
      return;
    }
    this.starved = actor[this.below(count)]!;
    this.wholeRole = this.below(2) === 0;
    this.until = this.choices + lasts;
  }

  private starves({ actor }: Candidates, row: number): boolean {
    if (!this.wholeRole) return actor[row] === this.starved;
    return this.roles[actor[row]!] === this.roles[this.starved];
  }

  /** From 1 to twice the expected steps: a uniform power of two, then uniform up to the next. */
  private logUniform(): number {
    const powers = 1 + Math.floor(Math.log2(this.options.steps));
    const power = 2 ** this.below(powers);
    return power + this.below(power);
  }
}
