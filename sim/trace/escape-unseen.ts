/**
 * A text for a terminal: what would move its cursor, ring, or turn the direction of writing is escaped
 * as in JSON. Line ends and tabs stay.
 */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same on one line: line ends and tabs are escaped too. */
export function onOneLine(text: string): string {
  return escapeUnseen(text).replace(/[\n\t]/g, (mark) => (mark === '\n' ? '\\n' : '\\t'));
}

const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
