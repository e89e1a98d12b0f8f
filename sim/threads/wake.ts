import { type Site, site } from '../choice/site.ts';
import { type Weights, weights } from '../choice/strategy.ts';

/** Which of those that sleep on a condition a signal wakes; 0 is the first in line. */
export const WAKE: Site = site('thread.wake');

const tables: Weights[] = [];
const lines: Weights[] = [];

/** Each of `count` outcomes with the same chance. */
export function evenly(count: number): Weights {
  return (tables[count] ??= weights(...Array.from({ length: count }, () => 1)));
}

/** One of `count` that wait in line, each with the same chance. */
export function inLine(count: number): Weights {
  return (lines[count] ??= { ...evenly(count), line: true });
}
