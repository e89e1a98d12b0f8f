/**
 * The signals of a world, step by step: what nodes `observe` (their state, in the abstraction that the
 * program has chosen), that state together with the faults under way, which step followed which on
 * a node, and what programs hint at.
 */
import { both, hashName } from '../../choice/mix.ts';
import { Incarnation } from '../../node/incarnation.ts';
import type { World } from '../../node/world.ts';
import { Digest } from '../../sched/digest.ts';
import type { Signals } from './signals.ts';

export function watchWorld(world: World, signals: Signals): void {
  const { kernel } = world;
  const lastSite = new Map<Incarnation, number>();
  let site = 0;
  kernel.watcher = {
    began: (step) => {
      site = hashName(step.site);
    },
  };
  world.hinted = ({ role }, name, value) => {
    const hint = both(hashName(role), hashName(name));
    signals.reach(hint, value, kernel.choices.record.count, kernel.nowNs);
  };
  kernel.standing = () => {
    const life = kernel.current;
    if (!(life instanceof Incarnation)) return;
    const entries = kernel.choices.record.count;
    const show = (feature: number): void => signals.show(feature, entries, kernel.nowNs);
    const role = hashName(life.node.role);
    const edge = both(both(role, lastSite.get(life) ?? 0), site);
    lastSite.set(life, site);
    show(edge);
    const state = stateOf(life);
    if (state === 0) return;
    show(both(role, state));
    show(both(both(role, state), both(downOf(world), edge)));
  };
}

/** 0 when the node observes nothing. */
function stateOf(life: Incarnation): number {
  if (!life.alive || life.observed.size === 0) return 0;
  const digest = new Digest();
  life.mixSnapshot(digest);
  return Number.parseInt(digest.hex().slice(8), 16) | 1;
}

function downOf({ nodes, phase }: World): number {
  const down = nodes.filter(({ alive }) => !alive).length;
  return phase === 'safety' ? down : -1;
}
