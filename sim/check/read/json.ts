// JSON values one after another, or the elements of one list, each with the line it begins on.
// Integers beyond 2^53 keep all their digits, as strings.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';

export interface JsonValue {
  readonly value: Plain;
  /** From 1. */
  readonly line: number;
}

/**
 * All top-level values of a text. Of a single list its elements.
 *
 * @throws HistoryError `malformed`
 */
export function readJson(text: string): readonly JsonValue[] {
  const listed = text.trimStart().startsWith('[');
  const values: JsonValue[] = [];
  for (const { from, to, line } of slices(text, listed)) {
    values.push({ value: parse(text.slice(from, to), line), line });
  }
  return values;
}

interface Slice {
  readonly from: number;
  readonly to: number;
  readonly line: number;
}

/** Where the values lie. Inside a list they are separated by commas, otherwise by anything blank. */
function* slices(text: string, listed: boolean): Generator<Slice> {
  let line = 1;
  let depth = listed ? -1 : 0;
  let from = -1;
  let fromLine = 1;
  for (let at = 0; at < text.length; at++) {
    const next = text.charCodeAt(at);
    if (next === NEWLINE) line++;
    if (isBlank(next) || (listed && depth === 0 && next === COMMA)) {
      if (from !== -1 && depth === 0) {
        yield { from, to: at, line: fromLine };
        from = -1;
      }
      continue;
    }
    if (listed && depth === 0 && next === CLOSE_LIST) {
      if (from !== -1) yield { from, to: at, line: fromLine };
      from = -1;
      depth = -1;
      continue;
    }
    if (depth === -1) {
      if (next !== OPEN_LIST || at !== text.indexOf('[')) {
        throw new HistoryError('malformed', 'there is something after the end of the list', {
          line,
        });
      }
      depth = 0;
      continue;
    }
    if (from === -1) {
      from = at;
      fromLine = line;
    }
    if (next === OPEN_LIST || next === OPEN_MAP) {
      if (++depth > DEPTH_MAX) {
        const message = `values lie more than ${DEPTH_MAX} deep`;
        throw new HistoryError('malformed', message, { line });
      }
    } else if (next === CLOSE_LIST || next === CLOSE_MAP) {
      depth--;
      if (depth === 0) {
        yield { from, to: at + 1, line: fromLine };
        from = -1;
      }
    } else if (next === QUOTE) {
      const end = endOfString(text, at);
      if (end === -1) throw new HistoryError('malformed', 'a string is never closed', { line });
      at = end;
    }
  }
  if (from !== -1) {
    if (depth > 0)
      throw new HistoryError('malformed', 'a value is never closed', { line: fromLine });
    yield { from, to: text.length, line: fromLine };
  }
  if (listed && depth !== -1) {
    throw new HistoryError('malformed', 'the list is never closed', { line });
  }
}

/** How deep values may lie within each other: what goes through them calls itself. */
export const DEPTH_MAX = 200;

const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;

function isBlank(code: number): boolean {
  return code === 32 || code === NEWLINE || code === 13 || code === 9;
}

/** The index of the quote that closes the string begun at `at`, or -1. */
function endOfString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const next = text.charCodeAt(i);
    if (next === BACKSLASH) i++;
    else if (next === QUOTE) return i;
    else if (next === NEWLINE) return -1;
  }
  return -1;
}

function parse(text: string, line: number): Plain {
  try {
    return parseJson(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HistoryError('malformed', `not JSON: ${why}`, { line }, { cause: error });
  }
}

const MAYBE_LARGE = /\d{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** `JSON.parse`, with the integers that a double cannot hold as strings of their digits. */
export function parseJson(text: string): Plain {
  if (!MAYBE_LARGE.test(text)) return JSON.parse(text) as Plain;
  const exact = text.replace(STRING_OR_NUMBER, (token) =>
    /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
  return JSON.parse(exact) as Plain;
}
