/**
 * The phases of a run:
 *
 *     safety ──(forMs over)──► liveness: faults heal, what should finish must ──► end
 *        └──(all programs that finish have, nothing left to wait for)────────────► end
 */
import type { RunEnd } from '../sched/kernel.ts';
import { NS_PER_MS } from '../time/units.ts';
import type { Violation } from '../trace/violation.ts';
import type { SimNode } from './node.ts';
import type { World } from './world.ts';

export interface PhaseOptions {
  /** Virtual milliseconds of the safety phase. */
  readonly forMs?: number;
  /** Virtual milliseconds within which, once healed, all must finish. */
  readonly livenessMs?: number;
  /** In place of `livenessMs`: virtual milliseconds since the start by which all must finish. */
  readonly overByMs?: number;
  /** The node whose return ends the run, whatever the others do; else all that finish must. */
  readonly endsWith?: string;
}

const LIVENESS_MS = 60_000;
/** Steps between two looks at what holds eventually, and at what still waits when all is done. */
const LOOK_EVERY = 64;
/** Virtual. */
const WIND_UP_NS = 1e9;

export class Phases {
  phase: 'safety' | 'liveness' = 'safety';
  private readonly world: World;
  private readonly options: PhaseOptions;
  /** Ends the faults. */
  private readonly heal: () => void;
  private deadlineNs: number;
  /** Not before this step one looks again at what holds eventually. */
  private lookAt = Infinity;
  /** All is done but what programs have left waiting. */
  private windingUp = false;

  constructor(world: World, options: PhaseOptions, heal: () => void) {
    this.world = world;
    this.options = options;
    this.heal = heal;
    this.deadlineNs = (options.forMs ?? Infinity) * NS_PER_MS;
  }

  /** Runs on until that step, or the end of the phase. */
  goOn(untilStep: number): void {
    const { kernel } = this.world;
    const share = Math.min(untilStep, this.lookAt) - kernel.steps;
    this.turn(kernel.run(this.deadlineNs, share));
  }

  /** A program's main function has returned, or it exited in good order. */
  mainReturned(): void {
    if (this.phase === 'liveness') {
      if (this.settled()) this.windUp();
    } else if (this.tasksFinished()) {
      if (this.world.properties.waiting) this.beginLiveness();
      else this.windUp();
    }
  }

  private turn(end: RunEnd): void {
    if (end === 'stopped') return;
    if (end === 'paused') {
      const { steps } = this.world.kernel;
      if (steps < this.lookAt) return;
      this.lookAt = steps + LOOK_EVERY;
      if (this.windingUp ? !this.leftWaiting() : this.settled()) this.windUp();
    } else if (this.windingUp) {
      this.world.finish('completed');
    } else if (this.phase === 'safety') {
      this.beginLiveness();
    } else if (this.settled()) {
      this.windUp();
    } else {
      this.stuck(end);
    }
  }

  private beginLiveness(): void {
    const { kernel } = this.world;
    this.phase = 'liveness';
    this.lookAt = kernel.steps + LOOK_EVERY;
    // In the middle of a slice: what is left of it has another deadline.
    kernel.pause();
    this.heal();
    const { overByMs, livenessMs = LIVENESS_MS } = this.options;
    this.deadlineNs =
      overByMs === undefined
        ? kernel.nowNs + livenessMs * NS_PER_MS
        : Math.max(kernel.nowNs, overByMs * NS_PER_MS);
  }

  /**
   * All that the run waits for is done. What those programs have left waiting, a call or a sleep that
   * nobody awaits, may still fail, so it has some time: a process would not end before either.
   */
  private windUp(): void {
    const { kernel } = this.world;
    if (!this.leftWaiting()) {
      this.world.finish('completed');
      return;
    }
    if (this.windingUp) return;
    this.windingUp = true;
    this.lookAt = kernel.steps + LOOK_EVERY;
    kernel.pause();
    this.deadlineNs = Math.min(this.deadlineNs, kernel.nowNs + WIND_UP_NS);
  }

  private leftWaiting(): boolean {
    return this.world.nodes.some(
      (node) => this.isAwaited(node) && node.incarnation?.finished && node.incarnation.loop.waits,
    );
  }

  /** Every program that is to finish has, and at least one was. */
  private tasksFinished(): boolean {
    if (this.unfinished().length > 0) return false;
    return this.world.nodes.some(({ incarnation }) => incarnation?.finished);
  }

  private settled(): boolean {
    return this.unfinished().length === 0 && !this.world.properties.waiting;
  }

  /** Nodes that the run's end waits for: they neither have returned nor serve others. */
  private unfinished(): SimNode[] {
    return this.world.nodes.filter((node) => this.isAwaited(node) && !node.incarnation?.finished);
  }

  /** Whether the run's end waits for what this node does. */
  private isAwaited({ name, incarnation, outside }: SimNode): boolean {
    const { endsWith } = this.options;
    if (outside) return false;
    return endsWith === undefined ? !incarnation?.serves : name === endsWith;
  }

  private get healed(): string {
    return this.world.nodes.some(({ outside }) => outside) ? 'the core' : 'all faults';
  }

  /** Nothing can or did bring the run to its end, although no fault is in the way. */
  private stuck(end: 'idle' | 'deadline'): void {
    const nodes = this.unfinished();
    if (nodes.length === 0) this.world.finish('completed');
    else this.world.violate(end === 'idle' ? deadlockOf(nodes) : this.lateness(nodes), nodes);
  }

  private lateness(nodes: readonly SimNode[]): Finding {
    const { overByMs, livenessMs = LIVENESS_MS } = this.options;
    const when =
      overByMs === undefined
        ? `${livenessMs} ms after ${this.healed} had healed`
        : `within ${overByMs} ms (forMs)`;
    return { property: 'liveness', message: `${namesOf(nodes)} had not finished ${when}` };
  }
}

type Finding = Pick<Violation, 'property' | 'message'> & Partial<Pick<Violation, 'details'>>;

function deadlockOf(nodes: readonly SimNode[]): Finding {
  const threads = nodes.flatMap(({ incarnation }) => incarnation?.env.threads.stuck() ?? []);
  return {
    property: 'deadlock',
    message: `nothing is pending that could wake ${namesOf(nodes)}`,
    details: threads.length === 0 ? undefined : threads.join('\n'),
  };
}

function namesOf(nodes: readonly SimNode[]): string {
  return nodes.map(({ name }) => name).join(', ');
}
