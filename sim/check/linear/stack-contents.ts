// What a stack holds: its newest value upon what it held before, which many states share. Contents
// are equal when their newest values and what lies below are, so that each is found again at once.

import type { Plain } from '../../env/net.ts';
import { print } from '../plain.ts';
import type { Abstraction } from './model.ts';

export interface StackContents {
  /** The newest value, and what it lies on; `undefined` for the empty stack. */
  readonly top: { readonly value: Plain; readonly below: StackContents } | undefined;
  /** Equal for equal contents, once {@link sameStack} has seen them. */
  readonly number?: number;
}

export const EMPTY_STACK: StackContents = { top: undefined, number: 0 };

/** The oldest value first. */
export function stacked(contents: StackContents): readonly Plain[] {
  const values: Plain[] = [];
  for (let { top } = contents; top !== undefined; { top } = top.below) values.push(top.value);
  return values.reverse();
}

/** Takes equal contents to the same one, and numbers them; those below have been numbered before. */
export function sameStack(): Abstraction<StackContents> {
  const known = new Map<string, StackContents>();
  return {
    represent(contents) {
      const { top, number } = contents;
      if (top === undefined || number !== undefined) return contents;
      const key = `${top.below.number} ${print(top.value)}`;
      const same = known.get(key) ?? { top, number: known.size + 1 };
      known.set(key, same);
      return same;
    },
    words: () => CONTENTS_WORDS,
  };
}

const CONTENTS_WORDS = 64;
