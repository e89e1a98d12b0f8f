import type { Operation } from './history.ts';
import { print } from './plain.ts';

/** `write(3)`, `read() → 4`, `cas([1,2]) → ?` when nobody saw the answer. */
export function callInWords(
  operation: Pick<Operation, 'name' | 'input' | 'output' | 'outcome'>,
): string {
  const { name, input, output, outcome } = operation;
  const call = `${name}(${input === null ? '' : print(input)})`;
  if (outcome === 'unknown') return `${call} → ?`;
  if (outcome === 'fail') return `${call} → failed`;
  return output === undefined || (output === null && input !== null)
    ? call
    : `${call} → ${print(output)}`;
}

/** `read() → 4 by client-2 [12, 15]`: the brackets hold call and return. */
export function operationInWords(operation: Operation): string {
  const { process, called, returned } = operation;
  return `${callInWords(operation)} by ${process} [${called}, ${returned === Number.POSITIVE_INFINITY ? '∞' : returned}]`;
}
