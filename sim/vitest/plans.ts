/** fast-check arbitraries of plans: topologies, workloads and faults as data. */
import fc, { type Arbitrary } from 'fast-check';
import type { Plain } from '../env/net.ts';
import type { Plan } from '../explore/subject.ts';
import { nodeNames } from '../scenario/node-name.ts';
import type { Fault, TimedFault } from '../scenario/scenario.gen.ts';
import type { Scenario } from '../scenario/scenario.ts';

export interface PlanOptions {
  /** Numbers of nodes, by role. Roles not named keep theirs. */
  readonly counts?: { readonly [role: string]: Arbitrary<number> };
  /** Workloads: arguments of programs, by role. */
  readonly args?: { readonly [role: string]: Arbitrary<Plain> };
  /** Faults at fixed times, in place of the scenario's own; `true` for any of any kind. */
  readonly timeline?: Arbitrary<readonly TimedFault[]> | boolean;
}

/**
 * Plans for a scenario. They shrink as fast-check shrinks: fewer nodes, smaller workloads, fewer and
 * earlier faults.
 *
 * @throws RangeError of a role that the scenario does not have
 */
export function plans(scenario: Scenario, options: PlanOptions): Arbitrary<Plan> {
  const { counts = {}, args = {}, timeline } = options;
  const roles = [...new Set([...Object.keys(counts), ...Object.keys(args)])];
  for (const role of roles) {
    if (scenario.roles.has(role)) continue;
    const known = [...scenario.roles.keys()].join(', ');
    throw new RangeError(`scenario '${scenario.name}' has no role '${role}'; it has ${known}`);
  }
  const planned = fc.record(
    Object.fromEntries(roles.map((role) => [role, plannedRole(counts[role], args[role])])),
  );
  const faults =
    timeline === true ? faultTimelines(scenario) : timeline === false ? undefined : timeline;
  if (faults === undefined) return planned.map((byRole) => ({ roles: byRole }));
  return fc
    .record({ roles: planned, timeline: faults })
    .map(({ roles: byRole, timeline: placed }) => ({ roles: byRole, timeline: placed }));
}

function plannedRole(
  count: Arbitrary<number> | undefined,
  args: Arbitrary<Plain> | undefined,
): Arbitrary<{ count?: number; args?: Plain }> {
  return fc.record({ ...(count && { count }), ...(args && { args }) });
}

export interface TimelineOptions {
  /** Kinds to choose from. Default all. */
  readonly kinds?: readonly Fault['kind'][];
  /** Default 5. */
  readonly maxLength?: number;
  /** Virtual ms of one fault at most. Default a quarter of the scenario's time. */
  readonly forMsMax?: number;
}

/**
 * Timelines over a scenario's own nodes: whole milliseconds, each kind of fault there is. Unlike the
 * faults of a preset they keep to no budget: a timeline may kill a majority.
 */
export function faultTimelines(
  scenario: Scenario,
  options: TimelineOptions = {},
): Arbitrary<readonly TimedFault[]> {
  const nodes = [...scenario.roles].flatMap(([role, { count }]) => nodeNames(role, count));
  const { forMs } = scenario;
  const { maxLength = 5, forMsMax = Math.ceil(forMs / 4) } = options;
  const possible = faultsOf(nodes, fc.integer({ min: 1, max: Math.max(1, forMsMax) }));
  const kinds = options.kinds ?? (Object.keys(possible) as Fault['kind'][]);
  const fault = fc.oneof(
    ...kinds.map((kind) => possible[kind]).filter((kind) => kind !== undefined),
  );
  const atMs = fc.integer({ min: 0, max: Math.max(0, Math.ceil(forMs) - 1) });
  return fc
    .array(fc.record({ atMs, fault }), { maxLength })
    .map((timeline) => [...timeline].sort((a, b) => a.atMs - b.atMs));
}

type FaultArbitraries = { readonly [Kind in Fault['kind']]?: Arbitrary<Fault> };

/** Kinds that need more nodes than there are have none. */
function faultsOf(nodes: readonly string[], forMs: Arbitrary<number>): FaultArbitraries {
  const node = fc.constantFrom(...nodes);
  const byMs = fc.integer({ min: 1, max: 1_000 });
  const one = <Kind extends Fault['kind']>(kind: Kind): Arbitrary<Kind> => fc.constant(kind);
  const alone: FaultArbitraries = {
    isolate: fc.record({
      kind: one('isolate'),
      node,
      direction: fc.constantFrom('both', 'in', 'out'),
      forMs,
    }),
    crash: fc.record({ kind: one('crash'), node, forMs }),
    'clock-jump': fc.record({
      kind: one('clock-jump'),
      node,
      byMs: fc.integer({ min: -60_000, max: 60_000 }),
    }),
    'clock-drift': fc.record({
      kind: one('clock-drift'),
      node,
      ppm: fc.integer({ min: -500, max: 500 }),
      forMs,
    }),
    'slow-disk': fc.record({ kind: one('slow-disk'), node, byMs, forMs }),
    'out-of-memory': fc.record({
      kind: one('out-of-memory'),
      node,
      perMille: fc.integer({ min: 1, max: 1_000 }),
      forMs,
    }),
  };
  if (nodes.length < 2) return alone;
  const order = fc.shuffledSubarray([...nodes], { minLength: nodes.length });
  const pair = fc.shuffledSubarray([...nodes], { minLength: 2, maxLength: 2 });
  const two: FaultArbitraries = {
    split: fc
      .record({ order, cut: fc.integer({ min: 1, max: nodes.length - 1 }), forMs })
      .map(({ order: all, cut, forMs: lasts }) => ({
        kind: 'split',
        sides: [some(all.slice(0, cut)), some(all.slice(cut))],
        forMs: lasts,
      })),
    'slow-link': fc.record({ pair, byMs, forMs }).map(({ pair: [from, to], ...rest }) => ({
      kind: 'slow-link',
      from: from!,
      to: to!,
      ...rest,
    })),
  };
  if (nodes.length < 3) return { ...alone, ...two };
  const bridge = fc
    .record({ order, cut: fc.integer({ min: 1, max: nodes.length - 2 }), forMs })
    .map(
      ({ order: [over, ...all], cut, forMs: lasts }): Fault => ({
        kind: 'bridge',
        sides: [some(all.slice(0, cut)), some(all.slice(cut))],
        over: over!,
        forMs: lasts,
      }),
    );
  return { ...alone, ...two, bridge };
}

function some(names: readonly string[]): [string, ...string[]] {
  return names as [string, ...string[]];
}
