/** `env.threads.native`: the questions of native fibers, asked of the world. */
import { type FiberOutcome, runFibers } from '../../native/index.ts';
import type { Draws } from '../choice/program-random.ts';
import { site } from '../choice/site.ts';
import { type Weights, weights } from '../choice/strategy.ts';
import { evenly } from './wake.ts';

const tables: Weights[] = [];

/** The first of `count` outcomes with a chance of 7/8 and its share of the rest. */
function rarely(count: number): Weights {
  return (tables[count] ??= weights(7 * count + 1, ...Array.from({ length: count - 1 }, () => 1)));
}

/** Whether threads take turns by chance, or by priorities: each finds what the other rarely does. */
const ORDER = site('native.order');

/** The other sites are the few that native/port/decisions.h lists. */
export function runOnFibers(program: string, draws: Draws): FiberOutcome {
  const byPriorities = draws.branch(ORDER, evenly(2)) === 1;
  return runFibers(
    program,
    ({ site: name, count, rare }) => draws.branch(site(name), rare ? rarely(count) : evenly(count)),
    { byPriorities },
  );
}

/** The calmest run. */
export function runCalmly(program: string): FiberOutcome {
  return runFibers(program, () => 0);
}
