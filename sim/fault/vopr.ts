/**
 * The shape of TigerBeetle's simulator, VOPR (`options_swarm` and `transition_to_liveness_mode` in its
 * src/vopr.zig; `path_clog` and `partition` in src/testing/packet_simulator.zig): each run draws its own
 * chances, evenly, up to ones that few systems ever meet; a partition is of one manner a run, one at a
 * time, and with the healed times between has a shortest length; in the end only a core is healed
 * (`core.ts`).
 *
 * Its numbers are of ticks, as are the time-outs of the one system it is for. A tick is a millisecond
 * here, as long as what programs commonly wait for takes: with its own 10 ms most requests of a program
 * that waits 40 ms for an answer would have none, and nothing be tested.
 *
 * It departs from its source where a kind does not exist here (corrupt and misdirected sectors, pauses,
 * upgrades), in that partitions of two sides are the same both ways, and in its rates of crashes: there
 * a run is days long, here a minute. How many nodes there are is the scenario's.
 */
import { exponential, uniform } from '../choice/shape.ts';
import { site } from '../choice/site.ts';
import { weights } from '../choice/strategy.ts';
import type { SimNode } from '../node/node.ts';
import type { World } from '../node/world.ts';
import type { Crash, Fault, Isolate, SlowLink, Split } from '../scenario/scenario.gen.ts';
import { msOfNs, NS_PER_MS } from '../time/units.ts';
import { servingRoles } from './core.ts';
import { drawNode } from './draws.ts';
import type { FaultKind, Rhythm } from './kind.ts';
import { type Knob, knobNamed } from './knobs.ts';
import { isolate, slowLink, split, tossed } from './net-faults.ts';
import { crash, mayGoDown } from './node-faults.ts';

const US = 1_000;
const MS = NS_PER_MS;
/** Means of exponential draws lie at a sixth of their range. */
const RANGE_OF_MEAN = 6;

/** A mean after a least, where calm runs have a least and a spread. */
function mean(device: 'net' | 'disk'): Knob {
  return {
    name: `${device}.latency-mean`,
    spread: 'uniform',
    min: 3 * MS,
    max: 10 * MS,
    set: (conditions, ns) => {
      const times = conditions[device];
      times.latencyNsMax = times.latencyNsMin + RANGE_OF_MEAN * (ns - times.latencyNsMin);
    },
  };
}

export const VOPR_KNOBS: readonly Knob[] = [
  evenly('net.latency-min', 50 * US, 3 * MS),
  mean('net'),
  knobNamed('loop.lag'),
  evenly('net.loss', 0, 300),
  evenly('net.duplicate', 0, 500),
  {
    name: 'disk.latency-min',
    spread: 'uniform',
    min: 50 * US,
    max: 3 * MS,
    set: ({ disk }, ns) => {
      disk.latencyNsMin = ns;
    },
  },
  mean('disk'),
  knobNamed('disk.loses-unsynced'),
];

/** The knob of that name, with other magnitudes, each as likely. */
function evenly(name: string, min: number, max: number): Knob {
  return { ...knobNamed(name), spread: 'uniform', min, max };
}

/** A kind of fault as this run has it. */
export interface Paced {
  readonly kind: FaultKind<Fault>;
  readonly rhythm: Rhythm;
}

/** The kind, of which faults are drawn otherwise. */
function drawnBy<Of extends Fault>(
  kind: FaultKind<Of>,
  draw: FaultKind<Of>['draw'],
): FaultKind<Fault> {
  return { ...kind, draw } as unknown as FaultKind<Fault>;
}

/** Draws what this run has. Sites: `fault.vopr.…`. */
export function voprKinds(world: World): Paced[] {
  return [partitions(world), clogs(world), crashes(world)].filter((paced) => paced !== undefined);
}

const drawMs = (world: World, name: string, min: number, max: number): number =>
  world.kernel.choices.value(site(`fault.vopr.${name}-ms`), uniform(min, max));

const MANNERS = ['none', 'of a size', 'tossed', 'one alone', 'one deaf', 'one mute'] as const;
const MANNER = site('fault.vopr.partition');
/** Each manner of VOPR as often as the others; of one alone, half are the same both ways. */
const MANNER_WEIGHTS = weights(4, 4, 4, 2, 1, 1);
const SIZE = site('fault.vopr.partition.size');
const MEMBER = site('fault.vopr.partition.node');
const LASTS = site('fault.vopr.partition.for-ms');

