/** The run of a world under way. */
import type { RunSpec } from '../explore/subject.ts';
import type { WorldRun, WorldSubject } from '../explore/world-run.ts';
import type { World } from '../node/world.ts';
import type { RunEvent } from '../trace/event.ts';
import { evaluateOn, runOn } from './look.ts';
import { type Change, Passage, type StepWho } from './passage.ts';
import { WorldScene } from './world-scene.ts';

export class WorldPassage extends Passage {
  readonly run: WorldRun;
  readonly scene: WorldScene;
  private readonly world: World;

  constructor(subject: WorldSubject, spec: RunSpec, changes: readonly Change[]) {
    super(changes);
    const pilot = subject.pilot(spec);
    while (pilot?.advance(Infinity) === false) {}
    this.run = subject.start(spec);
    this.world = this.run.world;
    this.scene = new WorldScene(this.world);
  }

  get step(): number {
    return this.world.kernel.steps;
  }

  get nowNs(): number {
    return this.world.kernel.nowNs;
  }

  get who(): StepWho {
    return this.world.kernel.choices.asker;
  }

  get digest(): string {
    return this.world.kernel.digest.hex();
  }

  get isOver(): boolean {
    return this.world.end !== undefined;
  }

  get nodes(): readonly string[] {
    return this.world.nodes.map(({ name }) => name);
  }

  listen(listener: ((event: RunEvent) => void) | undefined): void {
    this.world.kernel.listener = listener;
  }

  survey(began: (cause: number, site: string) => void): void {
    this.world.kernel.watcher = { began: ({ cause, site }) => began(cause, site) };
  }

  pause(): void {
    this.world.kernel.pause();
  }

  close(): void {
    this.world.kernel.standing = undefined;
    this.run.close();
  }

  refusal(change: Change): string | undefined {
    if (this.isOver) return 'the run is over: go back first';
    if (change.is === 'fault') return undefined;
    const { node, code } = change;
    const deaf = this.scene.deaf(node);
    if (deaf !== undefined) return deaf;
    const { is, text } = evaluateOn(this.scene, node, code);
    // What ends the node by itself may throw on its way out.
    const goesOn = this.scene.deaf(node) === undefined;
    return is === 'thrown' && goesOn ? `that throws ${text}` : undefined;
  }

  protected begin(): void {
    this.run.advance(0);
  }

  protected advance(steps: number, standing: (() => void) | undefined): void {
    this.world.kernel.standing = standing;
    this.run.advance(steps);
  }

  protected make(change: Change): void {
    if (change.is === 'fault') {
      this.run.befall(change.fault);
      return;
    }
    const { node, code } = change;
    try {
      runOn(this.scene, node, code);
    } catch (error) {
      this.world.node(node)?.incarnation?.uncaught(error);
    }
  }
}
