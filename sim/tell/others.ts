/** Failures of another kind that were met while one was made small: finds of their own. */
import { relative } from 'node:path';
import type { Target } from '../campaign/targets.ts';
import type { Shrunk } from '../shrink/shrink.ts';
import { boundedLine } from '../trace/told.ts';
import { noteBug } from './bugs.ts';
import type { How } from './replay-command.ts';
import { saveOther } from './saved.ts';

export interface Other {
  readonly signature: string;
  /** Its recorded run, seen from here. */
  readonly file: string;
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
    const story = saveOther(target, how, run);
    noteBug({ scenario: target.ref.name, signature, story, at });
    return { signature, file: relative(process.cwd(), story) };
  });
}

export function otherText({ signature, file }: Other): string {
  return `  met on the way, another failure: ${boundedLine(signature)}\n  recorded in ${file}`;
}
