import { neverReached } from '../env/assert.ts';
import type { StepSeen } from './engine.ts';
import { GOES_ON, Nothing, nameOf, SharedObject } from './operation.ts';
import { placeOf } from './stack.ts';
import type { ThreadState } from './thread.ts';

/** A step as a sentence: `12. withdraw: balance.add(-3) is 7, at withdraw (bank.ts:12:5)`. */
export function sentenceOf(step: StepSeen): string {
  const { number, thread, result } = step;
  const call = callOf(step);
  const outcome = result === GOES_ON || result === undefined ? '' : ` is ${inWords(result)}`;
  const place = thread.stack === undefined ? '' : `, ${placeOf(thread.stack)}`;
  return `${number}. ${nameOf(thread)}: ${call}${outcome}${place}`;
}

/** A step that has run, or one that a thread has come to: `balance.add(-3)`. */
export function callOf(step: Called): string {
  const { object, operation } = step;
  const on = object === undefined || object instanceof Nothing ? '' : `${nameOf(object)}.`;
  return `${on}${operation!.name}(${givenOf(step).map(inWords).join(', ')})`;
}

type Called = Pick<ThreadState, 'operation' | 'object' | 'a' | 'b' | 'value'>;

function givenOf({ operation, a, b, value }: Called): readonly unknown[] {
  const { given } = operation!;
  switch (given) {
    case 'none':
      return [];
    case 'a':
      return [a];
    case 'ab':
      return [a, b];
    case 'value':
      return [value];
    default:
      return neverReached(given);
  }
}

function inWords(value: unknown): string {
  if (value instanceof SharedObject) return nameOf(value);
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}';
  return String(value);
}
