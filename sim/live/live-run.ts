/**
 * The course of a live run:
 *
 *     starts ──► storm ──────────────────► settling ─────────► show ──► end ──► judged
 *     all        kill -9 and restart;      all up again,       state    SIGTERM
 *     nodes      workloads begin anew      workloads wind down
 *
 * The first thing found wrong ends it wherever it is: then all is killed, and nothing more judged.
 */
import { appendFileSync } from 'node:fs';
import { ProgramRandom } from '../choice/program-random.ts';
import { neverReached } from '../env/assert.ts';
import type { Random } from '../env/random.ts';
import { loadNative } from '../memory/pool.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Finding } from '../scenario/weigh.ts';
import { Changes } from './changes.ts';
import { machineNs } from './clock.ts';
import { type Exit, endingOf } from './ending.ts';
import { Entropy } from './entropy.ts';
import { Evidence } from './evidence.ts';
import { hostLine } from './hosts.ts';
import { Judgement } from './judgement.ts';
import { LiveError } from './live-error.ts';
import { type Ground, LiveNode, type NodeWatcher } from './live-node.ts';
import type { AddressBlock } from './loopback.ts';
import type { ProgramPlace } from './program.ts';
import type { NodeConfig, Word } from './protocol.ts';
import type { LiveNodeResult, LiveResult } from './result.ts';
import { strokeOf, targets, victim } from './storm.ts';

/** Something worth telling, as it happens. `node` is `''` for the run as a whole. */
export interface LiveEvent {
  readonly kind: 'note' | 'fault' | 'violation' | 'progress';
  readonly atMs: number;
  readonly node: string;
  readonly text: string;
}

export interface LiveRunOptions {
  readonly scenario: Scenario;
  /** By role. */
  readonly programs: ReadonlyMap<string, ProgramPlace>;
  readonly block: AddressBlock;
  readonly ground: Ground;
  readonly forMs: number;
  readonly kills: { readonly everyMs: number } | 'none';
  readonly graceMs: number;
  readonly hangMs: number;
  readonly onEvent: (event: LiveEvent) => void;
  readonly signal: AbortSignal | undefined;
}

/** Real ms within which every process has to be running. */
const START_MS_MAX = 60_000;
/** A workload begins anew at most this often, so that starting processes is not all the machine does. */
const RENEW_MS_MIN = 1_000;
/** Real ms between two looks at what holds eventually, and between two lines of progress. */
const LOOK_MS = 50;
const PROGRESS_MS = 1_000;

export class LiveRun implements NodeWatcher {
  private readonly options: LiveRunOptions;
  private readonly evidence = new Evidence();
  private readonly nodes: LiveNode[] = [];
  /** Nodes whose workload goes on in another: no longer among the peers. */
  private readonly retired = new Set<LiveNode>();
  private readonly starting = new Set<LiveNode>();
  private readonly showing = new Set<LiveNode>();
  private readonly forced = new Set<LiveNode>();
  private readonly tasks = new Set<Promise<void>>();
  private readonly changes = new Changes();
  private phase: 'start' | 'storm' | 'settle' | 'end' = 'start';
  private readonly judgement = new Judgement();
  private unusable: LiveError | undefined;
  private strikes = 0;
  private kills = 0;
  private restarts = 0;

  constructor(options: LiveRunOptions) {
    this.options = options;
    for (const [role, { count }] of options.scenario.roles) {
      for (let i = 0; i < count; i++) this.addNode(role);
    }
  }

  /** Rejects with LiveError when a program cannot be run at all. */
  async play(): Promise<LiveResult> {
    const wake = (): void => this.changes.tell();
    const { signal } = this.options;
    signal?.addEventListener('abort', wake);
    try {
      await this.start();
      await this.storm();
      await this.settle();
    } finally {
      signal?.removeEventListener('abort', wake);
      await this.end();
    }
    if (this.unusable !== undefined) throw this.unusable;
    await this.judge();
    return this.result();
  }

  /** Kills every process at once. */
  drop(): void {
    for (const node of this.nodes) node.drop();
  }

