import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { FaultGroup } from './kind.ts';

/**
 * - `none`: every delay is fixed, nothing fails; only the order of simultaneous steps is the seed's
 * - `calm`: latencies and lags vary, so messages overtake each other; nothing fails
 * - `all`: every kind of the groups happens in every run
 * - `swarm`: each run switches a random subset of kinds and knobs fully off (A. Groce et al., "Swarm
 *   Testing", ISSTA 2012): bugs that one fault hides from another show when it is absent
 * - `vopr`: each run draws its own chances, and in the end only a core heals, see `vopr.ts`
 */
export interface Preset {
  readonly mode: 'none' | 'calm' | 'all' | 'swarm' | 'vopr';
  readonly groups: readonly FaultGroup[];
}

const EVERYTHING: readonly FaultGroup[] = ['net', 'disk', 'crash', 'clock', 'resource'];

export const PRESETS: { readonly [Name in FaultPreset]: Preset } = {
  none: { mode: 'none', groups: [] },
  calm: { mode: 'calm', groups: [] },
  net: { mode: 'all', groups: ['net'] },
  disk: { mode: 'all', groups: ['disk', 'crash'] },
  crash: { mode: 'all', groups: ['crash'] },
  clock: { mode: 'all', groups: ['clock'] },
  resource: { mode: 'all', groups: ['resource'] },
  chaos: { mode: 'all', groups: EVERYTHING },
  swarm: { mode: 'swarm', groups: EVERYTHING },
  jepsen: { mode: 'all', groups: ['net', 'crash', 'clock'] },
  vopr: { mode: 'vopr', groups: ['net', 'disk', 'crash'] },
};

export const PRESET_NAMES: readonly FaultPreset[] = Object.keys(PRESETS) as FaultPreset[];

/** Whether nodes may crash under this preset. */
export function hasCrashes(preset: FaultPreset): boolean {
  return PRESETS[preset].groups.includes('crash');
}
