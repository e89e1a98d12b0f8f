// Nobody reads what nobody can have written: it takes one pass to find that out, and a search would
// try every order before it says so.

import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { type Key, keyOf, print } from '../plain.ts';
import { operationInWords } from '../words.ts';
import type { Decision } from './model.ts';

/** What the operations of a model give to its object and take from it; `undefined` for nothing. */
export interface OriginTerms {
  readonly given: (operation: Operation) => Plain | undefined;
  /** Asked of operations that are known to have succeeded. */
  readonly taken: (operation: Operation) => Plain | undefined;
  /** What may be taken without having been given. */
  readonly initial: Plain;
  /** Whether each value is taken once at most for every time that it was given. */
  readonly takes: 'copies' | 'the only one';
}

interface Origin {
  /** The earliest call of an operation that gives the value. */
  readonly called: number;
  left: number;
}

/** Refutes what cannot be. What can be has to be searched. */
export function refuteByOrigin(
  history: History,
  part: Int32Array,
  { given, taken, initial, takes }: OriginTerms,
): Decision | undefined {
  const origins = new Map<Key, Origin>();
  for (const index of part) {
    const operation = history[index]!;
    const value = given(operation);
    if (value === undefined) continue;
    const known = origins.get(keyOf(value));
    if (known === undefined) origins.set(keyOf(value), { called: operation.called, left: 1 });
    else known.left++;
  }
  const always = keyOf(initial);
  for (const index of part) {
    const operation = history[index]!;
    const value = operation.outcome === 'ok' ? taken(operation) : undefined;
    if (value === undefined || keyOf(value) === always) continue;
    const origin = origins.get(keyOf(value));
    const why = whyNot(operation, origin, takes);
    if (why !== undefined) {
      const message = `${operationInWords(operation)} cannot be: ${print(value)} ${why}`;
      return { valid: false, by: 'origin', message, operations: [index] };
    }
    origin!.left--;
  }
  return undefined;
}

function whyNot(
  { returned }: Operation,
  origin: Origin | undefined,
  takes: OriginTerms['takes'],
): string | undefined {
  if (origin === undefined) return 'was put there by nobody';
  if (origin.called > returned) return 'was put there by nobody until then';
  if (takes === 'the only one' && origin.left === 0) return 'was taken more often than put there';
  return undefined;
}
