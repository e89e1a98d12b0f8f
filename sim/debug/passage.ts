/**
 * A run under way, seen after each of its steps; at the end of some of them changes are made to it.
 *
 * One turn of a node's loop may run several timers, each a step: a world can be looked at between
 * them, but it cannot be left there, since the turn is under way. So a passage is told what to do at
 * a step before it comes there.
 */
import type { RunSpec } from '../explore/subject.ts';
import type { WorldRun, WorldSubject } from '../explore/world-run.ts';
import type { World } from '../node/world.ts';
import type { Fault } from '../scenario/scenario.gen.ts';
import { runOn } from './look.ts';

/** Something done to a run that nobody in it does, at the end of a step. */
export type Change =
  | { readonly is: 'code'; readonly step: number; readonly node: string; readonly code: string }
  | { readonly is: 'fault'; readonly step: number; readonly fault: Fault };

/** Called after a step, while the world stands still. */
export type Visit = (passage: Passage) => void;

/** Its methods are called from macrotasks, inside `guarded`. */
export class Passage {
  readonly run: WorldRun;
  readonly world: World;
  /** Called after each step. */
  visit: Visit | undefined;
  /** Those to come, in the order of their steps. */
  private readonly changes: Change[];
  private begun = false;
  private thrown: { readonly error: unknown } | undefined;

  constructor(subject: WorldSubject, spec: RunSpec, changes: readonly Change[]) {
    const pilot = subject.pilot?.(spec);
    while (pilot?.advance(Infinity) === false) {}
    this.run = subject.start(spec);
    this.world = this.run.world;
    this.changes = [...changes];
  }

  /** Of the step that has run, from 1. */
  get step(): number {
    return this.world.kernel.steps;
  }

  get isOver(): boolean {
    return this.world.end !== undefined;
  }

  /**
   * Runs towards a step, about `share` steps; true when it has come there, or a little further, or
   * the run is over. Throws what a visit has thrown.
   */
  towards(step: number, share: number): boolean {
    const { kernel } = this.world;
    if (!this.begun) {
      this.begun = true;
      this.run.advance(0);
      this.stand();
    }
    if (this.visit !== undefined || this.changes.length > 0) kernel.standing = () => this.stand();
    else kernel.standing = undefined;
    if (this.step < step) this.run.advance(Math.min(step - this.step, share));
    if (this.thrown !== undefined) throw this.thrown.error;
    return this.isOver || this.step >= step;
  }

  /** Ends it without judging it. */
  close(): void {
    this.world.kernel.standing = undefined;
    this.run.close();
  }

  private stand(): void {
    for (let [next] = this.changes; next?.step === this.step; [next] = this.changes) {
      this.changes.shift();
      if (!this.isOver) make(this.run, next);
    }
    try {
      this.visit?.(this);
    } catch (error) {
      // In the middle of a turn it would be taken for the program's.
      this.thrown ??= { error };
      this.visit = undefined;
      this.world.kernel.pause();
    }
  }
}

function make(run: WorldRun, change: Change): void {
  if (change.is === 'fault') {
    run.befall(change.fault);
    return;
  }
  const { node, code } = change;
  const { world } = run;
  try {
    runOn(world, node, code);
  } catch (error) {
    world.node(node)?.incarnation?.uncaught(error);
  }
}
