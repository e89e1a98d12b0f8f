/** Failures of another kind that were met while one was made small: finds of their own. */
import { relative } from 'node:path';
import type { Target } from '../campaign/targets.ts';
import type { Shrunk } from '../shrink/shrink.ts';
import type { How } from './replay-command.ts';
import { saveOther } from './saved.ts';

export interface Other {
  readonly signature: string;
  /** Its recorded run, seen from here. */
  readonly file: string;
}

/** Writes each to a file of its own. */
export function savedOthers(target: Target, how: How, { others }: Pick<Shrunk, 'others'>): Other[] {
  return others.map((run) => ({
    signature: run.result.failure!.signature,
    file: relative(process.cwd(), saveOther(target, how, run)),
  }));
}

export function otherText({ signature, file }: Other): string {
  return `  met on the way, another failure: ${signature}\n  recorded in ${file}`;
}
