/**
 * How a world stands at a point where a fault could be placed, as a short text: two points with the same text
 * are taken to lead to the same, so that a search looks at one of them. It has what nodes `observe`, what
 * their disks hold, seen and durable, who is down, how far the history is, and what is pending, without
 * times. Of a node that serves others and observes nothing nobody knows the state: each of its steps leads to
 * another. One that only asks stands where its history does.
 */
import { both } from '../choice/mix.ts';
import { Incarnation } from '../node/incarnation.ts';
import type { SimNode } from '../node/node.ts';
import type { World } from '../node/world.ts';
import { Digest } from '../sched/digest.ts';
import { mixPlain } from '../sched/mix-plain.ts';

export class Standing {
  private readonly world: World;
  /** By node, as it stood when its last step had ended. */
  private readonly nodes = new Map<SimNode, string>();
  /** Steps of nodes that serve, and observe nothing. */
  private readonly steps = new Map<SimNode, number>();
  /** After the last step. */
  private whole = '';

  constructor(world: World) {
    this.world = world;
  }

  /** Of the point that is asked about now. */
  text(): string {
    const { about, asker } = this.world.kernel.choices;
    const digest = new Digest();
    digest.mixText(`${this.whole} ${about} ${asker.ordinal} ${asker.actor}`);
    return digest.hex();
  }

  /** A step has ended. */
  look(): void {
    const { kernel, nodes, history, phase } = this.world;
    const { current } = kernel;
    if (current instanceof Incarnation) this.nodes.set(current.node, this.stateOf(current));
    const parts = nodes.map((node) => `${node.alive ? '' : 'down '}${this.nodes.get(node) ?? ''}`);
    const open = history.operations.filter(({ outcome }) => outcome === 'unknown').length;
    this.whole = [...parts, history.operations.length, open, phase, this.pending()].join(' ');
  }

  private stateOf(life: Incarnation): string {
    const { node } = life;
    const digest = new Digest();
    const shown = life.snapshot();
    mixPlain(digest, shown);
    if (life.serves && Object.keys(shown).length === 0) {
      const steps = (this.steps.get(node) ?? 0) + 1;
      this.steps.set(node, steps);
      digest.mix(steps);
    }
    node.drive.volume.mixInto(digest);
    return digest.hex();
  }

  /** Whose steps are pending, and at which sites, in any order. */
  private pending(): number {
    const { agenda } = this.world.kernel;
    let sum = 0;
    for (const slot of agenda.pendingSlots()) {
      sum = (sum + both(agenda.site(slot), agenda.actor(slot))) | 0;
    }
    return sum;
  }
}
