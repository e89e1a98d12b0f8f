/** What is told of a failure, whatever it says itself: the story and the recorded run keep all. */
import { stripVTControlCharacters } from 'node:util';
import { escapeUnseen } from './escape-unseen.ts';
import type { Violation } from './violation.ts';

const LINES_MAX = 60;
const CHARS_MAX = 4_000;
const LINE_CHARS_MAX = 400;

/** The beginning of a long text, and a last line that says how much is left. */
export function bounded(text: string): string {
  const lines = text.split('\n', LINES_MAX).join('\n');
  const kept = lines.slice(0, CHARS_MAX);
  return kept.length === text.length ? text : `${kept}\n${more(text.length - kept.length)}`;
}

/** The first line, or its beginning. */
export function boundedLine(text: string): string {
  const line = visible(text.split('\n', 1)[0]!);
  if (line.length <= LINE_CHARS_MAX) return line;
  return `${line.slice(0, LINE_CHARS_MAX)} ${more(line.length - LINE_CHARS_MAX)}`;
}

/** What a program has said, for a terminal: colours go, and what else it would obey is escaped. */
export function visible(text: string): string {
  return escapeUnseen(stripVTControlCharacters(text));
}

function more(characters: number): string {
  return `… ${characters.toLocaleString('en-US')} more characters`;
}

/** The frames of a stack, without the message, which may have lines that look like frames. */
export function framesOf({ message, stack = '' }: Pick<Violation, 'message' | 'stack'>): string[] {
  const at = stack.indexOf(message);
  const below = at < 0 ? stack : stack.slice(at + message.length);
  return below.split('\n').filter((line) => /^\s+at /.test(line));
}
