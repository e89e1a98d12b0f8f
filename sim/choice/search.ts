/**
 * A search goes through the runs of a program one after another, each different from those before:
 * the next run repeats the last one up to some decision, and takes another outcome there.
 */
import type { Strategy } from './strategy.ts';

export const SEARCH_STRATEGIES = ['dfs', 'dpor'] as const;
export type SearchStrategy = (typeof SEARCH_STRATEGIES)[number];

/** Campaigns of many runs, each decided by those before it: no seed names one of them. */
export const CAMPAIGN_STRATEGIES = ['dfs', 'dpor', 'faults', 'guided'] as const;
export type CampaignStrategy = (typeof CAMPAIGN_STRATEGIES)[number];

export function isCampaign(strategy: string): strategy is CampaignStrategy {
  return (CAMPAIGN_STRATEGIES as readonly string[]).includes(strategy);
}

export interface Search extends Strategy {
  /**
   * Prepares the next run; false when there is none. `cut` when the run that has just ended did so
   * before all of its actors: at a failure, or when it ran out of steps.
   */
  next(cut: boolean): boolean;
  /** Once there is no next run: whether nothing was left out for a bound. */
  readonly complete: boolean;
}

/** The two questions that runs without a clock never ask. */
export abstract class Timeless {
  momentNs(): number {
    throw new Error('a search goes through orders, and these steps have moments');
  }

  priority(): number {
    throw new Error('a search goes through orders, and these steps have moments');
  }
}
