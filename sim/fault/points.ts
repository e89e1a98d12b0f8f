/**
 * Points at which a search places faults: after each step of a node that may go down, a crash; at each
 * disk call, an error of the device; at each allocation, a refusal. A run without a search has none of
 * them; one that replays a search's record has those that were placed.
 */
import { hashName } from '../choice/mix.ts';
import { type Site, site } from '../choice/site.ts';
import { weights } from '../choice/strategy.ts';
import { Incarnation } from '../node/incarnation.ts';
import type { World } from '../node/world.ts';
import type { Fault } from '../scenario/scenario.gen.ts';
import { drain } from '../sched/drain.ts';
import type { FaultGroup } from './kind.ts';
import { drawConditions } from './knobs.ts';
import { mayGoDown } from './node-faults.ts';
import { PRESETS, type Preset } from './presets.ts';

export const CRASH_POINT: Site = site('fault.point.crash');

/** Placed, never drawn. */
const CRASHES = weights(1, 0);
/** Virtual ms. */
const DOWN_MS = 10;

export interface PointsOptions {
  readonly world: World;
  /** Kinds of faults that are placed; one that has none stands for all. */
  readonly preset: Preset;
  /** Told when a step has ended. */
  readonly stepped: () => void;
  readonly befall: (fault: Fault) => void;
}

/** From here on faults may be placed, and none is drawn; a crash may lose what was not synced. */
export function openPoints({ world, preset, stepped, befall }: PointsOptions): void {
  const { kernel, conditions } = world;
  const { mode, groups } = preset;
  const has = (group: FaultGroup): boolean => groups.length === 0 || groups.includes(group);
  drawConditions(kernel.choices, mode === 'none' ? PRESETS.none : PRESETS.calm, conditions);
  conditions.disk.losesUnsynced = true;
  conditions.disk.points = has('disk');
  conditions.memory.points = has('resource');
  const crashes = has('crash');
  kernel.between = () => {
    stepped();
    if (crashes) askCrash(world, befall);
  };
}

/** After a step of a node that may go down. */
function askCrash(world: World, befall: PointsOptions['befall']): void {
  const { current: life, choices } = world.kernel;
  if (!(life instanceof Incarnation) || world.end !== undefined) return;
  const { node } = life;
  if (node.incarnation !== life || !mayGoDown(world, node)) return;
  if (choices.placed(CRASH_POINT, CRASHES, hashName(node.name)) === 0) return;
  const outer = choices.span;
  choices.openSpan('fault', 'crash');
  befall({ kind: 'crash', node: node.name, forMs: DOWN_MS });
  choices.span = outer;
  drain();
}

export function closePoints({ kernel, conditions }: World): void {
  kernel.between = undefined;
  conditions.disk.points = false;
  conditions.memory.points = false;
}
