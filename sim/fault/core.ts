/**
 * A core that heals while what is outside of it stays as it is. A system that keeps to quorums goes on
 * when a majority of each role is up and connected, whatever the rest is; one that needs them all
 * does not, and no run that heals everything ever shows it (TigerBeetle, "Simulation testing for
 * liveness", 2023).
 */
import { uniform } from '../choice/shape.ts';
import { site } from '../choice/site.ts';
import type { Link } from '../net/link.ts';
import type { SimNode } from '../node/node.ts';
import type { World } from '../node/world.ts';

const OUTSIDE = site('fault.core.outside');

/** Roles of nodes that serve, now or before they went down. */
export function servingRoles(world: World): ReadonlySet<string> {
  const serving = world.nodes.filter(({ incarnation }) => incarnation?.serves);
  return new Set(serving.map(({ role }) => role));
}

/**
 * The nodes that are left outside: of each role that serves a minority, as large as it may be. Roles of
 * one or two, and those that only call, are in the core as a whole.
 */
export function drawOutside(world: World): SimNode[] {
  const { choices } = world.kernel;
  const outside: SimNode[] = [];
  for (const role of servingRoles(world)) {
    const left = world.nodes.filter((node) => node.role === role);
    const size = Math.floor((left.length - 1) / 2);
    for (let i = 0; i < size; i++) {
      const index = choices.value(OUTSIDE, uniform(0, left.length - 1));
      outside.push(...left.splice(index, 1));
    }
  }
  return outside;
}

/**
 * Looks at the links from and to these nodes, and at their disks; what it returns makes them again as
 * they were, after all faults have ended.
 */
export function frozen(world: World, nodes: readonly SimNode[]): () => void {
  const links = new Set<Link>();
  for (const { host } of nodes) {
    for (const other of world.nodes) {
      links.add(world.network.link(host, other.host));
      links.add(world.network.link(other.host, host));
    }
  }
  const linksNow = [...links].map((link) => ({ link, cuts: link.cuts, slowNs: link.slowNs }));
  const disksNow = nodes.map(({ drive }) => ({ drive, slowNs: drive.slowNs }));
  return () => {
    for (const { link, cuts, slowNs } of linksNow) Object.assign(link, { cuts, slowNs });
    for (const { drive, slowNs } of disksNow) drive.slowNs = slowNs;
  };
}
