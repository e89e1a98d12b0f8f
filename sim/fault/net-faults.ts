/** Faults of the network: cuts in all their forms, and slow links. */
import { uniform } from '../choice/shape.ts';
import { site } from '../choice/site.ts';
import { weights } from '../choice/strategy.ts';
import type { Link } from '../net/link.ts';
import type { World } from '../node/world.ts';
import type { Bridge, Isolate, SlowLink, Split } from '../scenario/scenario.gen.ts';
import { NS_PER_MS } from '../time/units.ts';
import { drawForMs, drawNode } from './draws.ts';
import type { FaultKind } from './kind.ts';

const SIDE = site('fault.split.side');
const OVER = site('fault.bridge.over');
const ISOLATED = site('fault.isolate.node');
const DIRECTION = site('fault.isolate.direction');
const FROM = site('fault.slow-link.from');
const TO = site('fault.slow-link.to');
const BY = site('fault.slow-link.by-ms');

const COIN = weights(1, 1);
const DIRECTIONS = ['both', 'in', 'out'] as const;

export const split: FaultKind<Split> = {
  kind: 'split',
  group: 'net',
  everyMsMax: 2000,
  draw(world) {
    const sides = tossed(world, namesOf(world));
    return sides && { kind: 'split', sides, forMs: drawForMs(world, 'split', 5, 1000) };
  },
  nodes: ({ sides }) => sides.flat(),
  begin: (world, { sides }) => cut(between(world, sides)),
  describe: ({ sides }) => `cuts ${inWords(sides[0])} off from ${inWords(sides[1])}`,
};

export const isolate: FaultKind<Isolate> = {
  kind: 'isolate',
  group: 'net',
  everyMsMax: 2000,
  draw(world) {
    if (world.nodes.length < 2) return undefined;
    const node = drawNode(world, ISOLATED, world.nodes).name;
    const direction = DIRECTIONS[world.kernel.choices.branch(DIRECTION, weights(2, 1, 1))]!;
    return { kind: 'isolate', node, direction, forMs: drawForMs(world, 'isolate', 5, 1000) };
  },
  nodes: ({ node }) => [node],
  begin: (world, { node, direction }) => cut(around(world, node, direction)),
  describe: ({ node, direction }) =>
    ({
      both: `cuts ${node} off from all others`,
      in: `lets nothing through to ${node}`,
      out: `lets nothing through from ${node}`,
    })[direction],
};

export const bridge: FaultKind<Bridge> = {
  kind: 'bridge',
  group: 'net',
  everyMsMax: 4000,
  draw(world) {
    if (world.nodes.length < 3) return undefined;
    const over = drawNode(world, OVER, world.nodes).name;
    const sides = tossed(
      world,
      namesOf(world).filter((name) => name !== over),
    );
    return sides && { kind: 'bridge', sides, over, forMs: drawForMs(world, 'bridge', 5, 1000) };
  },
  nodes: ({ sides, over }) => [...sides.flat(), over],
  begin: (world, { sides }) => cut(between(world, sides)),
  describe: ({ sides, over }) =>
    `leaves only ${over} between ${inWords(sides[0])} and ${inWords(sides[1])}`,
};

export const slowLink: FaultKind<SlowLink> = {
  kind: 'slow-link',
  group: 'net',
  everyMsMax: 1000,
  draw(world) {
    if (world.nodes.length < 2) return undefined;
    const from = drawNode(world, FROM, world.nodes);
    const to = drawNode(
      world,
      TO,
      world.nodes.filter((node) => node !== from),
    );
    const byMs = world.kernel.choices.value(BY, uniform(1, 200));
    const forMs = drawForMs(world, 'slow-link', 5, 500);
    return { kind: 'slow-link', from: from.name, to: to.name, byMs, forMs };
  },
  nodes: ({ from, to }) => [from, to],
  begin(world, { from, to, byMs }) {
    const link = linkOf(world, from, to);
    const byNs = Math.ceil(byMs * NS_PER_MS);
    link.slowNs += byNs;
    return () => {
      link.slowNs -= byNs;
    };
  },
  describe: ({ from, to, byMs }) => `slows packets from ${from} to ${to} by ${byMs} ms`,
};

function namesOf(world: World): string[] {
  return world.nodes.map(({ name }) => name);
}

type Sides = Split['sides'];

/** Every node falls on one side or the other; undefined when all fell on one. */
export function tossed(world: World, names: readonly string[]): Sides | undefined {
  const sides: [string[], string[]] = [[], []];
  for (const name of names) sides[world.kernel.choices.branch(SIDE, COIN)]!.push(name);
  return sides[0].length > 0 && sides[1].length > 0 ? (sides as unknown as Sides) : undefined;
}

function linkOf(world: World, from: string, to: string): Link {
  return world.network.link(world.network.host(from)!, world.network.host(to)!);
}

function between(world: World, [left, right]: Sides): Link[] {
  return left.flatMap((a) => right.flatMap((b) => [linkOf(world, a, b), linkOf(world, b, a)]));
}

function around(world: World, node: string, direction: Isolate['direction']): Link[] {
  return namesOf(world)
    .filter((name) => name !== node)
    .flatMap((name) => {
      const links: Link[] = [];
      if (direction !== 'in') links.push(linkOf(world, node, name));
      if (direction !== 'out') links.push(linkOf(world, name, node));
      return links;
    });
}

function cut(links: readonly Link[]): () => void {
  for (const link of links) link.cuts++;
  return () => {
    for (const link of links) link.cuts--;
  };
}

function inWords(names: readonly string[]): string {
  return names.join(', ');
}
