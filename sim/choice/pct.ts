/**
 * PCT, probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010,
 * section 3): actors get random priorities, the highest one that can run does, and at d - 1 random
 * points of the run the one running falls below all others. A bug that d ordering constraints
 * suffice for is found with a chance of at least 1 / (n * k^(d-1)) for n actors and k steps.
 *
 * Departures: actors may appear at any time (they get their priority when first seen), and the
 * number of steps is an estimate from a pilot run. Magnitudes and outcomes are drawn as in the
 * random walk; moments are the calmest, since the order comes from the priorities.
 */
import { drawWord, unitOf } from './draw.ts';
import { hashName } from './mix.ts';
import { RandomWalk } from './random.ts';
import type { Keys } from './seed.ts';
import { site } from './site.ts';
import type { Candidates } from './strategy.ts';

const PRIORITY = site('pct.priority');
const CHANGE = site('pct.change');

export interface PctOptions {
  /** Ordering constraints the bug may need, d in the paper: 1 or more. */
  readonly depth: number;
  /** Expected steps with more than one candidate, k in the paper. */
  readonly steps: number;
}

export class Pct extends RandomWalk {
  override readonly name = 'pct';
  override readonly scheduling = 'picked';
  /** By actor; drawn ones are 0 or more, those of actors that fell count down from -1. */
  private readonly priorities = new Map<number, number>();
  private readonly changes = new Set<number>();
  private choices = 0;
  private lowest = 0;

  constructor(keys: Keys, options: PctOptions) {
    super(keys);
    for (let i = 1; i < options.depth; i++) {
      const word = drawWord(keys, CHANGE.hash, i, 0, 0, 0);
      this.changes.add(Math.floor(unitOf(word) * options.steps));
    }
  }

  meets(actor: number, name: string): void {
    this.priorities.set(actor, this.drawn(hashName(name)));
  }

  override momentNs(_lo: number, _hi: number, fromNs: number): number {
    return fromNs;
  }

  override pick(candidates: Candidates): number {
    if (candidates.count === 1) return 0;
    const best = this.highest(candidates);
    if (!this.changes.has(this.choices++)) return best;
    this.priorities.set(candidates.actor[best]!, --this.lowest);
    return this.highest(candidates);
  }

  private highest(candidates: Candidates): number {
    let best = 0;
    let bestPriority = -Infinity;
    for (let row = 0; row < candidates.count; row++) {
      const priority = this.priorityOf(candidates.actor[row]!);
      if (priority > bestPriority) {
        best = row;
        bestPriority = priority;
      }
    }
    return best;
  }

  private priorityOf(actor: number): number {
    const known = this.priorities.get(actor);
    if (known !== undefined) return known;
    const drawn = this.drawn(actor);
    this.priorities.set(actor, drawn);
    return drawn;
  }

  private drawn(of: number): number {
    return drawWord(this.keys, PRIORITY.hash, of, 0, 0, 0) >>> 0;
  }
}