  said(node: LiveNode, word: Word): void {
    switch (word.word) {
      case 'unusable':
        this.unusable ??= new LiveError('bad-program', word.message);
        break;
      case 'no-memory':
        this.unusable ??= new LiveError('no-memory', loadNative() ?? 'no native memory');
        break;
      case 'started':
        this.starting.delete(node);
        break;
      case 'serves':
        this.tell('note', node.name, 'serves');
        break;
      case 'finished':
        this.finished(node, word.operations);
        break;
      case 'state':
        this.showing.delete(node);
        break;
      case 'broken':
        this.read(node);
        break;
      default:
        neverReached(word);
    }
    this.changes.tell();
  }

  exited(node: LiveNode, exit: Exit): void {
    this.starting.delete(node);
    this.showing.delete(node);
    this.read(node);
    if (node.ending !== 'killed') this.endedItself(node, exit);
    this.changes.tell();
  }

  private async start(): Promise<void> {
    for (const node of this.nodes) this.startNode(node);
    await this.reach(() => this.starting.size === 0, START_MS_MAX);
    const late = namesOf([...this.starting]);
    if (late !== '') this.giveUp(`${late} did not start within ${START_MS_MAX} ms`);
    if (!this.over) this.tell('note', '', `${this.nodes.length} processes run`);
  }

  private async storm(): Promise<void> {
    const { forMs, kills } = this.options;
    if (this.over) return;
    this.phase = 'storm';
    const everyMs = kills === 'none' ? PROGRESS_MS : kills.everyMs;
    const endMs = performance.now() + forMs;
    while (!this.calm && performance.now() < endMs) {
      const untilMs = Math.min(endMs, performance.now() + everyMs);
      if (kills !== 'none') {
        for (const [role, count] of targets(this.inPlay)) {
          for (let i = 0; i < count; i++) this.during(this.strike(role, untilMs, everyMs));
        }
      }
      await this.reach(() => this.calm, untilMs - performance.now());
      this.progress();
    }
    this.phase = 'settle';
    this.changes.tell();
    await Promise.all(this.tasks);
  }

  private get isWindingDown(): boolean {
    return this.phase === 'settle' || this.phase === 'end';
  }

  /** Nothing more is to be seen: all that is to finish has, and none of it is a workload. */
  private get calm(): boolean {
    if (this.over || this.options.signal?.aborted) return true;
    const hasFinished = this.inPlay.some(({ finished, serves }) => finished && !serves);
    return hasFinished && this.unfinished.length === 0 && this.tasks.size === 0;
  }

  /** One node of the role down and up again, as soon as one may go down within the period. */
  private async strike(role: string, untilMs: number, everyMs: number): Promise<void> {
    const random = this.randomOf(`strike ${this.strikes++}`);
    const { afterMs, downMs } = strokeOf(everyMs, random);
    await this.reach(() => this.isWindingDown, afterMs);
    let node: LiveNode | undefined;
    const struck = (): boolean => (node ??= this.killOne(role, random)) !== undefined;
    await this.reach(() => this.isWindingDown || struck(), untilMs - performance.now());
    if (node === undefined) return;
    await node.kill();
    await this.reach(() => this.isWindingDown, downMs);
    if (!this.over) this.startNode(node);
  }

  /** At once, so that no two strikes count on the same node. */
  private killOne(role: string, random: Random): LiveNode | undefined {
    const node = victim(this.inPlay, role, random);
    if (node === undefined) return undefined;
    this.kills++;
    node.kills++;
    this.tell('fault', node.name, 'is killed');
    node.drop();
    return node;
  }

  /** Keeps a workload going on a fresh node, the next of its role. */
  private async renew(node: LiveNode): Promise<void> {
    if (node.state.waiting.length === 0) this.during(node.stop(this.options.graceMs));
    const restMs = node.startedMs + RENEW_MS_MIN - performance.now();
    await this.reach(() => this.isWindingDown, restMs);
    if (this.isWindingDown || this.over || this.options.block.isUsedUp) return;
    this.retired.add(node);
    this.startNode(this.addNode(node.role));
  }

