/**
 * One life of a node, from start to exit, crash or the end of the run. Everything it opened hangs on
 * it, and goes with it: after the end none of its code runs again, and its promises stay as they are.
 */

import { type Identity, rootIdentity } from '../choice/identity.ts';
import { MountedDisk } from '../disk/disk.ts';
import type { Program } from '../env/env.ts';
import type { Plain } from '../env/net.ts';
import { unplain } from '../env/plain.ts';
import { NodeMemory } from '../memory/memory.ts';
import { Stack } from '../net/stack.ts';
import type { Digest } from '../sched/digest.ts';
import { Ended } from '../sched/ended.ts';
import type { Owner } from '../sched/kernel.ts';
import { mixPlain } from '../sched/mix-plain.ts';
import type { OutputStream } from '../sched/sink.ts';
import { EventLoop } from '../time/loop.ts';
import { FRAMES_MAX, programFrames } from './guard/stack-trace.ts';
import type { Interior } from './interior.ts';
import type { SimNode } from './node.ts';
import { SimEnv } from './simulated-env.ts';

export class Incarnation implements Owner {
  readonly node: SimNode;
  readonly number: number;
  /** The identity of its first step. */
  readonly start: Identity;
  /** How many operations it has begun, by label. */
  readonly operations: Map<string, number> = new Map();
  readonly loop: EventLoop;
  readonly stack: Stack;
  readonly disk: MountedDisk;
  readonly memory: NodeMemory;
  readonly env: SimEnv;
  /** What `env.observe` shows, by name. */
  readonly observed: Map<string, () => Plain> = new Map();
  terminate: (() => void | Promise<void>) | undefined;
  /** Asked about errors that the program did not catch: true when it deals with them after all. */
  catches: ((error: unknown, rejected: Promise<unknown> | undefined) => boolean) | undefined;
  /** For debuggers; set by where its program comes from. */
  interior: Interior | undefined;
  /** Called once, when it has ended. */
  atEnd: (() => void) | undefined;
  /** Its main function has returned, and the operations that it has begun are over. */
  finished = false;
  private returned = false;
  private operationsUnderWay = 0;
  /** It answers others, so it is not expected to finish. */
  serves = false;
  alive = true;

  constructor(node: SimNode, number: number) {
    const { world, actor, clock, host, drive } = node;
    const { kernel } = world;
    this.node = node;
    this.number = number;
    this.start = rootIdentity(node.name, number);
    const { lagNs } = world.conditions;
    this.loop = new EventLoop({
      kernel,
      clock,
      owner: this,
      actor,
      name: node.name,
      frames: () => programFrames(FRAMES_MAX),
      lagNs,
    });
    this.stack = new Stack({ network: world.network, host, owner: this, clock });
    const conditions = world.conditions.disk;
    this.disk = new MountedDisk({ kernel, drive, conditions, owner: this, actor, clock });
    this.memory = new NodeMemory({
      kernel,
      owner: this,
      machine: node,
      conditions: world.conditions.memory,
      warn: (message, block) => world.logged(node, 'warn', message, block),
      missing: (what) => world.cannotGoOn(what),
      violated: (what) => world.violate(what, [node]),
    });
    this.env = new SimEnv(this);
  }

  /** Calls the program; the run goes on whatever it returns. */
  run(program: Program, args: Plain): void {
    let main: Promise<void>;
    try {
      main = program(this.env, args);
    } catch (error) {
      this.uncaught(error);
      return;
    }
    Promise.resolve(main).then(
      () => {
        this.returned = true;
        this.finishIfDone();
      },
      (error) => this.uncaught(error),
    );
  }

  /** The program does not end before {@link operationOver}, whether it awaits the operation or not. */
  operationBegins(): void {
    this.operationsUnderWay++;
  }

  operationOver(): void {
    this.operationsUnderWay--;
    this.finishIfDone();
  }

  private finishIfDone(): void {
    if (!this.returned || this.operationsUnderWay > 0) return;
    this.finished = true;
    if (this.alive) this.node.world.mainReturned(this);
  }

  uncaught(error: unknown, rejected?: Promise<unknown>): void {
    if (error instanceof Ended || !this.alive) return;
    if (this.catches?.(error, rejected)) return;
    this.node.world.uncaught(error, rejected, this.node);
  }

  print(stream: OutputStream, text: string): void {
    if (this.alive) this.node.world.printed(stream, text, this.node);
  }

  exits(code: number): void {
    const { node } = this;
    node.world.note(node, `exits with code ${code}`);
    this.finished = true;
    this.end();
    if (code === 0) node.world.mainReturned(this);
    else node.world.exited(node, code);
  }

  crashes(reason: string): void {
    const { node } = this;
    node.world.note(node, `crashes: ${reason}`);
    node.crash();
    node.world.crashed(node, reason);
  }

  /** Nothing of this incarnation happens any more. */
  end(): void {
    if (!this.alive) return;
    this.alive = false;
    this.atEnd?.();
    this.loop.close();
    this.stack.close();
    this.memory.close();
  }

  /** What the program shows of its state, by name; nothing once it has ended. */
  snapshot(): { readonly [name: string]: Plain } {
    const shown: { [name: string]: Plain } = {};
    if (!this.alive) return shown;
    for (const [name, snapshot] of this.observed) {
      try {
        shown[name] = snapshot();
      } catch (error) {
        this.uncaught(error);
      }
    }
    return shown;
  }

  /** Mixes that into a digest; what is not plain data is an error of the program's. */
  mixSnapshot(digest: Digest): void {
    const shown = this.snapshot();
    try {
      mixPlain(digest, shown);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.uncaught(unplainShown(shown) ?? error);
    }
  }

  /** Mixes that, and its native memory, into the digest of the run. */
  digest(): void {
    const { digest } = this.node.world.kernel;
    this.mixSnapshot(digest);
    this.memory.digest(digest);
  }
}

function unplainShown(shown: { readonly [name: string]: Plain }): TypeError | undefined {
  for (const [name, value] of Object.entries(shown)) {
    const problem = unplain(value, name);
    if (problem === undefined) continue;
    const rule = 'what is observed is plain data, what JSON carries and bytes';
    return withoutStack(`env.observe('${name}', …): ${rule}, and ${problem}`);
  }
  return undefined;
}

/** Nobody of the program is on the stack when it shows something. */
function withoutStack(message: string): TypeError {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new TypeError(message);
  Error.stackTraceLimit = limit;
  return error;
}
