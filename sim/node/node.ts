import { rootIdentity } from '../choice/identity.ts';
import { hashName } from '../choice/mix.ts';
import { site } from '../choice/site.ts';
import { Drive } from '../disk/disk.ts';
import type { Program } from '../env/env.ts';
import type { Plain } from '../env/net.ts';
import { copyPlain } from '../env/plain.ts';
import type { Host } from '../net/network.ts';
import type { Slot, Target } from '../sched/agenda.ts';
import type { Window } from '../sched/kernel.ts';
import { NodeClock } from '../time/clock.ts';
import { Incarnation } from './incarnation.ts';
import type { World } from './world.ts';

const START = site('node.start');

/** How long a start may take: from the order to the program's first line. */
const START_NS_MAX = 1_000_000;

/** Where each incarnation gets its program from, its module graph fresh or shared. */
export interface ProgramSource {
  /** Called in the starting step; what it throws fails the run as the program's own error. */
  load(incarnation: Incarnation): Program;
}

export interface NodeOptions {
  readonly name: string;
  readonly role: string;
  readonly index: number;
  readonly program: ProgramSource;
  /** Each start gets a copy of its own. */
  readonly args: Plain;
  /** Its first start takes no time: before anything that is sent to it from now on arrives. */
  readonly startsAtOnce?: boolean;
}

/** A machine with a name, a clock and a disk, on which one incarnation of a program runs at a time. */
export class SimNode implements Target {
  readonly world: World;
  readonly name: string;
  readonly role: string;
  readonly index: number;
  readonly actor: number;
  readonly host: Host;
  readonly clock: NodeClock;
  readonly drive: Drive;
  /** Allocations of 1,000 that fail here, by faults on this node. */
  refusedPerMille = 0;
  /** Faults that keep it down; the last of them to end starts it again. */
  crashes = 0;
  /** It is outside the core that heals: nobody waits for it any more. */
  outside = false;
  /** The present or last incarnation; undefined before the first start. */
  incarnation: Incarnation | undefined;
  private readonly program: ProgramSource;
  private readonly args: Plain;
  private readonly startsAtOnce: boolean;
  private starts = 0;
  private pendingStart: Slot | undefined;

  constructor(world: World, options: NodeOptions) {
    this.world = world;
    this.name = options.name;
    this.role = options.role;
    this.index = options.index;
    this.program = options.program;
    this.args = options.args;
    this.startsAtOnce = options.startsAtOnce === true;
    this.actor = world.newActor(options.name, options.name);
    this.host = world.network.addHost(options.name);
    this.clock = new NodeClock(world.kernel, world.epochMs);
    this.drive = new Drive(world.kernel, world.conditions.disk, options.name);
  }

  /**
   * Orders a start; the program's first line runs in a step of its own. Nothing happens when it runs,
   * is about to start, or is kept down by a fault, which starts it at its end.
   */
  start(): void {
    if (this.alive || this.crashes > 0 || this.isComing) return;
    const { kernel } = this.world;
    const number = this.starts++;
    const { lo, hi } = rootIdentity(this.name, number);
    const { span } = kernel.choices;
    const { steps, nowNs } = kernel;
    const withinNs = number === 0 && this.startsAtOnce ? 0 : START_NS_MAX;
    const window: Window = { earliestNs: nowNs, latestNs: nowNs + withinNs, spread: 'uniform' };
    const { actor } = this;
    this.pendingStart = kernel.post(this, number, lo, hi, START, actor, span, steps, window);
  }

  fire(number: unknown): void {
    this.pendingStart = undefined;
    const incarnation = new Incarnation(this, number as number);
    this.incarnation = incarnation;
    this.world.kernel.become(incarnation);
    this.world.note(this, number === 0 ? 'starts' : 'restarts');
    incarnation.run(this.program.load(incarnation), copyPlain(this.args));
  }

  get alive(): boolean {
    return this.incarnation?.alive ?? false;
  }

  /** A start was ordered and has not happened. */
  get isComing(): boolean {
    return this.pendingStart !== undefined;
  }

  /**
   * Ends the present incarnation without warning; unsynced writes meet the disk's fate. A start that
   * was ordered does not happen.
   */
  crash(): void {
    const { incarnation } = this;
    if (this.pendingStart !== undefined) this.world.kernel.withdraw(this.pendingStart);
    this.pendingStart = undefined;
    if (incarnation === undefined || !incarnation.alive) return;
    this.digest();
    incarnation.end();
    this.drive.crash();
  }

  /** Mixes what the program shows of its state, and what it stored, into the digest. */
  digest(): void {
    const { digest } = this.world.kernel;
    digest.mix(hashName(this.name));
    this.incarnation?.digest();
    this.drive.digest();
  }
}
