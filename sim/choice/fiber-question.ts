/** The questions of native fibers (native/fibers.ts), as decisions of a run. */
import type { Draws } from './program-random.ts';
import { site } from './site.ts';
import { type Weights, weights } from './strategy.ts';

export interface FiberQuestion {
  /** One of the few that native/port/decisions.h lists. */
  readonly site: string;
  readonly count: number;
  /** Outcomes but the first are to be seldom. */
  readonly rare: boolean;
}

const even: Weights[] = [];
const rare: Weights[] = [];

export function answerOf(draws: Draws, question: FiberQuestion): number {
  const { count } = question;
  const chances = question.rare ? (rare[count] ??= rarely(count)) : (even[count] ??= evenly(count));
  return draws.branch(site(question.site), chances);
}

/** The first of `count` outcomes with a chance of 7/8 and its share of the rest. */
function rarely(count: number): Weights {
  return weights(7 * count + 1, ...Array.from({ length: count - 1 }, () => 1));
}

function evenly(count: number): Weights {
  return weights(...Array.from({ length: count }, () => 1));
}
