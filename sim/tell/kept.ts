import type { Target } from '../campaign/targets.ts';
import { noteBug } from './bugs.ts';
import type { How } from './replay-command.ts';
import { saveStory, storyFile } from './saved.ts';
import type { Story } from './story.ts';

/** Writes the story, to its own place unless told, and enters it into the bug base; returns the file. */
export function keepStory(
  target: Target,
  how: How,
  story: Story,
  at: Date,
  file: string = storyFile(target.ref, story),
): string {
  saveStory(target, how, story, file);
  const { signature } = story.shrunk.result.failure!;
  noteBug({ scenario: target.ref.name, signature, story: file, at });
  return file;
}
