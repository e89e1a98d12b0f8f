/** What a worker process of a shrinker does: one attempt after the other. */
import { now } from '../sched/real-clock.ts';
import { attempt } from '../shrink/attempt.ts';
import type { HelperTask } from './helpers.ts';
import { candidateOf, type SentTried, sentTried } from './sent.ts';
import { loadTarget } from './targets.ts';

// Ctrl-C reaches the whole group; the parent ends the shrinking, and this process with it.
process.on('SIGINT', () => {});

export default async function help(task: HelperTask): Promise<SentTried> {
  const { target, setting, candidate, forMs } = task;
  const untilMs = now() + forMs;
  const { subject } = await loadTarget(target);
  const tried = await attempt(subject, setting, candidateOf(candidate), () => now() >= untilMs);
  return sentTried(tried);
}
