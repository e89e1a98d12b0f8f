import type { Target } from '../campaign/targets.ts';
import { noteBug } from './bugs.ts';
import type { How } from './replay-command.ts';
import { saveStory } from './saved.ts';
import type { Story } from './story.ts';

/** Writes the story, as `saveStory` does, and enters it into the bug base; returns the file. */
export function keepStory(
  target: Target,
  how: How,
  story: Story,
  at: Date,
  toFile?: string,
): string {
  const file = saveStory(target, how, story, toFile);
  const { signature } = story.shrunk.result.failure!;
  noteBug({ scenario: target.ref.name, signature, story: file, at });
  return file;
}
