/** The live Env: every port of `sim/env` on the real machine. */

import { type Draws, ProgramRandom } from '../choice/program-random.ts';
import { uniform } from '../choice/shape.ts';
import { site } from '../choice/site.ts';
import type { Clock } from '../env/clock.ts';
import type { Disk } from '../env/disk.ts';
import type { Env } from '../env/env.ts';
import { checkEventually, checkHolds, checkOperation, checkSnapshot } from '../env/given.ts';
import { checkHint } from '../env/hint.ts';
import type { History, Invocation } from '../env/history.ts';
import type { Log, LogLevel } from '../env/log.ts';
import type { Memory } from '../env/memory.ts';
import type { Net, Plain } from '../env/net.ts';
import type { Random } from '../env/random.ts';
import { mayBeTakenApart } from '../env/taken-apart.ts';
import type { Threads } from '../env/threads.ts';
import { LiveThreads } from '../threads/live-threads.ts';
import { hintTo } from '../trace/did-you-mean.ts';
import { LiveClock } from './clock.ts';
import { LiveDisk } from './disk.ts';
import { Entropy } from './entropy.ts';
import type { Hosts } from './hosts.ts';
import type { Report } from './journal.ts';
import { LiveMemory } from './memory.ts';
import { LiveNet } from './net.ts';
import { Operations } from './operations.ts';
import { LiveProcess } from './process.ts';
import { LiveProperties, type NodeState } from './properties.ts';
import { LiveTimers } from './timers.ts';

const FIRST_ID = site('net.first-request-id');

type Fields = { readonly [key: string]: Plain };

/** Whom a node tells what it does. */
export interface Witness {
  /** Called in the order of events; returns when the report cannot be lost any more. */
  report(report: Report): void;
  /** The node begins to answer others: on a fixed port, as a listener, or to requests. */
  serves(): void;
}

export interface LiveEnvOptions {
  /** The node's name, which has an address in `hosts`: one of this machine's, of this node alone. */
  readonly name: string;
  readonly role: string;
  /** Position within the role, from 1. */
  readonly index: number;
  /** 0 at the node's first start, one more at every restart. */
  readonly incarnation: number;
  /** Host names by role, in order. */
  readonly peers: { readonly [role: string]: readonly string[] };
  readonly hosts: Hosts;
  /** An existing directory that is the node's disk. */
  readonly directory: string;
  readonly witness: Witness;
  /** Of what `random` and `operation` draw. Default: the machine's random numbers. */
  readonly seed?: string;
}

export class LiveEnv implements Env {
  readonly name: string;
  readonly role: string;
  readonly index: number;
  readonly clock: Clock;
  readonly timers: LiveTimers;
  readonly random: Random;
  readonly net: Net;
  readonly disk: Disk;
  readonly process: LiveProcess;
  readonly memory: Memory;
  readonly threads: Threads;
  readonly log: Log;
  readonly history: History;
  /** The program's operations, for who decides how long a workload lasts. */
  readonly operations: Operations;
  private readonly options: LiveEnvOptions;
  private readonly properties: LiveProperties;
  private readonly parts: readonly { close(): void | Promise<void> }[];

  /** @throws RangeError when `name` has no address */
  constructor(options: LiveEnvOptions) {
    const { name, hosts, directory, incarnation, witness } = options;
    const address = hosts.addressOf(name);
    if (address === undefined) throw new RangeError(`'${name}' has no address among the hosts`);
    const report = (entry: Report): void => witness.report(entry);
    const draws: Draws = new Entropy(options.seed);
    this.options = options;
    this.name = name;
    this.role = options.role;
    this.index = options.index;
    this.clock = new LiveClock();
    const nowMs = (): number => this.clock.monotonicMs();
    this.timers = new LiveTimers();
    this.random = new ProgramRandom(draws);
    const net = new LiveNet({
      host: name,
      address,
      hosts,
      timers: this.timers,
      nowMs,
      firstId: () => draws.value(FIRST_ID, uniform(0, 2 ** 31)),
      serves: () => witness.serves(),
    });
    this.net = net;
    const disk = new LiveDisk({ directory, nowMs });
    this.disk = disk;
    this.process = new LiveProcess({ incarnation, report });
    this.log = logTo(report);
    const memory = new LiveMemory({ log: this.log, nowMs });
    this.memory = memory;
    this.threads = new LiveThreads({
      defer: (callback) => this.timers.immediate(callback),
      uncaught: raise,
    });
    this.history = historyTo(report);
    this.operations = new Operations({ timers: this.timers, draws });
    this.properties = new LiveProperties(report);
    this.parts = [this.timers, net, disk, memory];
    mayBeTakenApart(this);
  }

  peers(role: string): readonly string[] {
    const { peers } = this.options;
    const names = Object.hasOwn(peers, role) ? peers[role] : undefined;
    if (names !== undefined) return names;
    throw new RangeError(`no role is named '${role}'${hintTo(role, Object.keys(peers))}`);
  }

  readonly trace = (event: string, fields?: Fields): void => {
    this.options.witness.report({ is: 'trace', event, ...(fields && { fields }) });
  };

  operation(
    label: string,
    options: { readonly thinkMs: number },
    body: () => Promise<void>,
  ): Promise<void> {
    checkOperation(label, options, body);
    return this.operations.operate(options.thinkMs, body);
  }

  observe(name: string, snapshot: () => Plain): void {
    checkSnapshot(name, snapshot);
    this.properties.observe(name, snapshot);
  }

  always(name: string, holds: boolean, details?: string): void {
    if (holds !== true) checkHolds('always', name, holds);
    this.properties.always(name, holds, details);
  }

  sometimes(name: string, holds: boolean): void {
    if (holds !== true) checkHolds('sometimes', name, holds);
    this.properties.sometimes(name, holds);
  }

  reachable(name: string): void {
    this.properties.sometimes(name, true);
  }

  unreachable(name: string, details?: string): void {
    this.properties.unreachable(name, details);
  }

  eventually(name: string, holds: () => boolean): void {
    checkEventually(name, holds);
    this.properties.eventually(name, holds);
  }

  maximise(name: string, value: number): void {
    checkHint('maximise', name, value);
  }

  minimise(name: string, value: number): void {
    checkHint('minimise', name, value);
  }

  buggify(_site: string): false {
    return false;
  }

  /** What the program shows of itself now. Throws what its functions throw. */
  state(): NodeState {
    return this.properties.state();
  }

  /** Ends all that is open here, as the end of the process would. */
  async close(): Promise<void> {
    for (const part of this.parts) await part.close();
  }
}

/** Makes it an error that nobody has caught. */
function raise(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown;
  });
}

function logTo(report: (report: Report) => void): Log {
  const at = (level: LogLevel) => (message: string, fields?: Fields) =>
    report({ is: 'log', level, message, ...(fields && { fields }) });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function historyTo(report: (report: Report) => void): History {
  let calls = 0;
  return {
    invoke(operation, input = null): Invocation {
      const call = calls++;
      let ended = false;
      const end = (
        outcome: 'ok' | 'fail' | 'unknown',
        more: { output?: Plain; reason?: string },
      ) => {
        if (ended) throw new TypeError(`'${operation}' has ended already`);
        ended = true;
        report({ is: 'end', call, outcome, ...more });
      };
      report({ is: 'invoke', call, operation, input });
      return {
        ok: (output = null) => end('ok', { output }),
        fail: (reason) => end('fail', reason === undefined ? {} : { reason }),
        unknown: (reason) => end('unknown', reason === undefined ? {} : { reason }),
      };
    },
  };
}
