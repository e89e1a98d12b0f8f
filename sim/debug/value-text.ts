/** Values of a program as texts, made without running code of its own. */
import { inspect } from 'node:util';
import type { Values } from './scene.ts';
import { withoutOurs } from './without-ours.ts';

const SHOWN = {
  breakLength: 90,
  maxArrayLength: 50,
  maxStringLength: 1_000,
  customInspect: false,
} as const;

interface Detail {
  /** Objects within objects that are shown. */
  readonly depth: number;
  readonly lettersMax: number;
}

/** Of one value that was asked for, and of many. */
const WHOLE: Detail = { depth: 4, lettersMax: 20_000 };
export const BRIEF: Detail = { depth: 2, lettersMax: 300 };

/** On a few lines; of a large one the beginning. */
export function textOf(value: unknown, { depth, lettersMax }: Detail = WHOLE): string {
  const text = inspected(value, depth);
  return text.length <= lettersMax ? text : `${text.slice(0, lettersMax - 1)}…`;
}

/** Errors and what they hold may be the program's: reading them runs its getters, which may throw too. */
export function thrownText(thrown: unknown): string {
  try {
    if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
      const { name, message } = thrown as Error;
      return `${String(name)}: ${String(message)}`;
    }
  } catch {
    return 'an error whose name or message throws when it is read';
  }
  return textOf(thrown);
}

function inspected(value: unknown, depth: number): string {
  try {
    return inspect(withoutOurs(value, depth), { ...SHOWN, depth });
  } catch {
    return 'a value that cannot be shown: it throws when it is read';
  }
}

/** Each as `of` gives it, or what it throws. */
export function valuesOf<Each>(
  entries: readonly (readonly [string, Each])[],
  of: (each: Each) => unknown,
): Values {
  return entries.map(([name, each]) => {
    try {
      return { name, text: textOf(of(each), BRIEF) };
    } catch (error) {
      return { name, text: `throws ${thrownText(error)}` };
    }
  });
}
