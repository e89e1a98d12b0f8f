/** A world: nodes, network, disks, faults and properties around one kernel. */
import { HistoryRecorder } from '../check/history-recorder.ts';
import { rootIdentity } from '../choice/identity.ts';
import { hashName } from '../choice/mix.ts';
import { site } from '../choice/site.ts';
import { type Strategy, weights } from '../choice/strategy.ts';
import { type DiskConditions, QUIET_DISK } from '../disk/disk.ts';
import type { LogLevel } from '../env/log.ts';
import type { Plain } from '../env/net.ts';
import type { MemoryConditions } from '../memory/memory.ts';
import { type NetConditions, QUIET_NET } from '../net/link.ts';
import { Network } from '../net/network.ts';
import { leaveStorages } from '../sched/context.ts';
import { Digest } from '../sched/digest.ts';
import { TickOverflow } from '../sched/drain.ts';
import { Ended } from '../sched/ended.ts';
import { forgetAssignments } from '../sched/inside-world.ts';
import { Kernel, type Owner, type StepWatcher } from '../sched/kernel.ts';
import { mixPlain } from '../sched/mix-plain.ts';
import type { OutputStream } from '../sched/sink.ts';
import { EPOCH_MS } from '../time/clock.ts';
import { hintTo } from '../trace/did-you-mean.ts';
import { errorDetails, errorWithin } from '../trace/error-details.ts';
import type { RunEvent } from '../trace/event.ts';
import { DecisionRecord } from '../trace/record.ts';
import { uncaught, type Violation } from '../trace/violation.ts';
import { Refused } from './guard/escape.ts';
import { HandlerErrors } from './handler-errors.ts';
import { historyEvents } from './history-events.ts';
import type { Incarnation } from './incarnation.ts';
import { LoadError } from './loader/load-error.ts';
import { type NodeOptions, SimNode } from './node.ts';
import { Output } from './output.ts';
import { type PhaseOptions, Phases } from './phases.ts';
import { PropertyLedger } from './properties.ts';
import { RemoteErrors } from './remote-errors.ts';

const ARMED = site('buggify.armed');
const ONE_IN_FOUR = weights(3, 1);

/** What all programs of a world meet, as knobs and faults set it. */
export interface Conditions {
  readonly net: NetConditions;
  readonly disk: DiskConditions;
  readonly memory: MemoryConditions;
  /** How late a loop's turn may be. */
  lagNs: number;
  buggify: boolean;
}

export function quietConditions(): Conditions {
  return {
    net: { ...QUIET_NET },
    disk: { ...QUIET_DISK },
    memory: { refusedPerMille: 0, points: false },
    lagNs: 0,
    buggify: false,
  };
}

/** Something that makes faults happen, and stops when told. */
export interface FaultSource {
  begin(): void;
  /** All faults end: cuts heal, nodes that are down start, chances fall to zero. */
  heal(): void;
}

export interface WorldOptions extends PhaseOptions {
  readonly strategy: Strategy;
  readonly record?: DecisionRecord;
  /** Another one shows what a digest costs. */
  readonly digest?: Digest;
  readonly conditions?: Conditions;
  readonly faults?: (world: World) => FaultSource;
  readonly stepsMax?: number;
  readonly epochMs?: number;
  /** Collects what happened in words, for stories and logs. */
  readonly onEvent?: (event: RunEvent) => void;
  readonly watcher?: StepWatcher;
}

/**
 * - `completed`: the programs that finish have finished, or nothing was left to do, or time is up
 * - `violated`: see the violation
 * - `exhausted`: the budget of steps ran out
 */
export type WorldEnd = 'completed' | 'violated' | 'exhausted';

const STEPS_MAX = 5_000_000;
const BEGIN = site('world.begin');

export class World implements Owner {
  readonly kernel: Kernel;
  readonly conditions: Conditions;
  readonly network: Network;
  readonly properties: PropertyLedger;
  readonly history: HistoryRecorder;
  readonly output: Output = new Output();
  readonly handlerErrors: HandlerErrors = new HandlerErrors();
  readonly remoteErrors: RemoteErrors = new RemoteErrors();
  readonly epochMs: number;
  readonly nodes: SimNode[] = [];
  readonly alive = true;
  /** Told what programs hint at, the larger the better; nobody in most runs. */
  hinted: ((node: SimNode, name: string, value: number) => void) | undefined;
  violation: Violation | undefined;
  end: WorldEnd | undefined;
  /** What this machine or a module lacks, and what to do: the run says nothing about the programs. */
  missing: string | undefined;
  /** Its last step called `process.nextTick` without end. */
  neverYielded = false;
  /** By actor number: a node, a link as `from>to`, a thread, a fault. */
  readonly actors: string[] = ['world'];
  private readonly options: WorldOptions;
  private readonly faults: FaultSource | undefined;
  /** By actor: a number, from 1, for whose state its steps change; steps of two numbers commute. */
  readonly places: number[] = [];
  private readonly placeNumbers = new Map<string, number>();
  private readonly roles = new Map<string, string[]>();
  private readonly armed = new Map<string, boolean>();
  private readonly phases: Phases;
  private begun = false;

