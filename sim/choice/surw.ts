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
  private readonly contended: readonly number[];
  /** By what is interesting, an actor's key: interesting steps in the pilot run. */
  private readonly counts = new Map<number | undefined, Map<number, number>>();
  /** The object whose steps are interesting; undefined for all. */
  private object: number | undefined;
  /** By actor, of the first `actors`: interesting steps left. */
  private left = new Int32Array(16);
  private actors = 0;
  /** Rows that may be taken. */
  private open = new Int32Array(16);
  private intended = -1;
  private running = -1;

  constructor(keys: Keys, profile: Profile) {
    super(keys);
    this.contended = profile.contended;
    for (const [key, { steps, on }] of profile.deeds) {
      this.count(undefined, key, steps);
      for (const [object, times] of on) this.count(object, key, times);
    }
    this.restart(keys);
  }

  override restart(keys: Keys): void {
    super.restart(keys);
    const { contended } = this;
    const every = contended.length === 0 || this.below(ALL) === 0;
    this.object = every ? undefined : contended[this.below(contended.length)];
    this.actors = 0;
    this.intended = -1;
    this.running = -1;
  }

  meets(actor: number, _name: string, key: number): void {
    const { running } = this;
    const own = this.counts.get(this.object)?.get(key);
    if (actor >= this.left.length) this.left = grown(this.left, actor);
    for (; this.actors <= actor; this.actors++) this.left[this.actors] = 0;
    this.left[actor] = own ?? 0;
    if (running >= 0) this.left[running] = Math.max(0, this.left[running]! - this.left[actor]!);
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

  private count(object: number | undefined, key: number, times: number): void {
    let by = this.counts.get(object);
    if (by === undefined) this.counts.set(object, (by = new Map()));
    by.set(key, times);
  }

  private choose(candidates: Candidates): number {
    const { count, actor } = candidates;
    if (this.intended < 0) this.intended = this.intend();
    if (count > this.open.length) this.open = grown(this.open, count);
    const { open, intended } = this;
    let found = 0;
    for (let row = 0; row < count; row++) {
      if (actor[row] === intended || !this.isInteresting(candidates, row)) open[found++] = row;
    }
    // Where who is meant cannot run, and nobody else can either but for interesting steps.
    return found === 0 ? this.below(count) : open[this.below(found)]!;
  }

  /** Somebody, in proportion to what is left; -1 when there is nothing left. */
  private intend(): number {
    const { left, actors } = this;
    let sum = 0;
    for (let actor = 0; actor < actors; actor++) sum += left[actor]!;
    if (sum === 0) return -1;
    let at = this.below(sum);
    let actor = 0;
    while (at >= left[actor]!) at -= left[actor++]!;
    return actor;
  }

  private isInteresting(candidates: Candidates, row: number): boolean {
    if (this.object !== undefined && candidates.object[row] !== this.object) return false;
    const actor = candidates.actor[row]!;
    return actor < this.actors && this.left[actor]! > 0;
  }
}

function grown(column: Int32Array, past: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(Math.max(past + 1, column.length * 2));
  next.set(column);
  return next;
}
