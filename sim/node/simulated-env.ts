/** The simulated Env of one incarnation: every port of `sim/env` on the world's devices. */

import { type Draws, ProgramRandom } from '../choice/program-random.ts';
import { uniform } from '../choice/shape.ts';
import { site } from '../choice/site.ts';
import { weights } from '../choice/strategy.ts';
import type { Clock } from '../env/clock.ts';
import type { Disk } from '../env/disk.ts';
import type { Env } from '../env/env.ts';
import { checkEventually, checkHolds, checkOperation, checkSnapshot } from '../env/given.ts';
import { checkHint } from '../env/hint.ts';
import type { History } from '../env/history.ts';
import type { Log, LogLevel } from '../env/log.ts';
import type { Memory } from '../env/memory.ts';
import type { Address, Net, Plain } from '../env/net.ts';
import type { Process } from '../env/process.ts';
import type { Random } from '../env/random.ts';
import { Requests } from '../env/requests.ts';
import { mayBeTakenApart } from '../env/taken-apart.ts';
import type { Timers } from '../env/timers.ts';
import type { Stack } from '../net/stack.ts';
import { SimProcess } from '../proc/process.ts';
import { checkAlive, never } from '../sched/ended.ts';
import { msOfNs } from '../time/units.ts';
import type { Incarnation } from './incarnation.ts';
import { NodeThreads } from './node-threads.ts';
import { operate } from './operation.ts';
import type { PropertyLedger } from './properties.ts';
import { spoken, spokenArgument } from './spoken.ts';

const FIRST_ID = site('net.first-request-id');
const BUGGIFY = site('buggify');
const ONE_IN_FOUR = weights(3, 1);

type Fields = { readonly [key: string]: Plain };

export class SimEnv implements Env {
  readonly name: string;
  readonly role: string;
  readonly index: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly net: Net;
  readonly disk: Disk;
  readonly process: Process;
  readonly memory: Memory;
  readonly threads: NodeThreads;
  readonly log: Log;
  readonly history: History;
  private readonly incarnation: Incarnation;

  constructor(incarnation: Incarnation) {
    const { node } = incarnation;
    this.incarnation = incarnation;
    this.name = node.name;
    this.role = node.role;
    this.index = node.index;
    this.clock = node.clock;
    this.timers = incarnation.loop;
    this.random = new ProgramRandom(drawsOf(incarnation));
    this.net = new NodeNet(incarnation);
    this.disk = incarnation.disk;
    this.process = new SimProcess(incarnation);
    this.memory = incarnation.memory;
    this.threads = new NodeThreads(incarnation);
    this.log = logOf(incarnation);
    this.history = historyOf(incarnation);
    mayBeTakenApart(this);
  }

  peers(role: string): readonly string[] {
    return this.incarnation.node.world.namesOf(role);
  }

  readonly trace = (event: string, fields?: Fields): void => {
    checkAlive(this.incarnation);
    const { node } = this.incarnation;
    node.world.traced(node, event, fields);
  };

  operation(
    label: string,
    options: { readonly thinkMs: number },
    body: () => Promise<void>,
  ): Promise<void> {
    checkOperation(label, options, body);
    if (!this.incarnation.alive) return never();
    return operate(this.incarnation, label, options.thinkMs, body);
  }

  observe(name: string, snapshot: () => Plain): void {
    checkSnapshot(name, snapshot);
    this.incarnation.observed.set(name, snapshot);
  }

  maximise(name: string, value: number): void {
    checkAlive(this.incarnation);
    checkHint('maximise', name, value);
    const { node } = this.incarnation;
    node.world.hinted?.(node, `most ${name}`, value);
  }

  minimise(name: string, value: number): void {
    checkAlive(this.incarnation);
    checkHint('minimise', name, value);
    const { node } = this.incarnation;
    node.world.hinted?.(node, `least ${name}`, -value);
  }

  always(name: string, holds: boolean, details?: string): void {
    if (holds !== true) checkHolds('always', name, holds);
    this.properties.always(name, holds, this.incarnation.node, details);
  }

  sometimes(name: string, holds: boolean): void {
    checkAlive(this.incarnation);
    if (holds !== true) checkHolds('sometimes', name, holds);
    const { digest } = this.incarnation.node.world.kernel;
    digest.mixText(name);
    digest.mix(holds ? 1 : 0);
    this.properties.sometimes(name, holds);
  }

