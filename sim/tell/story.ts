/** From a failing seed to its smallest story: shrinks, runs it once more, puts it into words. */
import { Replay } from '../choice/replay.ts';
import { type FinishedRun, runOne, Stopped } from '../explore/runner.ts';
import type { RunSpec, Subject } from '../explore/subject.ts';
import { withThrowPlace } from '../explore/throw-place.ts';
import { now } from '../sched/real-clock.ts';
import { narrate, numbered } from '../shrink/narrative.ts';
import type { Budget, Failing, Shrunk } from '../shrink/reduction.ts';
import { shrink } from '../shrink/shrink.ts';
import { Telling } from '../shrink/telling.ts';

export interface Story {
  readonly failing: Failing;
  readonly shrunk: Shrunk;
  readonly sentences: readonly string[];
}

/** What shrinking may take at the end of an exploration, while somebody waits for its result. */
export const WHILE_WAITING: Budget = { attemptsMax: 1_500, forMs: 10_000 };

/** The story of a run that failed; undefined when it did not by a violation. */
export async function storyOf(
  subject: Subject,
  run: FinishedRun,
  budget: Budget,
): Promise<Story | undefined> {
  const { result, record, spec } = run;
  if (result.failure === undefined || record === undefined) return undefined;
  const failing: Failing = { ...run, record };
  const small = await shrink(subject, failing, budget);
  const { plan, record: left } = small;
  const again = (): RunSpec => ({ ...spec, record: undefined, plan, replay: new Replay(left) });
  const shrunk = { ...small, result: await withThrowPlace(small.result, subject, again) };
  return { failing, shrunk, sentences: await sentencesOf(subject, spec, shrunk, budget) };
}

/** What happens in the run that these decisions make, in sentences. */
async function sentencesOf(
  subject: Subject,
  spec: Omit<RunSpec, 'record' | 'replay'>,
  { plan, record }: Pick<Shrunk, 'plan' | 'record'>,
  { signal }: Pick<Budget, 'signal'>,
): Promise<string[]> {
  const telling = new Telling(record);
  const untilMs = now() + TELLING_MS;
  const told = {
    ...spec,
    record: undefined,
    plan,
    replay: telling.overhearing(new Replay(record)),
    onEvent: telling.onEvent,
    watcher: telling,
  };
  try {
    const stopped = (): boolean => now() >= untilMs || signal?.aborted === true;
    await runOne(subject, told, { stopped });
    return numbered(narrate(telling.events));
  } catch (error) {
    if (error instanceof Stopped) return [];
    throw error;
  }
}

/** Real ms that it may take to tell a run: longer ones are nothing to read. */
const TELLING_MS = 10_000;
