import { uniform } from '../choice/shape.ts';
import { type Site, site } from '../choice/site.ts';
import type { SimNode } from '../node/node.ts';
import type { World } from '../node/world.ts';

/** One of `nodes`, which must not be empty. */
export function drawNode(world: World, at: Site, nodes: readonly SimNode[]): SimNode {
  return nodes[world.kernel.choices.value(at, uniform(0, nodes.length - 1))]!;
}

/** Whole virtual milliseconds that a fault of this kind lasts; short ones are the more likely. */
export function drawForMs(world: World, kind: string, min: number, max: number): number {
  const { choices } = world.kernel;
  return choices.value(site(`fault.${kind}.for-ms`), { min, max, spread: 'exponential' });
}
