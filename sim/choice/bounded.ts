/**
 * Schedules that depart from a plain one at few points.
 *
 * - `delay`: actors run to the end of what they can do, in the order they came; at some points the
 *   one whose turn it is loses it to the next (Emmi, Qadeer, Rakamarić, "Delay-bounded scheduling",
 *   POPL 2011, whose bound is on the number of such points).
 * - `preemption`: an actor runs until it cannot go on, then any other does; at some points it loses
 *   its turn though it could (Musuvathi, Qadeer, PLDI 2007, "Iterative context bounding").
 *
 * Both papers go through all schedules up to a bound. Here a run draws its bound, from 0 to the most
 * allowed, and the points among the steps of a pilot run; `DepthFirst` has the exhaustive form.
 */
import { RandomWalk } from './random.ts';
import type { Keys } from './seed.ts';
import type { Candidates } from './strategy.ts';

interface BoundedOptions {
  /** Points at most. */
  readonly pointsMax: number;
  /** Expected steps with more than one candidate. */
  readonly steps: number;
}

abstract class Bounded extends RandomWalk {
  override readonly scheduling = 'picked';
  private readonly options: BoundedOptions;
  private readonly points: number[] = [];
  private choices = 0;
  private last = -1;

  constructor(keys: Keys, options: BoundedOptions) {
    super(keys);
    this.options = options;
    this.restart(keys);
  }

  override restart(keys: Keys): void {
    super.restart(keys);
    const { pointsMax, steps } = this.options;
    this.points.length = 0;
    for (let left = this.below(pointsMax + 1); left > 0; left--) {
      this.points.push(this.below(steps));
    }
    this.choices = 0;
    this.last = -1;
  }

  override momentNs(_lo: number, _hi: number, fromNs: number): number {
    return fromNs;
  }

  override pick(candidates: Candidates): number {
    const row = candidates.count === 1 ? 0 : this.choose(candidates);
    this.last = candidates.actor[row]!;
    return row;
  }

  /** The row of the next in line: who ran last, else who came after it. */
  protected abstract inLine(candidates: Candidates, last: number): number;
  /** In place of `row`, which has lost its turn. */
  protected abstract instead(candidates: Candidates, row: number): number;

  private choose(candidates: Candidates): number {
    let row = this.inLine(candidates, this.last);
    const at = this.choices++;
    for (const point of this.points) if (point === at) row = this.instead(candidates, row);
    return row;
  }
}

export class Delays extends Bounded {
  override readonly name = 'delay';

  protected override inLine(candidates: Candidates, last: number): number {
    return nextInLine(candidates, last);
  }

  protected override instead({ count }: Candidates, row: number): number {
    return (row + 1) % count;
  }
}

export class Preemptions extends Bounded {
  override readonly name = 'preemption';

  protected override inLine(candidates: Candidates, last: number): number {
    const row = nextInLine(candidates, last);
    return candidates.actor[row] === last ? row : this.below(candidates.count);
  }

  protected override instead({ count }: Candidates, row: number): number {
    return (row + 1 + this.below(count - 1)) % count;
  }
}

/** The row of `last`, or where that cannot go on of the next one that can, by order of coming. */
export function nextInLine({ count, actor }: Candidates, last: number): number {
  let next = -1;
  let first = 0;
  for (let row = 0; row < count; row++) {
    if (actor[row]! < actor[first]!) first = row;
    if (actor[row]! < last) continue;
    if (next < 0 || actor[row]! < actor[next]!) next = row;
  }
  return next < 0 ? first : next;
}