  constructor(options: WorldOptions) {
    forgetAssignments();
    this.options = options;
    this.kernel = new Kernel(
      options.strategy,
      options.record ?? new DecisionRecord(),
      this,
      options.digest ?? new Digest(),
    );
    this.conditions = options.conditions ?? quietConditions();
    const newActor = (name: string, node: string): number => this.newActor(name, node);
    this.network = new Network({ kernel: this.kernel, conditions: this.conditions.net, newActor });
    this.properties = new PropertyLedger((violation, nodes) => this.violate(violation, nodes));
    this.history = new HistoryRecorder(historyEvents(this.kernel));
    this.epochMs = options.epochMs ?? EPOCH_MS;
    this.phases = new Phases(this, options, () => this.faults?.heal());
    this.kernel.listener = options.onEvent;
    this.kernel.watcher = options.watcher;
    const root = rootIdentity('world', 0);
    this.kernel.enter(root.lo, root.hi, 0, 0, 0, BEGIN);
    this.faults = options.faults?.(this);
  }

  get phase(): 'safety' | 'liveness' {
    return this.phases.phase;
  }

  addNode(options: NodeOptions): SimNode {
    const node = new SimNode(this, options);
    this.nodes.push(node);
    let names = this.roles.get(options.role);
    if (names === undefined) this.roles.set(options.role, (names = []));
    names.push(options.name);
    if (this.begun) node.start();
    return node;
  }

  node(name: string): SimNode | undefined {
    return this.nodes.find((node) => node.name === name);
  }

  namesOf(role: string): readonly string[] {
    const names = this.roles.get(role);
    if (names !== undefined) return names;
    throw new RangeError(`no role is named '${role}'${hintTo(role, this.roles.keys())}`);
  }

  /** `node` is whose state its steps change; its own name for a node itself. */
  newActor(name: string, node: string): number {
    const actor = this.actors.push(name) - 1;
    let place = this.placeNumbers.get(node);
    if (place === undefined) this.placeNumbers.set(node, (place = this.placeNumbers.size + 1));
    this.places.push(place);
    this.kernel.choices.strategy.meets?.(actor, name, hashName(name));
    return actor;
  }

  /**
   * Runs on for at most `stepsMax` steps; true when the run has ended. In which slices a run is made
   * changes nothing of it. Must be called from a macrotask, inside `guardDrains`.
   */
  advance(stepsMax: number): boolean {
    if (!this.begun) this.begin();
    const { kernel } = this;
    const budget = this.options.stepsMax ?? STEPS_MAX;
    const until = Math.min(kernel.steps + stepsMax, budget);
    while (this.end === undefined && kernel.steps < until) this.phases.goOn(until);
    if (kernel.steps >= budget) this.finish('exhausted');
    return this.end !== undefined;
  }

  /** After the run: the last look at properties, state and memory; then nothing is left open. */
  close(): void {
    this.kernel.close();
    if (this.end === 'completed') this.properties.end();
    for (const node of this.nodes) node.digest();
    for (const node of this.nodes) node.incarnation?.end();
    leaveStorages(this.kernel);
  }

  uncaught(error: unknown, rejected?: Promise<unknown>, node?: SimNode): void {
    if (error instanceof Ended) return;
    if (error instanceof Refused) {
      const { property, message, stack } = error;
      this.violate({ property, message, stack }, node === undefined ? [] : [node]);
      return;
    }
    if (error instanceof LoadError && error.code === 'ERR_NOT_A_PROGRAM') {
      this.cannotGoOn(error.message);
      return;
    }
    if (error instanceof TickOverflow) {
      // Even when the main function had returned in the same step, just before.
      this.neverYielded = true;
      this.end = 'exhausted';
      this.kernel.stop();
      return;
    }
    const finding = uncaught(error, rejected === undefined ? 'exception' : 'rejection');
    const nodes = node === undefined ? [] : [node];
    const details = this.detailsOf(error);
    // What could not be loaded names its own place, and the stack is the loader's.
    if (error instanceof LoadError) {
      this.violate({ ...finding, details, stack: undefined }, nodes, '');
    } else this.violate({ ...finding, details }, nodes);
  }