  private async settle(): Promise<void> {
    if (this.over) return;
    for (const node of this.nodes) node.order({ order: 'wind-down' });
    this.tell('note', '', 'no more kills, operations wind down');
    const { livenessMs } = this.options.scenario;
    const endMs = performance.now() + livenessMs;
    for (;;) {
      await this.reach(() => this.unfinished.length === 0, endMs - performance.now());
      await this.show();
      if (this.over) return;
      const waiting = this.nodes.filter(({ isUp, state }) => isUp && state.waiting.length > 0);
      if (this.unfinished.length === 0 && waiting.length === 0) return;
      if (performance.now() >= endMs) this.stuck(waiting);
      else await this.reach(() => false, LOOK_MS);
    }
  }

  private stuck(waiting: readonly LiveNode[]): void {
    const { unfinished } = this;
    const [node] = waiting;
    if (unfinished.length > 0 || node === undefined) {
      const { livenessMs } = this.options.scenario;
      const message = `${namesOf(unfinished)} had not finished ${livenessMs} ms after the last kill`;
      this.violate({ property: 'liveness', message }, unfinished);
    } else {
      const property = `eventually: ${node.state.waiting[0]}`;
      this.violate({ property, message: 'does not hold at the end' }, [node]);
    }
  }

  /** Every process that runs shows its state. */
  private async show(): Promise<void> {
    for (const node of this.nodes) {
      if (!node.isUp || node.ending !== undefined) continue;
      this.showing.add(node);
      node.order({ order: 'show' });
    }
    const { hangMs } = this.options;
    await this.reach(() => this.showing.size === 0, hangMs);
    const hung = namesOf([...this.showing]);
    if (hung !== '') this.giveUp(`hang: ${hung} did not answer within ${hangMs} ms`);
  }

  private async end(): Promise<void> {
    const over = this.over;
    this.phase = 'end';
    this.changes.tell();
    const { graceMs } = this.options;
    await Promise.all(this.nodes.map((node) => (over ? node.kill() : node.stop(graceMs))));
    await Promise.all(this.tasks);
    for (const node of this.nodes) this.read(node);
  }

  private async judge(): Promise<void> {
    const { check } = this.options.scenario;
    if (check === undefined || this.over) return;
    const observed = this.nodes.map((node) => [node.name, node.state.observed] as const);
    await this.judgement.ask(
      check,
      {
        seed: this.options.ground.seed,
        observed: Object.fromEntries(observed),
        virtualMs: this.nowMs(),
      },
      this.evidence.history(),
    );
    this.tellFailure();
  }

  private result(): LiveResult {
    const { evidence, judgement } = this;
    const operations = evidence.counts();
    return {
      scenario: this.options.scenario.name,
      seed: this.options.ground.seed,
      ...judgement.verdict(operations.completed),
      failure: judgement.failure,
      operations,
      readsHistory: judgement.readsHistory,
      sometimes: [...evidence.passed].sort(([a], [b]) => (a < b ? -1 : 1)),
      kills: this.kills,
      restarts: this.restarts,
      wallMs: this.nowMs(),
      interrupted: this.options.signal?.aborted ?? false,
      nodes: this.nodes.map((node) => this.resultOf(node)),
      directory: this.options.ground.directory,
    };
  }

  private resultOf(node: LiveNode): LiveNodeResult {
    const { name, role, starts, kills } = node;
    return { name, role, starts, kills, end: this.endOf(node) };
  }

  private endOf(node: LiveNode): LiveNodeResult['end'] {
    if (this.forced.has(node)) return 'forced';
    if (node.ending === 'killed') return 'dropped';
    return node.finished && !node.served ? 'finished' : 'stopped';
  }

  private addNode(role: string): LiveNode {
    const { scenario, programs, block, ground } = this.options;
    const index = this.nodes.filter((node) => node.role === role).length + 1;
    const name = `${role}-${index}`;
    const { args } = scenario.roles.get(role)!;
    const program = programs.get(role)!;
    appendFileSync(ground.hostsFile, hostLine(name, block.next()));
    const node = new LiveNode({ name, role, index, program, args, ground }, this);
    this.nodes.push(node);
    return node;
  }

  private startNode(node: LiveNode): void {
    if (node.starts > 0) this.restarts++;
    this.tell('note', node.name, node.starts > 0 ? 'restarts' : 'starts');
    this.starting.add(node);
    try {
      node.start(this.peers());
    } catch (error) {
      this.starting.delete(node);
      this.cannotStart(node, (error as Error).message);
    }
  }

