import process from 'node:process';

export interface PostMortemBinding {
  postMortem(path: string): boolean;
  postMortemOf(reason: string): void;
}

let isWatching = false;

/** See `enablePostMortem` in index.ts, and pool/post_mortem.h. */
export function reportEnds(binding: PostMortemBinding, path: string): void {
  if (path.includes('\0') || !binding.postMortem(path)) {
    throw new RangeError(`a report cannot be written to '${path.slice(0, 40)}…'`);
  }
  if (isWatching) return;
  isWatching = true;
  process.on('uncaughtExceptionMonitor', (error) => {
    binding.postMortemOf(`an error that nobody caught\n${textOf(error)}`);
  });
}

/** What is thrown may be anything. */
function textOf(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } catch {
    return 'it cannot be shown';
  }
}
