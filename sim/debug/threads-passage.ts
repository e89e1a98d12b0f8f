/**
 * The execution of a program of threads under way. Step 0 is its beginning, when each thread has come
 * to its first step.
 *
 * The cause of a step is the latest that it comes after: the one before it in its thread, the one
 * that made or woke the thread, or the last by another that changed what it touches.
 */
import type { RunSpec } from '../explore/subject.ts';
import type { ThreadsRun, ThreadsSubject } from '../explore/threads-subject.ts';
import type { StepSeen } from '../threads/engine.ts';
import { ThreadState } from '../threads/thread.ts';
import type { RunEvent } from '../trace/event.ts';
import { evaluateOn, runOn } from './look.ts';
import { type Change, Passage, type StepWho } from './passage.ts';
import { ThreadsScene } from './threads-scene.ts';

export class ThreadsPassage extends Passage {
  readonly run: ThreadsRun<unknown>;
  readonly scene: ThreadsScene<unknown>;
  readonly nowNs = 0;
  readonly nodes: readonly string[] = [];
  who: StepWho = { lo: 0, hi: 0, actor: 0 };
  private listener: ((event: RunEvent) => void) | undefined;
  private began: ((cause: number, site: string) => void) | undefined;
  private readonly causes = new Causes();
  private standing: (() => void) | undefined;
  private paused = false;

  constructor(subject: ThreadsSubject<unknown>, spec: RunSpec, changes: readonly Change[]) {
    super(changes);
    const onEvent = (event: RunEvent): void => this.listener?.(event);
    this.listener = spec.onEvent;
    this.run = subject.start(
      { ...spec, onEvent },
      { onStep: (step) => this.took(step), onStanding: () => this.standing?.() },
    );
    this.scene = new ThreadsScene(this.run.engine);
  }

  get step(): number {
    return this.run.steps;
  }

  get digest(): string {
    return this.run.engine.digest.hex();
  }

  get isOver(): boolean {
    return this.run.engine.end !== undefined;
  }

  listen(listener: ((event: RunEvent) => void) | undefined): void {
    this.listener = listener;
  }

  survey(began: (cause: number, site: string) => void): void {
    this.began = began;
  }

  pause(): void {
    this.paused = true;
  }

  close(): void {}

  refusal(change: Change): string | undefined {
    if (this.isOver) return 'the run is over: go back first';
    if (change.is === 'fault') return 'there is no world: threads meet no faults';
    const { is, text } = evaluateOn(this.scene, change.node, change.code);
    return is === 'thrown' ? `that throws ${text}` : undefined;
  }

  protected begin(): void {}

  protected advance(steps: number, standing: (() => void) | undefined): void {
    this.standing = standing;
    this.paused = false;
    const until = this.step + steps;
    while (!this.paused && !this.isOver && this.step < until) {
      this.run.advance(standing === undefined ? until - this.step : 1);
      standing?.();
    }
  }

  protected make(change: Change): void {
    if (change.is === 'code') runOn(this.scene, change.node, change.code);
  }

  private took(step: StepSeen): void {
    const { thread } = step;
    this.who = { lo: thread.lo, hi: thread.hi, actor: thread.index };
    this.began?.(this.causes.of(step, this.run.engine.standing.threads), step.operation.name);
  }
}

class Causes {
  /** By thread: the last step that it comes after. */
  private readonly before = new Map<number, number>();
  /** By object: the last step that changed it. */
  private readonly changed = new Map<number, number>();
  private readonly asleep = new Set<ThreadState>();

  /** The cause of a step that has just run; 0 for the beginning. */
  of({ number, thread, object, wrote, result }: StepSeen, threads: readonly ThreadState[]): number {
    const { before, changed } = this;
    const last =
      object instanceof ThreadState ? before.get(object.index) : changed.get(object.number);
    const cause = Math.max(before.get(thread.index) ?? 0, last ?? 0);
    before.set(thread.index, number);
    if (wrote && object.number > 0) changed.set(object.number, number);
    if (result instanceof ThreadState) before.set(result.index, number);
    for (const each of threads) {
      if (each.asleep) this.asleep.add(each);
      else if (this.asleep.delete(each)) before.set(each.index, number);
    }
    return cause;
  }
}
