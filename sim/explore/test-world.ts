/** The world as the body of a test sees it: short experiments, in simulation only. */
import type { History } from '../check/history.ts';
import type { Env, Program } from '../env/env.ts';
import type { Plain } from '../env/net.ts';
import { unplain } from '../env/plain.ts';
import { kindOf } from '../fault/catalogue.ts';
import type { SimNode } from '../node/node.ts';
import type { World } from '../node/world.ts';
import type { Fault, FaultPreset } from '../scenario/scenario.gen.ts';
import { WorldSubject } from './world-run.ts';

/** A node that the body of a test has started. */
export interface TestNode {
  readonly name: string;
  /** Ends its process without warning; one that is about to start does not. */
  crash(): void;
  /** Starts it again after a crash, on the same disk; does nothing when it runs or is about to. */
  restart(): void;
  /** Resolves when its program has returned; stays pending when it crashes first. */
  readonly finished: Promise<void>;
}

/** May be taken apart: `async ({ env, node }) => …`. */
export interface TestWorld {
  readonly seed: string;
  /** The Env of the body's own node, which is named `test`. */
  readonly env: Env;
  /**
   * Starts `program` on a node of this name, before anything sent from now on arrives; its role is
   * the name up to the last `-`.
   */
  node(name: string, program: Program, args?: Plain): TestNode;
  /** Makes a fault happen now; returns what ends it. Its `forMs` is for the body to keep. */
  fault(fault: Fault): () => void;
  /** What `env.history` has recorded so far, on all nodes. */
  readonly history: History;
}

export interface BodyOptions {
  /** Kinds of faults that the seed may place besides. Default `calm`: latencies and lags vary. */
  readonly faults?: FaultPreset;
  /** Virtual ms until the body must be over; faults heal after half of them. Default 60,000. */
  readonly forMs?: number;
}

export type TestBody = (world: TestWorld) => Promise<void> | void;

/** The body's own node. */
const DRIVER = 'test';

/** The body of a test as something that runs once per seed. */
export function bodySubject(name: string, options: BodyOptions, body: TestBody): WorldSubject {
  const { forMs = 60_000 } = options;
  return new WorldSubject({
    name,
    faults: options.faults ?? 'calm',
    timeline: [],
    endsWith: DRIVER,
    forMs: Math.ceil(forMs / 2),
    overByMs: forMs,
    populate(world, _plan, seed) {
      const driver: Program = async (env) => body(new BodyWorld(world, env, seed));
      world.addNode({
        name: DRIVER,
        role: DRIVER,
        index: 1,
        args: null,
        program: { load: () => driver },
        startsAtOnce: true,
      });
    },
  });
}

class BodyWorld implements TestWorld {
  readonly seed: string;
  readonly env: Env;
  private readonly world: World;

  constructor(world: World, env: Env, seed: string) {
    this.world = world;
    this.env = env;
    this.seed = seed;
  }

  get history(): History {
    return this.world.history.operations;
  }

  readonly node = (name: string, program: Program, args: Plain = null): TestNode => {
    if (this.world.node(name) !== undefined) throw new RangeError(`there is a node '${name}'`);
    const problem = unplain(args, 'args');
    if (problem !== undefined) throw new TypeError(`node '${name}': ${problem}`);
    const role = name.replace(/-\d+$/, '');
    const index = Number(/-(\d+)$/.exec(name)?.[1] ?? 1);
    let done!: () => void;
    const finished = new Promise<void>((resolve) => {
      done = resolve;
    });
    const watched: Program = (env, given) => program(env, given).then(done);
    const load = (): Program => watched;
    const node = this.world.addNode({
      name,
      role,
      index,
      args,
      program: { load },
      startsAtOnce: true,
    });
    return new BodyNode(node, finished);
  };

  readonly fault = (fault: Fault): (() => void) => kindOf(fault).begin(this.world, fault);
}

class BodyNode implements TestNode {
  readonly name: string;
  readonly finished: Promise<void>;
  private readonly node: SimNode;

  constructor(node: SimNode, finished: Promise<void>) {
    this.name = node.name;
    this.node = node;
    this.finished = finished;
  }

  crash(): void {
    this.node.crash();
  }

  restart(): void {
    this.node.start();
  }
}
