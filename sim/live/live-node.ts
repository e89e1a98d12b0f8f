/** One node of a live run as its supervisor sees it: a process at a time, and what came of each. */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../env/assert.ts';
import type { Plain } from '../env/net.ts';
import type { Exit } from './ending.ts';
import { type Entry, JournalReader } from './journal.ts';
import type { ProgramPlace } from './program.ts';
import type { NodeState } from './properties.ts';
import type { NodeConfig, Order, Word } from './protocol.ts';

/** What all nodes of a run have in common. */
export interface Ground {
  /** What every process runs: the compiled sim/live/host.ts. */
  readonly hostFile: string;
  readonly directory: string;
  readonly hostsFile: string;
  readonly originNs: bigint;
  readonly log: NodeConfig['log'];
  readonly seed: string;
}

export interface LiveNodeOptions {
  readonly name: string;
  readonly role: string;
  readonly index: number;
  readonly program: ProgramPlace;
  readonly args: Plain;
  readonly ground: Ground;
}

/** Told of everything that happens to a node. */
export interface NodeWatcher {
  said(node: LiveNode, word: Word): void;
  exited(node: LiveNode, exit: Exit): void;
}

/** Of a node's output, as much as a failure shows. */
const OUTPUT_BYTES_MAX = 2000;

export class LiveNode {
  readonly name: string;
  readonly role: string;
  readonly index: number;
  starts = 0;
  /** How often it was killed by the run. */
  kills = 0;
  startedMs = 0;
  /** Some process of it has called the program. */
  begun = false;
  /** The present process answers others, and nobody has told it to end. */
  serves = false;
  /** The last one did. */
  served = false;
  /** The program has returned, or exited in good order. */
  finished = false;
  /** The run has ended the present process, or is about to: by force, or by asking. */
  ending: 'killed' | 'asked' | undefined;
  /** It was asked to end, and had to be made to. */
  forced = false;
  /** What it showed last. */
  state: NodeState = { observed: {}, waiting: [] };
  private readonly options: LiveNodeOptions;
  private readonly watcher: NodeWatcher;
  private readonly folder: string;
  private readonly journal: JournalReader;
  private child: ChildProcess | undefined;
  private gone: Promise<void> = Promise.resolve();

  constructor(options: LiveNodeOptions, watcher: NodeWatcher) {
    this.options = options;
    this.watcher = watcher;
    this.name = options.name;
    this.role = options.role;
    this.index = options.index;
    this.folder = join(options.ground.directory, options.name);
    this.journal = new JournalReader(this.journalFile);
    mkdirSync(this.diskDirectory, { recursive: true });
  }

  get isUp(): boolean {
    return this.child !== undefined;
  }

  /**
   * Starts a process; the node must be down. It leads a group of its own, so that Ctrl-C does not
   * reach it: its supervisor says when to stop. Throws when the machine has no more open files.
   */
  start(peers: NodeConfig['peers']): void {
    assert(this.child === undefined, 'a node runs one process at a time');
    const output = openSync(this.outputFile, 'a');
    const { log, hostFile } = this.options.ground;
    const child = fork(hostFile, [], {
      detached: true,
      cwd: this.folder,
      serialization: 'advanced',
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', output, log === 'stderr' ? 'inherit' : output, 'ipc'],
    });
    closeSync(output);
    this.child = child;
    this.serves = false;
    this.served = false;
    this.finished = false;
    this.ending = undefined;
    this.startedMs = performance.now();
    this.gone = new Promise((resolve) => {
      const ended = (exit: Exit): void => {
        this.child = undefined;
        this.serves = false;
        this.watcher.exited(this, exit);
        resolve();
      };
      child.once('exit', (status, signal) =>
        ended(signal === null ? { by: 'status', status: status ?? 0 } : { by: 'signal', signal }),
      );
      child.on('error', (error) => {
        // Of a process that runs, it is about an order that came too late; its exit says more.
        if (child.pid === undefined) ended({ by: 'error', error });
      });
    });
    child.on('message', (word: Word) => {
      if (child === this.child) this.hear(word);
    });
    this.order({ order: 'run', config: this.config(peers) });
    this.starts++;
  }

  order(order: Order): void {
    if (this.child?.connected) this.child.send(order, () => {});
  }

  /** SIGKILL, which counts from now on. */
  drop(): void {
    this.ending = 'killed';
    this.serves = false;
    this.child?.kill('SIGKILL');
  }

  /** The same; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.drop();
    await this.gone;
  }

  /** SIGTERM, and SIGKILL after `graceMs`; resolves when the process is gone. */
  async stop(graceMs: number): Promise<void> {
    if (this.child === undefined) return;
    if (this.ending === undefined) {
      this.ending = 'asked';
      this.serves = false;
      this.child.kill('SIGTERM');
      const force = setTimeout(() => this.child?.kill('SIGKILL'), graceMs);
      this.child.once('exit', () => clearTimeout(force));
    }
    await this.gone;
  }

  /** Journal entries since the last call. */
  entries(): Entry[] {
    return this.journal.read();
  }

  /** The end of what its processes have printed. */
  output(): string {
    if (!existsSync(this.outputFile)) return '';
    return readFileSync(this.outputFile).subarray(-OUTPUT_BYTES_MAX).toString().trim();
  }

  private hear(word: Word): void {
    if (word.word === 'serves') {
      this.served = true;
      this.serves = this.ending === undefined;
    }
    if (word.word === 'started') this.begun = true;
    if (word.word === 'finished') this.finished = true;
    if (word.word === 'finished' || word.word === 'state') this.state = word.state;
    this.watcher.said(this, word);
  }

  private config(peers: NodeConfig['peers']): NodeConfig {
    const { name, role, index, program, args, ground } = this.options;
    const { hostsFile, originNs, log, seed } = ground;
    return {
      name,
      role,
      index,
      incarnation: this.starts,
      peers,
      program,
      args,
      hostsFile,
      diskDirectory: this.diskDirectory,
      journalFile: this.journalFile,
      originNs,
      log,
      seed: `${seed} ${name} ${this.starts}`,
    };
  }

  private get diskDirectory(): string {
    return join(this.folder, 'disk');
  }

  private get journalFile(): string {
    return join(this.folder, 'journal.jsonl');
  }

  private get outputFile(): string {
    return join(this.folder, 'output.txt');
  }
}
