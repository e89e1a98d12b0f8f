/**
 * A portfolio: each run is made by one strategy, dealt by its seed. What one hardly ever finds
 * another often does, so a few runs of each do better than many of the best guess. Dealt as well is
 * who is called from a line of those that wait: a bug may need that it is always the first, or the
 * last, and a coin tossed each time hardly ever comes to that.
 */
import { drawWord, unitOf } from './draw.ts';
import type { RandomWalk } from './random.ts';
import type { Keys } from './seed.ts';
import { site } from './site.ts';

const DEAL = site('portfolio.deal');
/** With a chance of 1 in 5, whoever is drawn. */
const CALLED = ['first', 'first', 'last', 'last', 'drawn'] as const;

/** The strategy that these keys are dealt, begun with them. */
export function dealt(keys: Keys, hands: readonly RandomWalk[]): RandomWalk {
  const draw = (index: number, below: number) =>
    Math.floor(unitOf(drawWord(keys, DEAL.hash, 0, 0, 0, index)) * below);
  const hand = hands[draw(0, hands.length)]!;
  hand.restart(keys);
  hand.called = CALLED[draw(1, CALLED.length)]!;
  return hand;
}
