/** Failures are kept as files and in the bug base, as far as these can be written. */
import type { Target } from '../campaign/targets.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { shortPath } from '../node/loader/load-error.ts';
import { noteBug } from './bugs.ts';
import type { How } from './replay-command.ts';
import { saveOther, saveRun, saveStory } from './saved.ts';
import { smallerKept } from './smaller.ts';
import type { Story } from './story.ts';

/** What became of a file that was to be kept: a bug is told even where nothing can be written. */
export type Kept =
  | {
      readonly is: 'kept';
      readonly file: string;
      /** It was kept before, and is a smaller story of the same bug. */
      readonly isSmaller?: true;
      /** Why the bug base does not have it, where it should. */
      readonly unlisted?: string;
    }
  | { readonly is: 'lost'; readonly why: string };

/**
 * Writes the story, as `saveStory` does, and enters it into the bug base. Where a smaller one of its
 * signature is kept that still fails, that one stays, unless this is to go to a file of its own.
 */
export async function keepStory(
  target: Target,
  how: How,
  story: Story,
  at: Date,
  toFile?: string,
): Promise<Kept> {
  const { signature } = story.shrunk.result.failure!;
  const smaller = toFile === undefined ? await smallerKept(target, story) : undefined;
  const kept: Kept =
    smaller === undefined
      ? written(() => saveStory(target, how, story, toFile))
      : { is: 'kept', file: smaller, isSmaller: true };
  return listed(kept, target, signature, at);
}

/** Writes a run's decisions and result. */
export function keepRun(target: Target, how: How, run: FinishedRun): Kept {
  return written(() => saveRun(target, how, run));
}

/** Writes a failure, as `saveOther` does, and enters it into the bug base. */
export function keepOther(target: Target, how: How, run: FinishedRun, at: Date): Kept {
  const kept = written(() => saveOther(target, how, run));
  return listed(kept, target, run.result.failure!.signature, at);
}

/** `story in FILE`, or why there is none; `words` are what comes before. */
export function keptInWords(
  kept: Kept,
  words: { readonly [Is in Kept['is']]: string },
): readonly string[] {
  if (kept.is === 'lost') return [`  ${words.lost} ${kept.why}`];
  const { file, isSmaller, unlisted } = kept;
  const which = isSmaller ? 'a smaller story of this bug, which still fails, stays in' : words.kept;
  const lines = [`  ${which} ${shortPath(file)}`];
  if (unlisted !== undefined)
    lines.push(`  it could not be entered into the bug base: ${unlisted}`);
  return lines;
}

function written(save: () => string): Kept {
  try {
    return { is: 'kept', file: save() };
  } catch (error) {
    return { is: 'lost', why: whyNot(error) };
  }
}

/** The bug base lists what can be run again: nothing, where that is lost. */
function listed(kept: Kept, { ref }: Target, signature: string, at: Date): Kept {
  if (kept.is === 'lost') return kept;
  try {
    noteBug({ scenario: ref.name, signature, story: kept.file, at });
    return kept;
  } catch (error) {
    return { ...kept, unlisted: whyNot(error) };
  }
}

/** The folder's or the user's doing; all else is a mistake of ours, and thrown. */
function whyNot(error: unknown): string {
  const { syscall, message, isUserError } = error as NodeJS.ErrnoException & {
    readonly isUserError?: boolean;
  };
  if (syscall === undefined && isUserError !== true) throw error;
  return message;
}
