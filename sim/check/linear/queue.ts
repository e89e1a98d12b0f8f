import { print } from '../plain.ts';
import type { Call, Model, Step } from './model.ts';
import { type OriginTerms, refuteByOrigin } from './origin.ts';
import {
  dequeued,
  EMPTY,
  enqueued,
  type QueueContents,
  sameContents,
  valuesOf,
} from './queue-contents.ts';
import { decideQueue } from './queue-order.ts';
import { EMPTY_STACK, type StackContents, sameStack, stacked } from './stack-contents.ts';

/**
 * First in, first out.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `enqueue` | a value | |
 * | `dequeue` | | the oldest value, or null when it is empty |
 */
export function queue(): Model<QueueContents> {
  return {
    name: 'queue',
    initial: EMPTY,
    operations: ['enqueue', 'dequeue'],
    step: stepQueue,
    readOnly: ({ name, output }) => name === 'dequeue' && output === null,
    fault: ({ name, input }) =>
      name === 'enqueue' && input === null ? 'null cannot be enqueued' : undefined,
    shortcut: (history, part) =>
      decideQueue(history, part) ?? refuteByOrigin(history, part, terms('enqueue', 'dequeue')),
    abstraction: sameContents,
    identity: (contents) => contents.number ?? print(valuesOf(contents)),
    describe: (contents) => print(valuesOf(contents)),
  };
}

function stepQueue(contents: QueueContents, { name, input }: Call): Step<QueueContents> {
  if (name === 'enqueue') return { state: enqueued(contents, input) };
  const { list, from, to } = contents;
  return { state: dequeued(contents), output: from < to ? list[from]! : null };
}

/**
 * Last in, first out.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `push` | a value | |
 * | `pop` | | the newest value, or null when it is empty |
 */
export function stack(): Model<StackContents> {
  return {
    name: 'stack',
    initial: EMPTY_STACK,
    operations: ['push', 'pop'],
    step: stepStack,
    readOnly: ({ name, output }) => name === 'pop' && output === null,
    fault: ({ name, input }) =>
      name === 'push' && input === null ? 'null cannot be pushed' : undefined,
    abstraction: sameStack,
    identity: (contents) => contents.number ?? print(stacked(contents)),
    describe: (contents) => print(stacked(contents)),
    shortcut: (history, part) => refuteByOrigin(history, part, terms('push', 'pop')),
  };
}

function stepStack(contents: StackContents, { name, input }: Call): Step<StackContents> {
  if (name === 'push') return { state: { top: { value: input, below: contents } } };
  const { top } = contents;
  return top === undefined
    ? { state: contents, output: null }
    : { state: top.below, output: top.value };
}

function terms(give: string, take: string): OriginTerms {
  return {
    given: ({ name, input }) => (name === give ? input : undefined),
    taken: ({ name, output }) => (name === take ? output : undefined),
    initial: null,
    takes: 'the only one',
  };
}
