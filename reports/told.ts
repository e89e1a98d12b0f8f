/** What happened in a failing run, to be told in sentences and drawn. */

import type { RunEvent } from '../sim/trace/event.ts';
import type { Steps } from '../sim/trace/full-record.ts';
import type { RunResult } from '../sim/trace/run.ts';

export interface ToldSentence {
  /** From 1. */
  readonly number: number;
  /** Plain text, with who does it. */
  readonly text: string;
  /** What the sentence tells. */
  readonly event: RunEvent;
}

export interface Told {
  /** `The smallest story: …`, or that this is the run as it was. */
  readonly title: string;
  /** What to type to have just this run again, and all of its sentences. */
  readonly command: string;
  /** What the smallest run leaves out, a line each. */
  readonly without: readonly string[];
  /** Of the run that is told; a smaller one may fail with other numbers. */
  readonly result: RunResult;
  readonly sentences: readonly ToldSentence[];
  readonly steps: Steps;
  /** Nodes and threads, in the order in which they are drawn. */
  readonly nodes: readonly string[];
  /** What the history's checker drew; it is markup, and stands as it is. */
  readonly picture: { readonly markup: string; readonly style: string } | undefined;
}
