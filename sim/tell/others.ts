/** Failures of another kind that were met while one was made small: finds of their own. */
import type { Target } from '../campaign/targets.ts';
import type { Shrunk } from '../shrink/reduction.ts';
import { boundedLine } from '../trace/told.ts';
import { type Kept, keepOther, keptInWords } from './kept.ts';
import type { How } from './replay-command.ts';

export interface Other {
  readonly signature: string;
  /** Its recorded run. */
  readonly kept: Kept;
}

/** Writes each to a file of its own, and enters it into the bug base. */
export function savedOthers(
  target: Target,
  how: How,
  { others }: Pick<Shrunk, 'others'>,
  at: Date,
): Other[] {
  return others.map((run) => {
    const { signature } = run.result.failure!;
    return { signature, kept: keepOther(target, how, run, at) };
  });
}

export function otherText({ signature, kept }: Other): string {
  const words = { kept: 'recorded in', lost: 'its run could not be recorded:' };
  const met = `  met on the way, another failure: ${boundedLine(signature)}`;
  return [met, ...keptInWords(kept, words)].join('\n');
}