  reachable(name: string): void {
    this.sometimes(name, true);
  }

  unreachable(name: string, details?: string): void {
    this.properties.unreachable(name, this.incarnation.node, details);
  }

  eventually(name: string, holds: () => boolean): void {
    checkEventually(name, holds);
    this.properties.eventually(name, holds, this.incarnation);
  }

  buggify(label: string): boolean {
    checkAlive(this.incarnation);
    const { world } = this.incarnation.node;
    if (!world.conditions.buggify || !world.buggifyArmed(label)) return false;
    return world.kernel.choices.branch(BUGGIFY, ONE_IN_FOUR) === 1;
  }

  private get properties(): PropertyLedger {
    checkAlive(this.incarnation);
    return this.incarnation.node.world.properties;
  }
}

/** The transport of the incarnation's stack, with requests on top. */
export class NodeNet implements Net {
  private readonly incarnation: Incarnation;
  private readonly transport: Stack;
  private requests: Requests | undefined;

  constructor(incarnation: Incarnation) {
    this.incarnation = incarnation;
    this.transport = incarnation.stack;
  }

  datagrams(port: number): ReturnType<Net['datagrams']> {
    checkAlive(this.incarnation);
    if (port !== 0) this.incarnation.serves = true;
    return this.transport.datagrams(port);
  }

  listen(port: number): ReturnType<Net['listen']> {
    checkAlive(this.incarnation);
    this.incarnation.serves = true;
    return this.transport.listen(port);
  }

  connect(to: Address): ReturnType<Net['connect']> {
    return this.incarnation.alive ? this.transport.connect(to) : never();
  }

  lookup(host: string): Promise<readonly string[]> {
    return this.incarnation.alive ? this.transport.lookup(host) : never();
  }

  serve(...args: Parameters<Net['serve']>): void {
    checkAlive(this.incarnation);
    this.incarnation.serves = true;
    this.requestsOf().serve(...args);
  }

  call(...args: Parameters<Net['call']>): Promise<Plain> {
    return this.incarnation.alive ? this.requestsOf().call(...args) : never();
  }

  private requestsOf(): Requests {
    if (this.requests === undefined) {
      const { node, loop } = this.incarnation;
      const { world, clock } = node;
      this.requests = new Requests({
        transport: this.transport,
        timers: loop,
        nowMs: () => msOfNs(clock.localNs()),
        firstId: () => world.kernel.choices.value(FIRST_ID, uniform(0, 2 ** 31)),
        knowsHost: (host) => world.network.host(host) !== undefined,
        onRequest: (from, method, body) =>
          world.called(node, () => `gets ${method}(${spokenArgument(body)}) from ${from}`),
        onReply: (from, method, ok, failed) =>
          world.called(node, () => `hears from ${from}: ${method} ${outcomeOf(ok, failed)}`),
        onThrown: (method, thrown, request) => {
          world.handlerErrors.note(node.role, method, thrown);
          world.remoteErrors.thrown(thrown, request);
        },
        onRemote: (error, request) => world.remoteErrors.heard(error, request),
      });
    }
    return this.requests;
  }
}

function logOf(incarnation: Incarnation): Log {
  const { node } = incarnation;
  const at = (level: LogLevel) => (message: string, fields?: Fields) => {
    checkAlive(incarnation);
    node.world.logged(node, level, message, fields);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function drawsOf(incarnation: Incarnation): Draws {
  const { choices } = incarnation.node.world.kernel;
  return {
    branch(site, of) {
      checkAlive(incarnation);
      return choices.branch(site, of);
    },
    value(site, shape) {
      checkAlive(incarnation);
      return choices.value(site, shape);
    },
  };
}

/** What an ended process calls or hears is in no history. */
function historyOf(incarnation: Incarnation): History {
  const { node } = incarnation;
  return {
    invoke(operation, input) {
      checkAlive(incarnation);
      const { ok, fail, unknown } = node.world.history.invoke(node.name, operation, input);
      const whileAlive =
        <Said>(end: (said?: Said) => void) =>
        (said?: Said): void => {
          checkAlive(incarnation);
          end(said);
        };
      return { ok: whileAlive(ok), fail: whileAlive(fail), unknown: whileAlive(unknown) };
    },
  };
}

function outcomeOf(ok: Plain, failed: string | undefined): string {
  return failed === undefined ? `returns ${spoken(ok)}` : `fails (${failed} (remote))`;
}
