/** What a target's first failure leaves behind: its recorded run, its smallest story, and their files. */
import type { Target } from '../campaign/targets.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { NotReproduced } from '../shrink/reduction.ts';
import { type Kept, keepRun, keepStory } from '../tell/kept.ts';
import { type Other, savedOthers } from '../tell/others.ts';
import { type Story, storyOf, WHILE_WAITING } from '../tell/story.ts';
import type { HowOptions } from './how.ts';

export interface Evidence {
  readonly run: Kept;
  /** Undefined where it was not asked for, or not found. */
  readonly story: { readonly story: Story; readonly kept: Kept } | undefined;
  /** Failures of another kind, met on the way to the story. */
  readonly others: readonly Other[];
  /** The run failed no more when it was to be shrunk; says so. */
  readonly notReproduced: string | undefined;
}

export interface EvidenceOptions extends HowOptions {
  readonly shrink: boolean;
  readonly signal: AbortSignal;
}

/** Records the run and makes it small, for at most 10 s. */
export async function evidenceOf(
  target: Target,
  failed: FinishedRun,
  options: EvidenceOptions,
): Promise<Evidence> {
  const run = keepRun(target, options, failed);
  const none = { run, story: undefined, others: [], notReproduced: undefined };
  if (!options.shrink) return none;
  try {
    const { signal } = options;
    const story = await storyOf(target.subject, failed, { ...WHILE_WAITING, signal });
    if (story === undefined) return none;
    const at = new Date();
    const kept = await keepStory(target, options, story, at);
    const others = savedOthers(target, options, story.shrunk, at);
    return { ...none, story: { story, kept }, others };
  } catch (error) {
    if (!(error instanceof NotReproduced)) throw error;
    return { ...none, notReproduced: error.message };
  }
}