  private peers(): NodeConfig['peers'] {
    const peers: { [role: string]: string[] } = {};
    for (const { role, name } of this.inPlay) (peers[role] ??= []).push(name);
    return peers;
  }

  private get inPlay(): LiveNode[] {
    return this.nodes.filter((node) => !this.retired.has(node));
  }

  private get unfinished(): LiveNode[] {
    return this.inPlay.filter(({ finished, serves }) => !(finished || serves));
  }

  private finished(node: LiveNode, operations: number): void {
    if (node.serves) return;
    this.tell('note', node.name, 'is done');
    if (!this.isWindingDown && operations > 0) this.during(this.renew(node));
  }

  /** A process is gone that the run did not kill. */
  private endedItself(node: LiveNode, exit: Exit): void {
    const asked = node.ending === 'asked';
    const ending = endingOf(exit, { asked, said: this.evidence.endings.get(node.name) });
    switch (ending.is) {
      case 'finished':
        node.finished = true;
        this.tell('note', node.name, 'exits with code 0');
        break;
      case 'stopped':
        break;
      case 'forced':
        this.forced.add(node);
        break;
      case 'crashed':
        this.tell('note', node.name, `crashes: ${ending.reason}`);
        if (!this.over && this.phase !== 'end') this.startNode(node);
        break;
      case 'broken':
        this.violate({ ...ending.finding, details: node.output() }, [node]);
        break;
      case 'absent':
        this.cannotStart(node, ending.reason);
        break;
      default:
        neverReached(ending);
    }
  }

  /** Takes what is new in the node's journal. */
  private read(node: LiveNode): void {
    const known = this.evidence.findings.length;
    this.evidence.add(node.name, node.entries());
    for (const { property, message, stack, atNs } of this.evidence.findings.slice(known)) {
      this.violate({ property, message, stack }, [node], atNs);
    }
  }

  /** The first violation ends the run. */
  private violate(finding: Finding, nodes: readonly LiveNode[], atNs?: number): void {
    if (this.judgement.failure !== undefined) return;
    this.judgement.violate(finding, nodes, atNs ?? machineNs(this.options.ground.originNs));
    this.tellFailure();
    this.changes.tell();
  }

  private tellFailure(): void {
    const { failure } = this.judgement;
    if (failure === undefined) return;
    const { nodes, property, message } = failure;
    this.tell('violation', nodes[0] ?? '', `${property}: ${message}`);
  }

  private giveUp(reason: string): void {
    this.judgement.giveUp(reason);
    this.changes.tell();
  }

  private get over(): boolean {
    return this.judgement.isFinal || this.unusable !== undefined;
  }

  private progress(): void {
    // Those that are gone were read when they went.
    for (const node of this.nodes) if (node.isUp) this.read(node);
    const down = namesOf(this.inPlay.filter(({ isUp, finished }) => !isUp && !finished));
    const { kills, restarts } = this;
    const { completed } = this.evidence.counts();
    const counts = `${completed} operations, ${kills} kills, ${restarts} restarts`;
    this.tell('progress', '', down === '' ? counts : `${counts}, down: ${down}`);
  }

  private tell(kind: LiveEvent['kind'], node: string, text: string): void {
    this.options.onEvent({ kind, atMs: this.nowMs(), node, text });
  }

  private cannotStart({ name }: LiveNode, reason: string): void {
    this.unusable ??= new LiveError('exhausted', `${name} could not be started: ${reason}`);
    this.changes.tell();
  }

  private randomOf(what: string): Random {
    return new ProgramRandom(new Entropy(`${this.options.ground.seed} ${what}`));
  }

  private nowMs(): number {
    return machineNs(this.options.ground.originNs) / 1e6;
  }

  private during(task: Promise<void>): void {
    const known = task.finally(() => {
      this.tasks.delete(known);
      this.changes.tell();
    });
    this.tasks.add(known);
  }

  /** Waits until `holds`, or the run is over, or `forMs` have passed. */
  private reach(holds: () => boolean, forMs: number): Promise<void> {
    return this.changes.until(() => this.over || holds(), forMs);
  }
}

function namesOf(nodes: readonly LiveNode[]): string {
  return nodes.map(({ name }) => name).join(', ');
}
