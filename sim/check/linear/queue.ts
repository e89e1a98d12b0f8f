import type { Plain } from '../../env/net.ts';
import { print } from '../plain.ts';
import type { Call, Model, Step } from './model.ts';
import { type OriginTerms, refuteByOrigin } from './origin.ts';
import { decideQueue } from './queue-order.ts';

/**
 * First in, first out.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `enqueue` | a value | |
 * | `dequeue` | | the oldest value, or null when it is empty |
 */
export function queue(): Model<readonly Plain[]> {
  return {
    name: 'queue',
    initial: [],
    operations: ['enqueue', 'dequeue'],
    step: stepQueue,
    readOnly: ({ name, output }) => name === 'dequeue' && output === null,
    fault: ({ name, input }) =>
      name === 'enqueue' && input === null ? 'null cannot be enqueued' : undefined,
    shortcut: (history, part) =>
      decideQueue(history, part) ?? refuteByOrigin(history, part, terms('enqueue', 'dequeue')),
  };
}

function stepQueue(values: readonly Plain[], { name, input }: Call): Step<readonly Plain[]> {
  if (name === 'enqueue') return { state: [...values, input] };
  const [oldest = null, ...others] = values;
  return { state: others, output: oldest };
}

/**
 * Last in, first out.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `push` | a value | |
 * | `pop` | | the newest value, or null when it is empty |
 */
export function stack(): Model<readonly Plain[]> {
  return {
    name: 'stack',
    initial: [],
    operations: ['push', 'pop'],
    step: stepStack,
    readOnly: ({ name, output }) => name === 'pop' && output === null,
    fault: ({ name, input }) =>
      name === 'push' && input === null ? 'null cannot be pushed' : undefined,
    describe: (values) => print(values),
    shortcut: (history, part) => refuteByOrigin(history, part, terms('push', 'pop')),
  };
}

function stepStack(values: readonly Plain[], { name, input }: Call): Step<readonly Plain[]> {
  if (name === 'push') return { state: [...values, input] };
  return { state: values.slice(0, -1), output: values.at(-1) ?? null };
}

function terms(give: string, take: string): OriginTerms {
  return {
    given: ({ name, input }) => (name === give ? input : undefined),
    taken: ({ name, output }) => (name === take ? output : undefined),
    initial: null,
    takes: 'the only one',
  };
}