  /**
   * The first violation ends the run; what follows from it says nothing more. `portable` is the message
   * as far as it is the same whatever folder the process runs in: files are named as seen from there.
   */
  violate(
    what: Pick<Violation, 'property' | 'message'> & Partial<Pick<Violation, 'details' | 'stack'>>,
    nodes: readonly SimNode[],
    portable: string = what.message,
  ): void {
    if (this.violation !== undefined) return;
    this.kernel.digest.mixText(String(portable));
    this.kernel.digest.mixText(what.property);
    this.violation = {
      property: what.property,
      message: what.message,
      details: what.details,
      stack: what.stack,
      nodes: nodes.map(({ name }) => name),
      roles: nodes.map(({ role }) => role),
      step: this.kernel.steps,
      atNs: this.kernel.nowNs,
    };
    this.end = 'violated';
    this.kernel.stop();
  }

  /** A program's main function has returned, or it exited in good order. */
  mainReturned(life: Incarnation): void {
    this.note(life.node, 'is done');
    this.phases.mainReturned();
  }

  /** What else the error says, and what a handler elsewhere has thrown that it tells of. */
  private detailsOf(error: unknown): string | undefined {
    if (error instanceof LoadError) return undefined;
    const behind = this.remoteErrors.behindError(error);
    const parts = [
      errorDetails(error),
      behind && errorWithin(`thrown by its handler on ${behind.to}:`, behind.thrown),
    ];
    return parts.filter((part) => part !== undefined).join('\n') || undefined;
  }

  exited(node: SimNode, code: number): void {
    this.kernel.digest.mix(code);
    this.violate({ property: 'exit code', message: `exited with code ${code}` }, [node]);
  }

  /** A program ended itself by a crash: its machine starts it again. */
  crashed(node: SimNode, reason: string): void {
    this.kernel.digest.mixText(reason);
    node.start();
  }

  /** Whether this buggify site is armed in this run: drawn once, however often it is passed. */
  buggifyArmed(label: string): boolean {
    let armed = this.armed.get(label);
    if (armed === undefined) {
      armed = this.kernel.choices.knob(ARMED, label, ONE_IN_FOUR) === 1;
      this.armed.set(label, armed);
    }
    return armed;
  }

  print(stream: OutputStream, text: string): void {
    this.printed(stream, text);
  }

  printed(stream: OutputStream, text: string, node?: SimNode): void {
    const { digest, nowNs } = this.kernel;
    digest.mixText(stream);
    digest.mixText(text);
    const name = node?.name ?? '';
    this.output.print(name, stream, nowNs, text);
    this.kernel.tell('print', name, () => text.replace(/\n$/, ''));
  }

  logged(node: SimNode, level: LogLevel, message: string, fields?: Fields): void {
    const { digest } = this.kernel;
    digest.mixText(level);
    digest.mixText(message);
    mixPlain(digest, fields);
    this.kernel.tell('log', node.name, () => `${level}: ${message}${inWords(fields)}`);
  }

  traced(node: SimNode, event: string, fields?: Fields): void {
    const { digest } = this.kernel;
    digest.mixText(event);
    mixPlain(digest, fields);
    this.kernel.tell('trace', node.name, () => `${event}${inWords(fields)}`);
  }

  /** A request or a reply has arrived. */
  called(node: SimNode, text: () => string): void {
    this.kernel.tell('call', node.name, text);
  }

  note(node: SimNode, text: string): void {
    this.kernel.tell('note', node.name, () => text);
  }

  /** The machine lacks what a program asked for, or a module the program. */
  cannotGoOn(missing: string): void {
    this.missing = missing;
    this.finish('exhausted');
  }

  private begin(): void {
    this.begun = true;
    this.faults?.begin();
    for (const node of this.nodes) node.start();
  }

  finish(end: 'completed' | 'exhausted'): void {
    this.end ??= end;
    this.kernel.stop();
  }
}

type Fields = { readonly [key: string]: Plain };

function inWords(fields: Fields | undefined): string {
  return fields === undefined ? '' : ` ${JSON.stringify(fields)}`;
}
