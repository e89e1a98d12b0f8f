/**
 * What strategies expect of a run: who there is, how long it takes, and who touches what how often.
 * Counted in one fixed pilot run under the random walk, so it is the same for every seed.
 */
import { RandomWalk } from './random.ts';
import type { Keys } from './seed.ts';
import { type Candidates, WRITES } from './strategy.ts';

export interface Profile {
  /** Actors seen, n in the literature. */
  readonly actors: number;
  /** Decisions with more than one candidate, k in the literature; at least 1. */
  readonly decisions: number;
  /** By an actor's key: what it and those it made have done. */
  readonly deeds: ReadonlyMap<number, Deeds>;
  /** Objects that more than one actor touches and somebody writes, in ascending order. */
  readonly contended: readonly number[];
}

interface Deeds {
  /** Steps in all. */
  steps: number;
  /** By object. */
  readonly on: Map<number, number>;
}

/** The random walk, taking notes. */
export class Pilot extends RandomWalk {
  override readonly scheduling = 'picked';
  private readonly keyOf: number[] = [];
  /** By actor: who made it, or -1. */
  private readonly parents: number[] = [];
  private readonly deeds = new Map<number, Deeds>();
  private readonly uses = new Map<number, { readonly actors: Set<number>; written: boolean }>();
  private running = -1;
  private decisions = 0;

  constructor(keys: Keys) {
    super(keys);
  }

  meets(actor: number, _name: string, key: number): void {
    this.keyOf[actor] = key;
    this.parents[actor] = this.running;
  }

  override pick(candidates: Candidates): number {
    const row = super.pick(candidates);
    if (candidates.count > 1) this.decisions++;
    const actor = candidates.actor[row]!;
    this.running = actor;
    this.note(actor, candidates.object[row]!, (candidates.access[row]! & WRITES) !== 0);
    return row;
  }

  profile(): Profile {
    const { deeds, uses, decisions } = this;
    const contended = [...uses]
      .filter(([object, { actors, written }]) => object > 0 && actors.size > 1 && written)
      .map(([object]) => object)
      .sort((a, b) => a - b);
    const actors = this.keyOf.length;
    return { actors, decisions: Math.max(1, decisions), deeds, contended };
  }

  private note(actor: number, object: number, writes: boolean): void {
    for (let who = actor; who >= 0; who = this.parents[who] ?? -1) {
      const deeds = this.deedsOf(this.keyOf[who] ?? who);
      deeds.steps++;
      deeds.on.set(object, (deeds.on.get(object) ?? 0) + 1);
    }
    let use = this.uses.get(object);
    if (use === undefined) {
      use = { actors: new Set(), written: false };
      this.uses.set(object, use);
    }
    use.actors.add(actor);
    use.written ||= writes;
  }

  private deedsOf(key: number): Deeds {
    let deeds = this.deeds.get(key);
    if (deeds === undefined) {
      deeds = { steps: 0, on: new Map() };
      this.deeds.set(key, deeds);
    }
    return deeds;
  }
}
