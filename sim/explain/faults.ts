/**
 * The faults of a story, and how its run ends without each: what the nemesis did, what befell a packet, a
 * call of a disk or an allocation, and where a program was treated worse because it had asked for that.
 */
import { rootIdentity } from '../choice/identity.ts';
import { keyOf, Overheard, stepKey } from '../choice/overheard.ts';
import type { Strategy } from '../choice/strategy.ts';
import type { Plan } from '../explore/subject.ts';
import type { TimedFault } from '../scenario/scenario.gen.ts';
import { subjectOf } from '../shrink/narrative.ts';
import type { Telling } from '../shrink/telling.ts';
import { type DecisionRecord, STEP } from '../trace/record.ts';
import { type Entry, entriesOf } from './entries.ts';
import type { Outcome, Reruns } from './reruns.ts';
import type { SeenStep } from './watch.ts';

export interface ToldFault {
  /** What happened, and when. */
  readonly words: string;
  readonly atNs: number;
  /** Its step, in the story's run. */
  readonly step: number;
  /** How the run ends without it. */
  readonly without: Outcome;
  /** The signature, where that is another failure. */
  readonly instead: string | undefined;
}

/** Sites of which one decision is a fault. What a crash makes of a disk is the crash's. */
const ONE_BY_ONE: ReadonlySet<string> = new Set([
  'buggify',
  'disk.point',
  'fault.point.crash',
  'memory.point',
  'memory.refused',
  'net.duplicate',
  'net.loss',
]);

/** Whether there being a fault, or which, is decided there. */
export function isOfFaults(site: string): boolean {
  return site.startsWith('fault.') || ONE_BY_ONE.has(site) || ROOM_FOR_FAULTS.has(site);
}

const ROOM_FOR_FAULTS: ReadonlySet<string> = new Set([
  'buggify.armed',
  'knob.buggify',
  'knob.memory.refused',
  'knob.net.duplicate',
  'knob.net.loss',
]);

/** Hears which of the faults that a run is told of are one decision. */
export class FaultsMet {
  /** By the place among what is told: that comes right after the decision. */
  readonly decisions: Map<number, string> = new Map();
  readonly telling: Telling;

  constructor(telling: Telling) {
    this.telling = telling;
  }

  overhearing(strategy: Strategy): Strategy {
    return new Overheard(strategy, ({ key, site: { name }, outcome }) => {
      if (outcome > 0 && ONE_BY_ONE.has(name)) {
        this.decisions.set(this.telling.events.length, key);
      }
    });
  }
}

interface Story {
  readonly record: DecisionRecord;
  readonly plan: Plan | undefined;
  /** Faults at fixed times, besides those that are drawn. */
  readonly timeline: readonly TimedFault[];
}

/** How the run ends without each of its faults, in their order. @throws OutOfBounds */
export async function* withoutEach(
  reruns: Reruns,
  { record, plan, timeline }: Story,
  { met, steps }: { readonly met: FaultsMet; readonly steps: readonly SeenStep[] },
): AsyncGenerator<ToldFault> {
  const entries = entriesOf(record);
  const keys = new Map(steps.map(({ key, number }) => [number, key]));
  for (const [at, event] of met.telling.events.entries()) {
    const decision = met.decisions.get(at);
    const isNemesis = event.kind === 'fault' && event.text.startsWith('the nemesis ');
    if (decision === undefined && !isNemesis) continue;
    const { atNs, step } = event;
    const of = keys.get(step) ?? '';
    const rest = entries.filter((entry) =>
      decision === undefined ? !isAskedIn(of, entry) : keyOf(entry) !== decision,
    );
    const { outcome, result } = await reruns.of(rest, {
      plan: withoutPlaced(plan, timeline, of),
    });
    yield {
      words: `${subjectOf(event)}${event.text}`,
      atNs,
      step,
      without: outcome,
      instead: outcome === 'other' ? result.failure?.signature : undefined,
    };
  }
}

function isAskedIn(step: string, { kind, lo, hi }: Entry): boolean {
  return kind !== STEP && stepKey(lo, hi) === step;
}

/** The plan without the fault that stands in the timeline for this step; the plan itself, where there is none. */
function withoutPlaced(
  plan: Plan | undefined,
  timeline: readonly TimedFault[],
  step: string,
): Plan | undefined {
  const rest = timeline.filter((_, index) => {
    const { lo, hi } = rootIdentity('fault/timeline', index);
    return stepKey(lo, hi) !== step;
  });
  return rest.length === timeline.length ? plan : { ...plan, timeline: rest };
}
