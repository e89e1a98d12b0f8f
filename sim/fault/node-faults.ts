/** Faults of single nodes: process, clock, disk and memory. */
import { uniform } from '../choice/shape.ts';
import { site } from '../choice/site.ts';
import type { SimNode } from '../node/node.ts';
import type { World } from '../node/world.ts';
import type {
  ClockDrift,
  ClockJump,
  Crash,
  OutOfMemory,
  SlowDisk,
} from '../scenario/scenario.gen.ts';
import { NS_PER_MS } from '../time/units.ts';
import { drawForMs, drawNode } from './draws.ts';
import type { FaultKind } from './kind.ts';

const CRASHED = site('fault.crash.node');
const JUMPING = site('fault.clock-jump.node');
const JUMP = site('fault.clock-jump.by-ms');
const DRIFTING = site('fault.clock-drift.node');
const DRIFT = site('fault.clock-drift.ppm');
const SLOW = site('fault.slow-disk.node');
const SLOW_BY = site('fault.slow-disk.by-ms');
const SHORT = site('fault.out-of-memory.node');
const REFUSED = site('fault.out-of-memory.per-mille');

export const crash: FaultKind<Crash> = {
  kind: 'crash',
  group: 'crash',
  everyMsMax: 1000,
  draw(world) {
    const nodes = world.nodes.filter((node) => mayGoDown(world, node));
    if (nodes.length === 0) return undefined;
    const node = drawNode(world, CRASHED, nodes).name;
    return { kind: 'crash', node, forMs: drawForMs(world, 'crash', 1, 1000) };
  },
  nodes: ({ node }) => [node],
  begin(world, { node: name }) {
    const node = world.node(name)!;
    // One that has ended by itself is not started again by a crash.
    if (!node.alive && !node.isComing && node.crashes === 0) return () => {};
    node.crashes++;
    node.crash();
    return () => {
      node.crashes--;
      node.start();
    };
  },
  describe: ({ node }) => `kills ${node}`,
};

/**
 * The budget of crashes: only nodes that serve, and of a role at most a minority at a time (a role
 * of one or two nodes: one), so that what quorums keep can always be recovered.
 */
export function mayGoDown(world: World, node: SimNode): boolean {
  if (!node.alive || !node.incarnation!.serves) return false;
  const role = world.nodes.filter((other) => other.role === node.role);
  const down = role.filter((other) => !other.alive).length;
  return down < Math.max(1, Math.floor((role.length - 1) / 2));
}

/** Even draws are forward, odd ones back, so that 0 is the calmest: 0, -1, 1, -2, 2, … */
function eitherWay(drawn: number): number {
  return drawn % 2 === 0 ? drawn / 2 : -(drawn + 1) / 2;
}

export const clockJump: FaultKind<ClockJump> = {
  kind: 'clock-jump',
  group: 'clock',
  everyMsMax: 5000,
  draw(world) {
    const node = drawNode(world, JUMPING, world.nodes).name;
    const byMs = eitherWay(world.kernel.choices.value(JUMP, uniform(0, 20_000)));
    return { kind: 'clock-jump', node, byMs };
  },
  nodes: ({ node }) => [node],
  begin(world, { node, byMs }) {
    world.node(node)!.clock.jump(byMs);
    return () => {};
  },
  describe: ({ node, byMs }) =>
    `sets the wall clock of ${node} ${byMs < 0 ? 'back' : 'forward'} by ${Math.abs(byMs)} ms`,
};

export const clockDrift: FaultKind<ClockDrift> = {
  kind: 'clock-drift',
  group: 'clock',
  everyMsMax: 5000,
  draw(world) {
    const node = drawNode(world, DRIFTING, world.nodes).name;
    const ppm = eitherWay(world.kernel.choices.value(DRIFT, uniform(1, 400_000)));
    return { kind: 'clock-drift', node, ppm, forMs: drawForMs(world, 'clock-drift', 100, 10_000) };
  },
  nodes: ({ node }) => [node],
  begin(world, { node, ppm }) {
    const { clock } = world.node(node)!;
    clock.drift(ppm);
    return () => clock.drift(-ppm);
  },
  describe: ({ node, ppm }) =>
    `makes the clocks of ${node} ${ppm < 0 ? 'lose' : 'gain'} ${Math.abs(ppm)} µs a second`,
};

export const slowDisk: FaultKind<SlowDisk> = {
  kind: 'slow-disk',
  group: 'disk',
  everyMsMax: 2000,
  draw(world) {
    const node = drawNode(world, SLOW, world.nodes).name;
    const byMs = world.kernel.choices.value(SLOW_BY, uniform(1, 200));
    return { kind: 'slow-disk', node, byMs, forMs: drawForMs(world, 'slow-disk', 10, 1000) };
  },
  nodes: ({ node }) => [node],
  begin(world, { node, byMs }) {
    const { drive } = world.node(node)!;
    const byNs = Math.ceil(byMs * NS_PER_MS);
    drive.slowNs += byNs;
    return () => {
      drive.slowNs -= byNs;
    };
  },
  describe: ({ node, byMs }) => `slows the disk of ${node} by ${byMs} ms a call`,
};

export const outOfMemory: FaultKind<OutOfMemory> = {
  kind: 'out-of-memory',
  group: 'resource',
  everyMsMax: 2000,
  draw(world) {
    const node = drawNode(world, SHORT, world.nodes).name;
    const perMille = world.kernel.choices.value(REFUSED, uniform(1, 1000));
    const forMs = drawForMs(world, 'out-of-memory', 5, 300);
    return { kind: 'out-of-memory', node, perMille, forMs };
  },
  nodes: ({ node }) => [node],
  begin(world, { node: name, perMille }) {
    const node = world.node(name)!;
    node.refusedPerMille += perMille;
    return () => {
      node.refusedPerMille -= perMille;
    };
  },
  describe: ({ node, perMille }) => `lets ${perMille} of 1000 allocations on ${node} fail`,
};