/** Between nodes that serve: clients reach both sides, but not one that is deaf or mute to all. */
function partitions(world: World): Paced | undefined {
  const manner = MANNERS[world.kernel.choices.branch(MANNER, MANNER_WEIGHTS)]!;
  if (manner === 'none') return undefined;
  const stableMs = drawMs(world, 'partition.stable', 100, 200);
  const healedMs = drawMs(world, 'partition.healed', 0, 20);
  const withinMs = drawMs(world, 'partition.within', 33, 300);
  const longerMs = drawMs(world, 'partition.longer', 10, 100);
  const forMs = (): number =>
    stableMs + world.kernel.choices.value(LASTS, { min: 0, max: longerMs, spread: 'exponential' });
  const rhythm = { everyMs: withinMs + stableMs + longerMs + healedMs, withinMs };
  if (manner === 'one deaf' || manner === 'one mute') {
    const direction = manner === 'one deaf' ? 'in' : 'out';
    const draw = (): Isolate | undefined => {
      const [node] = drawSome(world, serving(world), 1);
      return node === undefined ? undefined : { kind: 'isolate', node, direction, forMs: forMs() };
    };
    return { kind: drawnBy(isolate, draw), rhythm };
  }
  const draw = (): Split | undefined => {
    const names = serving(world);
    if (names.length < 2) return undefined;
    const sides = manner === 'tossed' ? tossed(world, names) : sidesOf(world, names, manner);
    return sides && { kind: 'split', sides, forMs: forMs() };
  };
  return { kind: drawnBy(split, draw), rhythm };
}

function sidesOf(
  world: World,
  names: readonly string[],
  manner: 'of a size' | 'one alone',
): Split['sides'] {
  const { choices } = world.kernel;
  const size = manner === 'one alone' ? 1 : choices.value(SIZE, uniform(1, names.length - 1));
  const side = drawSome(world, names, size);
  return [side, names.filter((name) => !side.includes(name))] as unknown as Split['sides'];
}

/** `size` of the names, in their order. */
function drawSome(world: World, names: readonly string[], size: number): string[] {
  const left = [...names];
  const drawn = new Set<string>();
  while (drawn.size < size && left.length > 0) {
    const index = world.kernel.choices.value(MEMBER, uniform(0, left.length - 1));
    drawn.add(left.splice(index, 1)[0]!);
  }
  return names.filter((name) => drawn.has(name));
}

function serving(world: World): string[] {
  const roles = servingRoles(world);
  return world.nodes.filter(({ role }) => roles.has(role)).map(({ name }) => name);
}

const CLOG_MEAN_MS_MAX = 500;
const CLOG = site('fault.vopr.clog.for-ms');
const CLOG_FROM = site('fault.vopr.clog.from');
const CLOG_TO = site('fault.vopr.clog.to');

/** What enters a clogged path leaves it when the clog has ended. */
function clogs(world: World): Paced | undefined {
  const meanMs = drawMs(world, 'clog.mean', 0, CLOG_MEAN_MS_MAX);
  if (meanMs === 0) return undefined;
  const everyMs = drawMs(world, 'clog.every', 50, 2000);
  const draw = (): SlowLink | undefined => {
    if (world.nodes.length < 2) return undefined;
    const from = drawNode(world, CLOG_FROM, world.nodes);
    const to = drawNode(
      world,
      CLOG_TO,
      world.nodes.filter((node) => node !== from),
    );
    const forMs = world.kernel.choices.value(CLOG, exponential(1, RANGE_OF_MEAN * meanMs));
    return { kind: 'slow-link', from: from.name, to: to.name, byMs: forMs, forMs };
  };
  return { kind: drawnBy(slowLink, draw), rhythm: { everyMs, withinMs: everyMs } };
}

const CRASHED = site('fault.vopr.crash.node');
const DOWN = site('fault.vopr.crash.for-ms');

/** Who is down stays down for a while, and who has been started again is spared for a while. */
function crashes(world: World): Paced {
  const downMs = drawMs(world, 'crash.down', 1, 1000);
  const upMs = drawMs(world, 'crash.up', 0, 1000);
  const everyMs = drawMs(world, 'crash.every', 50, 5000);
  const upSinceMs = new Map<SimNode, number>();
  const nowMs = (): number => msOfNs(world.kernel.nowNs);
  const isSpared = (node: SimNode): boolean => nowMs() - (upSinceMs.get(node) ?? -Infinity) < upMs;
  const draw = (): Crash | undefined => {
    const nodes = world.nodes.filter((node) => mayGoDown(world, node) && !isSpared(node));
    if (nodes.length === 0) return undefined;
    const node = drawNode(world, CRASHED, nodes);
    const forMs = downMs + world.kernel.choices.value(DOWN, exponential(0, 2 * downMs));
    upSinceMs.set(node, nowMs() + forMs);
    return { kind: 'crash', node: node.name, forMs };
  };
  return { kind: drawnBy(crash, draw), rhythm: { everyMs, withinMs: everyMs } };
}
