/**
 * A run under way, seen after each of its steps; at the end of some of them changes are made to it.
 *
 * One turn may be several steps, as the timers of a node's loop or a thread's accesses to plain data:
 * a run can be looked at between them, but it cannot be left there, since the turn is under way. So a
 * passage is told what to do at a step before it comes there.
 */
import type { SeedRun } from '../explore/subject.ts';
import type { Fault } from '../scenario/scenario.gen.ts';
import type { RunEvent } from '../trace/event.ts';
import type { Scene } from './scene.ts';

/** Something done to a run that nobody in it does, at the end of a step. */
export type Change =
  | { readonly is: 'code'; readonly step: number; readonly node: string; readonly code: string }
  | { readonly is: 'fault'; readonly step: number; readonly fault: Fault };

/** Called after a step, while the run stands still. */
export type Visit = (passage: Passage) => void;

/** Who a step is: its identity, and by number who runs it. */
export interface StepWho {
  readonly lo: number;
  readonly hi: number;
  readonly actor: number;
}

/** Its methods are called from macrotasks, inside `guarded`. */
export abstract class Passage {
  abstract readonly run: SeedRun;
  /** Of the step that has run. */
  abstract readonly step: number;
  /** Virtual; 0 where time does not pass. */
  abstract readonly nowNs: number;
  /** The step that has run. */
  abstract readonly who: StepWho;
  /** Of all that was observable up to here, as 16 hexadecimal digits. */
  abstract readonly digest: string;
  abstract readonly isOver: boolean;
  abstract readonly scene: Scene;
  /** Names of those that have scopes of their own. */
  abstract readonly nodes: readonly string[];
  /** Called after each step. */
  visit: Visit | undefined;
  /** Those to come, in the order of their steps. */
  protected readonly changes: Change[];
  private begun = false;
  private thrown: { readonly error: unknown } | undefined;

  protected constructor(changes: readonly Change[]) {
    this.changes = [...changes];
  }

  /** Who is told what happens, from the next step on. */
  abstract listen(listener: ((event: RunEvent) => void) | undefined): void;

  /** `began` is called when a step begins, with the one that made it; before any has. */
  abstract survey(began: (cause: number, site: string) => void): void;

  /** Ends what runs now after the present step, or turn. */
  abstract pause(): void;

  /** Ends it without judging it. */
  abstract close(): void;

  /** Why this change cannot be made here; tries it. @throws DebugError */
  abstract refusal(change: Change): string | undefined;

  /** Up to where it first stands. */
  protected abstract begin(): void;
  /** At most so many steps; `standing` is called after each, if it is given. */
  protected abstract advance(steps: number, standing: (() => void) | undefined): void;
  protected abstract make(change: Change): void;

  /**
   * Runs towards a step, about `share` steps; true when it has come there, or a little further, or
   * the run is over. Throws what a visit has thrown.
   */
  towards(step: number, share: number): boolean {
    if (!this.begun) {
      this.begun = true;
      this.begin();
      this.stand();
    }
    if (this.step < step) {
      const watched = this.visit !== undefined || this.changes.length > 0;
      this.advance(Math.min(step - this.step, share), watched ? () => this.stand() : undefined);
    }
    if (this.thrown !== undefined) throw this.thrown.error;
    return this.isOver || this.step >= step;
  }

  private stand(): void {
    for (let [next] = this.changes; next?.step === this.step; [next] = this.changes) {
      this.changes.shift();
      if (!this.isOver) this.make(next);
    }
    try {
      this.visit?.(this);
    } catch (error) {
      // In the middle of a turn it would be taken for the program's.
      this.thrown ??= { error };
      this.visit = undefined;
      this.pause();
    }
  }
}
