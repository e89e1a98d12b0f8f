/**
 * The course of a live run:
 *
 *     starts ──► storm ──────────────────► settling ─────────► show ──► end ──► judged
 *     all        kill -9 and restart;      all up again,       state    SIGTERM
 *     nodes      workloads begin anew      workloads wind down
 *
 * The first thing found wrong ends it wherever it is: then all is killed, and nothing more judged.
 */
import { ProgramRandom } from '../choice/program-random.ts';
import { neverReached } from '../env/assert.ts';
import type { Random } from '../env/random.ts';
import { loadNative } from '../memory/pool.ts';
import type { Finding } from '../scenario/weigh.ts';
import { Cast, type CastOptions } from './cast.ts';
import { Changes } from './changes.ts';
import { machineNs } from './clock.ts';
import { type Exit, endingOf } from './ending.ts';
import { Entropy } from './entropy.ts';
import { Evidence } from './evidence.ts';
import { Judgement } from './judgement.ts';
import { LiveError } from './live-error.ts';
import type { LiveNode, NodeWatcher } from './live-node.ts';
import type { Word } from './protocol.ts';
import type { LiveResult } from './result.ts';
import { strokeOf, targets, victim } from './storm.ts';

/** Something worth telling, as it happens. `node` is `''` for the run as a whole. */
export interface LiveEvent {
  readonly kind: 'note' | 'fault' | 'violation' | 'progress';
  readonly atMs: number;
  readonly node: string;
  readonly text: string;
  /** Of `progress`: how much of the time under kills is over, from 0 to 1. */
  readonly share?: number;
}

export interface LiveRunOptions extends CastOptions {
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
  private readonly cast: Cast;
  private readonly starting = new Set<LiveNode>();
  private readonly showing = new Set<LiveNode>();
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
    this.cast = new Cast(options, this);
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
    for (const node of this.cast.nodes) node.drop();
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
    const hadBegun = !this.starting.delete(node);
    this.showing.delete(node);
    this.read(node);
    if (node.ending !== 'killed') this.endedItself(node, exit, hadBegun);
    this.changes.tell();
  }

  private async start(): Promise<void> {
    this.tell('note', '', `${this.cast.nodes.length} processes start`);
    // Workloads that are done already go on in others, which begin when they can.
    const first = [...this.cast.nodes];
    for (const node of first) this.startNode(node);
    const notYet = (): LiveNode[] => first.filter((node) => !node.begun && this.starting.has(node));
    await this.reach(() => notYet().length === 0, START_MS_MAX);
    const late = namesOf(notYet());
    if (late !== '') this.giveUp(`${late} did not start within ${START_MS_MAX} ms`);
    if (!this.over) this.tell('note', '', `${first.length} processes run`);
  }

  private async storm(): Promise<void> {
    const { forMs, kills } = this.options;
    if (this.over) return;
    this.phase = 'storm';
    const everyMs = kills === 'none' ? PROGRESS_MS : kills.everyMs;
    const endMs = performance.now() + forMs;
    const share = (): number => Math.min(1, 1 - (endMs - performance.now()) / forMs);
    while (!this.calm && performance.now() < endMs) {
      const untilMs = Math.min(endMs, performance.now() + everyMs);
      if (kills !== 'none') {
        for (const [role, count] of targets(this.cast.inPlay)) {
          for (let i = 0; i < count; i++) this.during(this.strike(role, untilMs, everyMs));
        }
      }
      await this.reach(() => this.calm, untilMs - performance.now());
      this.progress(share());
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
    const hasFinished = this.cast.inPlay.some(({ finished, serves }) => finished && !serves);
    return hasFinished && this.cast.unfinished.length === 0 && this.tasks.size === 0;
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
    const node = victim(this.cast.inPlay, role, random);
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
    if (this.isWindingDown || this.over) return;
    const successor = this.cast.successorOf(node);
    if (successor !== undefined) this.startNode(successor);
  }

  private async settle(): Promise<void> {
    if (this.over) return;
    for (const node of this.cast.nodes) node.order({ order: 'wind-down' });
    this.tell('note', '', 'no more kills, operations wind down');
    const { livenessMs } = this.options.scenario;
    const endMs = performance.now() + livenessMs;
    for (;;) {
      await this.reach(() => this.cast.unfinished.length === 0, endMs - performance.now());
      await this.show();
      if (this.over) return;
      const waiting = this.cast.nodes.filter(({ isUp, state }) => isUp && state.waiting.length > 0);
      if (this.cast.unfinished.length === 0 && waiting.length === 0) return;
      if (performance.now() >= endMs) this.stuck(waiting);
      else await this.reach(() => false, LOOK_MS);
    }
  }

  private stuck(waiting: readonly LiveNode[]): void {
    const { unfinished } = this.cast;
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
    for (const node of this.cast.nodes) {
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
    await Promise.all(this.cast.nodes.map((node) => (over ? node.kill() : node.stop(graceMs))));
    await Promise.all(this.tasks);
    for (const node of this.cast.nodes) this.read(node);
  }

  private async judge(): Promise<void> {
    const { check } = this.options.scenario;
    if (check === undefined || this.over) return;
    await this.judgement.ask(
      check,
      {
        seed: this.options.ground.seed,
        observed: this.cast.observed(),
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
      nodes: this.cast.results(),
      directory: this.options.ground.directory,
    };
  }

  private startNode(node: LiveNode): void {
    if (node.starts > 0) this.restarts++;
    this.tell('note', node.name, node.starts > 0 ? 'restarts' : 'starts');
    this.starting.add(node);
    try {
      this.cast.start(node);
    } catch (error) {
      this.starting.delete(node);
      this.cannotStart(node, (error as Error).message);
    }
    if (this.isWindingDown) node.order({ order: 'wind-down' });
  }

  private finished(node: LiveNode, operations: number): void {
    if (node.serves) return;
    this.tell('note', node.name, 'is done');
    if (!this.isWindingDown && operations > 0) this.during(this.renew(node));
  }

  /** A process is gone that the run did not kill. */
  private endedItself(node: LiveNode, exit: Exit, hadBegun: boolean): void {
    const asked = node.ending === 'asked';
    const ending = endingOf(exit, {
      asked,
      interruptedAtStart: !hadBegun && this.options.signal?.aborted === true,
      said: this.evidence.endings.get(node.name),
    });
    switch (ending.is) {
      case 'finished':
        node.finished = true;
        this.tell('note', node.name, 'exits with code 0');
        break;
      case 'stopped':
        break;
      case 'forced':
        node.forced = true;
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

  private progress(share: number): void {
    // Those that are gone were read when they went.
    for (const node of this.cast.nodes) if (node.isUp) this.read(node);
    const down = namesOf(this.cast.inPlay.filter(({ isUp, finished }) => !isUp && !finished));
    const { kills, restarts } = this;
    const { completed } = this.evidence.counts();
    const counts = `${completed} operations, ${kills} kills, ${restarts} restarts`;
    const text = down === '' ? counts : `${counts}, down: ${down}`;
    this.options.onEvent({ kind: 'progress', atMs: this.nowMs(), node: '', text, share });
  }

  private tell(kind: LiveEvent['kind'], node: string, text: string): void {
    this.options.onEvent({ kind, atMs: this.nowMs(), node, text });
  }

  private cannotStart({ name }: LiveNode, reason: string): void {
    const message = `${name} could not be started: ${reason}`;
    if (this.phase === 'start') this.unusable ??= new LiveError('exhausted', message);
    else this.judgement.giveUp(message);
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
