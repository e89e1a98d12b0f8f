/**
 * PCT, probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010,
 * section 3): actors get random priorities, the highest one that can run does, and at d - 1 random
 * points of the run the one running falls below all others. A bug that d ordering constraints
 * suffice for is found with a chance of at least 1 / (n * k^(d-1)) for n actors and k steps.
 *
 * Departures: actors may appear at any time (they get their priority when first seen), and the
 * number of steps is an estimate from a pilot run. Magnitudes and outcomes are drawn as in the
 * random walk; moments are the calmest, since the order comes from the priorities.
 *
 * Over `roles`, actors of one role share a priority and fall together; among them the one that came
 * first runs. With a hundred equal threads a bug is then as deep as with one of each kind.
 */
import { drawWord, unitOf } from './draw.ts';
import { hashName } from './mix.ts';
import { RandomWalk } from './random.ts';
import { roleOf } from './role.ts';
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
  /** Who has a priority; every actor has one of its own unless given. */
  readonly over?: 'actors' | 'roles';
}

export class Pct extends RandomWalk {
  override readonly name = 'pct';
  override readonly scheduling = 'picked';
  private readonly options: PctOptions;
  /** By group; drawn ones are 0 or more, those of groups that fell count down from -1. */
  private priorities: number[] = [];
  /** By actor: the number of its role, or its own. */
  private groups: number[] = [];
  private readonly roles = new Map<string, number>();
  private readonly changes: number[] = [];
  private choices = 0;
  private lowest = 0;

  constructor(keys: Keys, options: PctOptions) {
    super(keys);
    this.options = options;
    this.restart(keys);
  }

  override restart(keys: Keys): void {
    super.restart(keys);
    this.priorities.length = 0;
    this.groups.length = 0;
    this.choices = 0;
    this.lowest = 0;
    const { depth, steps } = this.options;
    for (let i = 1; i < depth; i++) {
      const word = drawWord(keys, CHANGE.hash, i, 0, 0, 0);
      this.changes[i - 1] = Math.floor(unitOf(word) * steps);
    }
  }

  meets(actor: number, name: string, key: number): void {
    if (this.options.over !== 'roles') {
      this.rank(actor, actor, key);
      return;
    }
    const role = roleOf(name);
    let group = this.roles.get(role);
    if (group === undefined) {
      group = this.roles.size;
      this.roles.set(role, group);
    }
    this.rank(actor, group, hashName(role));
  }

  override momentNs(_lo: number, _hi: number, fromNs: number): number {
    return fromNs;
  }

  override pick(candidates: Candidates): number {
    if (candidates.count === 1) return 0;
    const best = this.highest(candidates);
    if (!this.changes.includes(this.choices++)) return best;
    this.priorities[this.groups[candidates.actor[best]!]!] = --this.lowest;
    return this.highest(candidates);
  }

  private highest(candidates: Candidates): number {
    const { priorities, groups } = this;
    let best = 0;
    let bestPriority = -Infinity;
    for (let row = 0; row < candidates.count; row++) {
      const actor = candidates.actor[row]!;
      if (groups[actor] === undefined) this.rank(actor, actor, actor);
      const priority = priorities[groups[actor]!]!;
      if (priority > bestPriority) {
        best = row;
        bestPriority = priority;
      }
    }
    return best;
  }

  private rank(actor: number, group: number, key: number): void {
    this.groups[actor] = group;
    this.priorities[group] ??= drawWord(this.keys, PRIORITY.hash, key, 0, 0, 0) >>> 0;
  }
}
