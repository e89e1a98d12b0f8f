import type { Operation } from './history.ts';
import { print, samePlain } from './plain.ts';

/** `write(3)`, `read() → 4`, `cas([1,2]) → ?` when nobody saw the answer. */
export function callInWords({ name, input, output, outcome }: Operation): string {
  const call = `${name}(${input === null ? '' : print(input)})`;
  if (outcome === 'unknown') return `${call} → ?`;
  if (outcome === 'fail') return `${call} → failed`;
  // An answer that only repeats the question, or says nothing at all, is left out.
  if (output === undefined || (input !== null && (output === null || samePlain(input, output)))) {
    return call;
  }
  return `${call} → ${print(output)}`;
}

/** `read() → 4 by client-2 [12, 15]`: the brackets hold call and return. */
export function operationInWords(operation: Operation): string {
  const { process, called, returned } = operation;
  return `${callInWords(operation)} by ${process} [${momentInWords(called)}, ${momentInWords(returned)}]`;
}

function momentInWords(moment: number): string {
  return Number.isFinite(moment) ? String(moment) : moment > 0 ? '∞' : '-∞';
}
