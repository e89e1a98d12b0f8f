import { inspect } from 'node:util';

/** What a run was found to have done wrong. */
export interface Violation {
  /** The property, checker or rule: `always: no-overdraft`, `uncaught error`, `deadlock`. */
  readonly property: string;
  /** One line, the same for every occurrence of the same bug but for numbers and ids. */
  readonly message: string;
  /** More about this occurrence: a checker's explanation. */
  readonly details: string | undefined;
  /** Names of the nodes involved, in order. */
  readonly nodes: readonly string[];
  readonly roles: readonly string[];
  readonly stack: string | undefined;
  /** The step that ran, from 1; 0 before the first. */
  readonly step: number;
  readonly atNs: number;
}

/** What was thrown and caught by nobody, which may be anything. */
export function uncaught(
  thrown: unknown,
  as: 'exception' | 'rejection',
): Pick<Violation, 'property' | 'message' | 'stack'> {
  try {
    if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
      const { name = 'Error', message, stack } = thrown as Error;
      if (typeof message === 'string') {
        return { property: `uncaught ${String(name)}`, message, stack };
      }
    }
  } catch {
    // Its getters are the program's code.
  }
  const message = `not an Error: ${thrownInWords(thrown)}`;
  return { property: `uncaught ${as}`, message, stack: undefined };
}

/**
 * What is no Error, on one line: text as it is, all else as Node.js shows it. Nothing of it is
 * called, since its getters and its own way to be shown are the program's code.
 */
export function thrownInWords(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  // An error inside brings its stack, and what follows it stands on the stack's last line.
  const shown = inspected(thrown).replace(/\n\s+at .*?(?=,| [}\]{]|$)/gm, '');
  return shown.replace(/\s*\n\s*/g, ' ');
}

/** The stack of an error is read, which may be a getter of the program's. */
function inspected(thrown: unknown): string {
  try {
    return inspect(thrown, SHOWN);
  } catch {
    return 'an object that throws when it is read';
  }
}

/** All of them: a program may have changed the defaults. */
const SHOWN = {
  breakLength: Infinity,
  colors: false,
  compact: true,
  customInspect: false,
  depth: 2,
  getters: false,
  maxArrayLength: 20,
  maxStringLength: 400,
  numericSeparator: false,
  showHidden: false,
  showProxy: false,
  sorted: false,
} as const;

/**
 * Two failures with one signature are one bug: the property, the message without what differs from
 * run to run, and the roles of the nodes involved. What a program states by name has no message here:
 * its name is all that it says of the bug, and its details are of one occurrence.
 */
export function signatureOf({
  property,
  message,
  roles,
}: Pick<Violation, 'property' | 'message' | 'roles'>): string {
  const what = STATED.test(property) ? property : `${property}: ${normalised(message)}`;
  const where = [...new Set(roles)].sort().join(', ');
  return where === '' ? what : `${what} [${where}]`;
}

const STATED = /^(always|unreachable): /;

/** Of the first line of a message; what follows tells no bugs apart. */
const COMPARED_MAX = 2_000;

/** The first line, with numbers, ids and lists of them made equal. */
function normalised(message: string): string {
  return message
    .split('\n', 1)[0]!
    .slice(0, COMPARED_MAX)
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '#')
    .replace(/\b0x[0-9a-f]+\b/gi, '#')
    .replace(QUOTED_ID, '#')
    .replace(/-?\d+(\.\d+)?/g, '#')
    .replace(/#(\s*,\s*#)+/g, '#')
    .replace(QUOTED_LIST, '#')
    .replace(JOINED_LIST, '#')
    .replace(ALIKE_LIST, '$1')
    .trim();
}

/** One quoted word with a digit: names without one, as of a missing method, tell bugs apart. */
const QUOTED_ID = /(["'`])(?=[^\s"'`]*\d)[^\s"'`]+\1/g;
/** `'ann', 'bob'` */
const QUOTED_LIST = /(["'])[^"']*\1(\s*,\s*(["'])[^"']*\3)+/g;
/** `ann,bob`: a list of words that was joined, and no sentence. */
const JOINED_LIST = /(?<![^\s,;:()[\]{}"'])[^\s,;:()[\]{}"']+(,[^\s,;:()[\]{}"']+)+/g;
/** `client#/#, client#/#` */
const ALIKE_LIST = /(?<![^\s([{])([^\s,()[\]{}]+)(\s*,\s*\1)+(?![^\s)\]},;:.])/g;
