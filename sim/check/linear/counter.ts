import type { History } from '../history.ts';
import { print } from '../plain.ts';
import { operationInWords } from '../words.ts';
import { outOfBounds } from './counter-bounds.ts';
import type { Call, Decision, Model, Step } from './model.ts';

export interface CounterOptions {
  /** What the counter starts from; 0 by default. */
  readonly initial?: number;
}

/**
 * A number that is added to.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `add` | a number, negative ones too | |
 * | `read` | | the sum |
 * | `add-and-get` | a number | the sum after it |
 */
export function counter(options: CounterOptions = {}): Model<number> {
  const { initial = 0 } = options;
  return {
    name: 'counter',
    initial,
    operations: ['add', 'read', 'add-and-get'],
    step: stepCounter,
    readOnly: ({ name }) => name === 'read',
    fault,
    shortcut: (history, part) => refuteByBounds(history, part, initial),
  };
}

function stepCounter(sum: number, { name, input }: Call): Step<number> {
  if (name === 'read') return { state: sum, output: sum };
  const state = sum + (input as number);
  return name === 'add' ? { state } : { state, output: state };
}

function fault({ name, input, output }: Call): string | undefined {
  if (name !== 'read' && typeof input !== 'number') {
    return `${name} takes a number, not ${print(input)}`;
  }
  if (name === 'add' || output === undefined || typeof output === 'number') return undefined;
  return `${name} returns a number, not ${print(output)}`;
}

/** Refutes at once what a search would take long to refute. Bounds that hold prove nothing. */
function refuteByBounds(history: History, part: Int32Array, initial: number): Decision | undefined {
  const found = outOfBounds(history, part, initial);
  if (found === undefined) return undefined;
  const { read, lowest, highest } = found;
  const message = `${operationInWords(history[read]!)} is not between ${lowest} and ${highest}, the sums of all that must and may have been added`;
  return { valid: false, by: 'bounds', message, operations: [read] };
}
