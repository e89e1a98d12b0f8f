/** A world that stands still: what its nodes show, and the scopes of their code. */
import type { Incarnation } from '../node/incarnation.ts';
import type { Sight } from '../node/loader/sight.ts';
import type { World } from '../node/world.ts';
import { drain } from '../sched/drain.ts';
import { routeTo } from '../sched/sink.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { DebugError } from './debug-error.ts';
import type { Scene, Shown, Values } from './scene.ts';
import { BRIEF, textOf, valuesOf } from './value-text.ts';

/** A node as a debugger shows it; values are texts. */
export interface NodeState {
  readonly node: string;
  readonly role: string;
  /**
   * `serving` has returned and answers others; `ended` has returned, exited or crashed: then all is as
   * it was at its end.
   */
  readonly is: 'waiting' | 'running' | 'serving' | 'ended';
  /** How often it has started before. */
  readonly incarnation: number;
  /** What it shows by `env.observe`. */
  readonly observed: Values;
  /** Variables of its main function and its file. */
  readonly variables: Values;
  readonly exports: Values;
  /** Global variables that it made, in a realm of its own. */
  readonly globals: Values;
}

export class WorldScene implements Scene {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  show(name?: string): Shown {
    const nodes = name === undefined ? this.world.nodes : [this.node(name)];
    return { is: 'state', nodes: nodes.map((node) => this.stateOf(node)) };
  }

  sight(name: string): Sight | undefined {
    return this.node(name).incarnation?.interior?.sight();
  }

  inside<Result>(name: string, work: () => Result): Result {
    const life = this.node(name).incarnation;
    return life === undefined ? work() : this.asNode(life, work);
  }

  view(value: unknown): unknown {
    return value;
  }

  deaf(name: string): string | undefined {
    return this.node(name).alive
      ? undefined
      : `${name} has ended: what is changed there is not seen`;
  }

  private stateOf({ name: node, role, incarnation: life }: World['nodes'][number]): NodeState {
    const base = { node, role, incarnation: life?.number ?? 0 };
    const nothing = { observed: [], variables: [], exports: [], globals: [] };
    if (life === undefined) return { ...base, is: 'waiting', ...nothing };
    return this.asNode(life, () => {
      const { interior } = life;
      const sight = interior?.sight();
      return {
        ...base,
        is: activityOf(life),
        observed: valuesOf([...life.observed], (snapshot) => snapshot()),
        variables: sight === undefined ? [] : variablesIn(sight),
        exports: valuesOf(
          Object.entries(interior?.exports() ?? {}).filter(
            ([, value]) => typeof value !== 'function',
          ),
          (value) => value,
        ),
        globals: valuesOf(Object.entries(interior?.globals() ?? {}), (value) => value),
      };
    });
  }

  private asNode<Result>(life: Incarnation, work: () => Result): Result {
    const { kernel } = this.world;
    routeTo(kernel);
    kernel.become(life);
    try {
      return work();
    } finally {
      drain();
    }
  }

  /** @throws DebugError */
  private node(name: string): World['nodes'][number] {
    const node = this.world.node(name);
    if (node !== undefined) return node;
    const names = this.world.nodes.map((each) => each.name);
    const hint = didYouMean(name, names) || `; there are: ${names.join(', ')}`;
    throw new DebugError('no-such', `no node is named '${name}'${hint}`);
  }
}

function activityOf({ alive, finished, serves, loop }: Incarnation): NodeState['is'] {
  if (!alive) return 'ended';
  if (!finished) return 'running';
  if (serves) return 'serving';
  return loop.active ? 'running' : 'ended';
}

/** Those that have a value: the rest are declared further down than the code has come. */
function variablesIn(sight: Sight): Values {
  return sight.names.flatMap((name) => {
    try {
      const value = sight.evaluate(name);
      return typeof value === 'function' ? [] : [{ name, text: textOf(value, BRIEF) }];
    } catch {
      return [];
    }
  });
}
