/** Strategies that make one run of each seed, by name. */
import { neverReached } from '../env/assert.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { Delays, Preemptions } from './bounded.ts';
import { Pct } from './pct.ts';
import { dealt } from './portfolio.ts';
import { Pos } from './pos.ts';
import type { Profile } from './profile.ts';
import { RandomWalk } from './random.ts';
import { isCampaign } from './search.ts';
import { type Keys, keysOf } from './seed.ts';
import { Starvation } from './starvation.ts';
import type { Strategy } from './strategy.ts';
import { Surw } from './surw.ts';

export const SEEDED_STRATEGIES = [
  'random',
  'pct',
  'pos',
  'surw',
  'delay',
  'preemption',
  'starvation',
  'portfolio',
] as const;
export type SeededStrategy = (typeof SEEDED_STRATEGIES)[number];

export function isSeeded(strategy: string): strategy is SeededStrategy {
  return (SEEDED_STRATEGIES as readonly string[]).includes(strategy);
}

/** Why `written` makes no run of a seed, and what may be meant. */
export function notSeeded(written: unknown): string {
  if (isCampaign(String(written))) {
    return (
      `'${written}' is a campaign of \`groundhog run\`, and no seed names a run of it: its failures ` +
      'are replayed from their files'
    );
  }
  return notNamed(written, SEEDED_STRATEGIES);
}

/** That none of these is `written`, and what may be meant. */
export function notNamed(written: unknown, strategies: readonly string[]): string {
  const hint = didYouMean(String(written), strategies);
  const there = hint || `; there are: ${strategies.join(', ')}`;
  return `no strategy is named '${written}'${there}`;
}

/** Of `pct`. */
export const PCT_DEPTH = 3;
const POINTS_MAX = 10;

const NO_KEYS: Keys = { a: 0, b: 0, c: 0, d: 0 };

/**
 * The strategy of each seed. It is good until the next seed's is asked for: one is used again and
 * again, since to make one can take longer than a short run. `profile` is asked for when first needed.
 */
export function seeded(name: SeededStrategy, profile: () => Profile): (seed: string) => Strategy {
  if (name === 'portfolio') {
    const hands = portfolio(profile());
    return (seed) => dealt(keysOf(seed), hands);
  }
  const strategy = strategyNamed(name, profile);
  return (seed) => {
    strategy.restart(keysOf(seed));
    return strategy;
  };
}

function strategyNamed(
  name: Exclude<SeededStrategy, 'portfolio'>,
  profile: () => Profile,
): RandomWalk {
  switch (name) {
    case 'random':
      return new RandomWalk(NO_KEYS);
    case 'pct':
      return new Pct(NO_KEYS, { depth: PCT_DEPTH, steps: profile().decisions });
    case 'pos':
      return new Pos(NO_KEYS);
    case 'surw':
      return new Surw(NO_KEYS, profile());
    case 'delay':
      return new Delays(NO_KEYS, { pointsMax: POINTS_MAX, steps: profile().decisions });
    case 'preemption':
      return new Preemptions(NO_KEYS, { pointsMax: POINTS_MAX, steps: profile().decisions });
    case 'starvation':
      return new Starvation(NO_KEYS, { steps: profile().decisions });
    default:
      return neverReached(name);
  }
}

/** What seeds are dealt, one as likely as another. */
function portfolio(profile: Profile): readonly RandomWalk[] {
  const { decisions: steps } = profile;
  return [
    new RandomWalk(NO_KEYS),
    new Pct(NO_KEYS, { depth: PCT_DEPTH, steps }),
    new Pct(NO_KEYS, { depth: PCT_DEPTH, steps, over: 'roles' }),
    new Pos(NO_KEYS),
    new Surw(NO_KEYS, profile),
    new Delays(NO_KEYS, { pointsMax: POINTS_MAX, steps }),
    new Starvation(NO_KEYS, { steps }),
  ];
}
