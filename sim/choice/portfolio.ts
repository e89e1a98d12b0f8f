/**
 * A portfolio: each run is made by one strategy, dealt by its seed. What one hardly ever finds
 * another often does, so a few runs of each do better than many of the best guess.
 */
import { drawWord, unitOf } from './draw.ts';
import type { RandomWalk } from './random.ts';
import type { Keys } from './seed.ts';
import { site } from './site.ts';

const DEAL = site('portfolio.deal');

/** The strategy that these keys are dealt. */
export function dealt<Hand extends RandomWalk>(keys: Keys, hands: readonly Hand[]): Hand {
  return hands[Math.floor(unitOf(drawWord(keys, DEAL.hash, 0, 0, 0, 0)) * hands.length)]!;
}
