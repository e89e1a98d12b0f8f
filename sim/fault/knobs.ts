/**
 * What holds for a whole run: latencies, lags and the chances of small faults, drawn at its start.
 * Each knob has an off position, the calmest, and a magnitude.
 */
import type { Choices } from '../choice/choices.ts';
import type { Spread } from '../choice/shape.ts';
import { site } from '../choice/site.ts';
import { type Weights, weights } from '../choice/strategy.ts';
import { assert } from '../env/assert.ts';
import type { Conditions } from '../node/world.ts';
import type { FaultGroup } from './kind.ts';
import type { Preset } from './presets.ts';

const US = 1_000;
const MS = 1_000_000;

export interface Knob {
  readonly name: string;
  /** Undefined: part of what even the calm preset varies. */
  readonly group?: FaultGroup | undefined;
  /** Of its magnitudes. */
  readonly spread: Spread;
  /** Magnitudes, the calmest first. */
  readonly min: number;
  readonly max: number;
  /** What a story that needs it begins with; undefined where each time that it strikes is enough. */
  readonly words?: string;
  set(conditions: Conditions, magnitude: number): void;
}

const KNOBS: readonly Knob[] = [
  {
    name: 'net.latency-min',
    spread: 'exponential',
    min: 50 * US,
    max: 2 * MS,
    set: ({ net }, ns) => {
      net.latencyNsMin = ns;
      net.latencyNsMax = Math.max(net.latencyNsMax, ns);
    },
  },
  {
    name: 'net.latency-spread',
    spread: 'exponential',
    min: 100 * US,
    max: 50 * MS,
    set: ({ net }, ns) => {
      net.latencyNsMax = net.latencyNsMin + ns;
    },
  },
  {
    name: 'loop.lag',
    spread: 'exponential',
    min: 10 * US,
    max: 5 * MS,
    set: (conditions, ns) => {
      conditions.lagNs = ns;
    },
  },
  {
    name: 'disk.latency-spread',
    spread: 'exponential',
    min: 50 * US,
    max: 20 * MS,
    set: ({ disk }, ns) => {
      disk.latencyNsMax = disk.latencyNsMin + ns;
    },
  },
  {
    name: 'net.loss',
    group: 'net',
    spread: 'exponential',
    min: 1,
    max: 200,
    set: ({ net }, perMille) => {
      net.lossPerMille = perMille;
    },
  },
  {
    name: 'net.duplicate',
    group: 'net',
    spread: 'exponential',
    min: 1,
    max: 100,
    set: ({ net }, perMille) => {
      net.duplicatePerMille = perMille;
    },
  },
  {
    name: 'disk.loses-unsynced',
    group: 'crash',
    spread: 'exponential',
    min: 1,
    max: 1,
    words: 'a crash loses what was not synced',
    set: ({ disk }) => {
      disk.losesUnsynced = true;
    },
  },
  {
    name: 'memory.refused',
    group: 'resource',
    spread: 'exponential',
    min: 1,
    max: 50,
    set: ({ memory }, perMille) => {
      memory.refusedPerMille = perMille;
    },
  },
  {
    name: 'buggify',
    group: 'resource',
    spread: 'exponential',
    min: 1,
    max: 1,
    set: (conditions) => {
      conditions.buggify = true;
    },
  },
];

export function knobNamed(name: string): Knob {
  const knob = KNOBS.find((one) => one.name === name);
  assert(knob !== undefined, 'there is a knob of that name');
  return knob;
}

/** By site: {@link Knob.words}. */
export const KNOBS_IN_WORDS: ReadonlyMap<string, string> = new Map(
  KNOBS.flatMap(({ name, words }) => (words === undefined ? [] : [[`knob.${name}`, words]])),
);

/** Off or on: a swarm leaves a third of the knobs off; other presets turn all of theirs. */
const SOMETIMES = weights(1, 2);
const ALWAYS = weights(0, 1);

/** Sets the run's conditions. Sites: `knob.NAME` and `knob.NAME.size`. */
export function drawConditions(choices: Choices, preset: Preset, conditions: Conditions): void {
  if (preset.mode === 'none') return;
  const has = ({ group }: Knob): boolean => group === undefined || preset.groups.includes(group);
  const odds = preset.mode === 'swarm' ? SOMETIMES : ALWAYS;
  drawKnobs(choices, KNOBS.filter(has), { odds, conditions });
}

/** Sites: as above. */
export function drawKnobs(
  choices: Choices,
  knobs: readonly Knob[],
  { odds = ALWAYS, conditions }: { readonly odds?: Weights; readonly conditions: Conditions },
): void {
  const outer = choices.span;
  for (const knob of knobs) {
    choices.openSpan('knob', knob.name);
    const on = choices.branch(site(`knob.${knob.name}`), odds);
    const size = choices.value(site(`knob.${knob.name}.size`), knob);
    if (on === 1) knob.set(conditions, size);
    choices.span = outer;
  }
}
