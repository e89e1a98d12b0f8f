/**
 * SURW, selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025): some steps
 * of a run are interesting, and every order of these is equally likely. One actor is meant to take
 * the next interesting step, drawn in proportion to how many each has left; all others may do what
 * is not interesting meanwhile, at random.
 *
 * What is interesting is drawn per run: the steps on one object that several actors touch, or all
 * steps, which is the uniform random walk. How many an actor has left comes from a pilot run; those
 * of actors that it will make count as its own until it has made them. What an actor does beyond the
 * pilot's count is no longer interesting, so that no order becomes impossible where the pilot differs.
 */
import type { Profile } from './profile.ts';
import { RandomWalk } from './random.ts';
import type { Keys } from './seed.ts';
import type { Candidates } from './strategy.ts';

/** One run in so many is a walk over all steps, besides those over one object. */
const ALL = 4;

export class Surw extends RandomWalk {
  override readonly name = 'surw';
  override readonly scheduling = 'picked';
  private readonly profile: Profile;
  /** The object whose steps are interesting; undefined for all. */
  private object: number | undefined;
  /** By actor: interesting steps left. */
  private readonly left: number[] = [];
  private intended = -1;
  private running = -1;

  constructor(keys: Keys, profile: Profile) {
    super(keys);
    this.profile = profile;
    this.restart(keys);
  }

  override restart(keys: Keys): void {
    super.restart(keys);
    const { contended } = this.profile;
    const every = contended.length === 0 || this.below(ALL) === 0;
    this.object = every ? undefined : contended[this.below(contended.length)];
    this.left.length = 0;
    this.intended = -1;
    this.running = -1;
  }

  meets(actor: number, _name: string, key: number): void {
    const { left, running, object } = this;
    const deeds = this.profile.deeds.get(key);
    const own = object === undefined ? deeds?.steps : deeds?.on.get(object);
    while (left.length <= actor) left.push(0);
    left[actor] = own ?? 0;
    if (running >= 0) left[running] = Math.max(0, left[running]! - left[actor]!);
  }

  override momentNs(_lo: number, _hi: number, fromNs: number): number {
    return fromNs;
  }

  override pick(candidates: Candidates): number {
    const row = candidates.count === 1 ? 0 : this.choose(candidates);
    const actor = candidates.actor[row]!;
    this.running = actor;
    if (this.isInteresting(candidates, row)) {
      this.intended = -1;
      this.left[actor]!--;
    }
    return row;
  }

  private choose(candidates: Candidates): number {
    if (this.intended < 0) this.intended = this.intend();
    const open = this.countOpen(candidates);
    if (open > 0) return this.openRow(candidates, this.below(open));
    // Who is meant cannot run, so somebody else takes the interesting step.
    return this.below(candidates.count);
  }

  /** Somebody, in proportion to what is left. */
  private intend(): number {
    const { left } = this;
    let sum = 0;
    for (let actor = 0; actor < left.length; actor++) sum += left[actor]!;
    if (sum === 0) return -1;
    let at = this.below(sum);
    let actor = 0;
    while (at >= left[actor]!) at -= left[actor++]!;
    return actor;
  }

  private countOpen(candidates: Candidates): number {
    let open = 0;
    for (let row = 0; row < candidates.count; row++) if (this.isOpen(candidates, row)) open++;
    return open;
  }

  private openRow(candidates: Candidates, nth: number): number {
    let row = 0;
    for (let seen = 0; ; row++) {
      if (this.isOpen(candidates, row) && seen++ === nth) return row;
    }
  }

  private isOpen(candidates: Candidates, row: number): boolean {
    return candidates.actor[row] === this.intended || !this.isInteresting(candidates, row);
  }

  private isInteresting(candidates: Candidates, row: number): boolean {
    if (this.object !== undefined && candidates.object[row] !== this.object) return false;
    return (this.left[candidates.actor[row]!] ?? 0) > 0;
  }
}
