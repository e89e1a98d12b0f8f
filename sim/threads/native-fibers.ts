/** `env.threads.native`: the questions of native fibers, asked of the world. */
import { type FiberOutcome, runFibers } from '../../native/index.ts';
import { answerOf } from '../choice/fiber-question.ts';
import type { Draws } from '../choice/program-random.ts';
import { site } from '../choice/site.ts';
import { evenly } from './wake.ts';

/** Whether threads take turns by chance, or by priorities: each finds what the other rarely does. */
const ORDER = site('native.order');

export function runOnFibers(program: string, draws: Draws): FiberOutcome {
  const byPriorities = draws.branch(ORDER, evenly(2)) === 1;
  return runFibers(program, (question) => answerOf(draws, question), { byPriorities });
}

/** The calmest run. */
export function runCalmly(program: string): FiberOutcome {
  return runFibers(program, () => 0);
}
