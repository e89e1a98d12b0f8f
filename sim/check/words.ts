import type { Operation } from './history.ts';
import { print, samePlain } from './plain.ts';

/** `write(3)`, `read() → 4`, `cas([1,2]) → ?` when nobody saw the answer. */
export function callInWords({ name, input, output, outcome }: Operation): string {
  const call = `${name}(${input === null ? '' : bounded(print(input))})`;
  if (outcome === 'unknown') return `${call} → ?`;
  if (outcome === 'fail') return `${call} → failed`;
  // An answer that says nothing at all, or no more than a long question, is left out.
  const saysNothing = output === null || (typeof output === 'object' && samePlain(input, output));
  if (output === undefined || (input !== null && saysNothing)) return call;
  return `${call} → ${bounded(print(output))}`;
}

/** `read() → 4 by client-2 [12, 15]`: the brackets hold call and return. */
export function operationInWords(operation: Operation): string {
  const { process, called, returned } = operation;
  return `${callInWords(operation)} by ${process} [${momentInWords(called)}, ${momentInWords(returned)}]`;
}

function momentInWords(moment: number): string {
  return Number.isFinite(moment) ? String(moment) : moment > 0 ? '∞' : '-∞';
}

/** So much of a text is told to a user. */
const TOLD_MAX = 600;

/** The beginning of a long text, and how long it was. */
export function bounded(text: string, max: number = TOLD_MAX): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length} characters)`;
}
