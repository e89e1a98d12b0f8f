/** What holds for everything that is said of a text file. */
import type { Problem } from '../../sim/trace/place.ts';
import { promise } from '../target.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** As files are read: what is no UTF-8 becomes U+FFFD. */
export function textOf(input: Uint8Array): string {
  return decoder.decode(input);
}

/** One line that leaves a terminal as it is. */
export function isPlainLine(message: string): boolean {
  return message !== '' && !/\p{Cc}/u.test(message);
}

export function checkProblems(problems: readonly Problem[], text: string): void {
  const lines = text.split('\n');
  for (const { line, column, message } of problems) {
    promise(isPlainLine(message), 'what is wrong is said on one line');
    const there = lines[line - 1];
    promise(
      there !== undefined && column >= 1 && column <= there.length + 1,
      'places are in the text',
    );
  }
}
