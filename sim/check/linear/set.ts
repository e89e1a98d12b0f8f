import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { isList, type Key, keyOf, print } from '../plain.ts';
import { decideGrowOnlySet } from './grow-only-set.ts';
import type { Call, Decision, Model, Step } from './model.ts';
import { decideElement } from './set-element.ts';

/** The elements that it contains, by their keys. */
type Elements = ReadonlyMap<Key, Plain>;

/**
 * A set. Without whole reads its elements are decided one by one.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `add` | an element | true when it was not there before, false when it was; others: any |
 * | `remove` | an element | true when it was there before, false when it was not; others: any |
 * | `contains` | an element | a boolean |
 * | `read` | | the list of all elements, in any order |
 */
export function set(): Model<Elements> {
  return {
    name: 'set',
    initial: new Map(),
    operations: ['add', 'remove', 'contains', 'read'],
    step: stepSet,
    identity: (elements) => listed(elements).join(),
    describe: (elements) => `{${listed(elements).join(', ')}}`,
    readOnly: ({ name, output }) => name === 'read' || name === 'contains' || output === false,
    objects: ({ name, input }) => (name === 'read' ? 'all' : [input]),
    fault: faultOfSet,
    shortcut: decideSet,
  };
}

function stepSet(elements: Elements, { name, input, output }: Call): Step<Elements> {
  if (name === 'read') return stepRead(elements, output);
  const key = keyOf(input);
  const present = elements.has(key);
  if (name === 'contains') return { state: elements, output: present };
  const changes = name === 'add' ? !present : present;
  let state = elements;
  if (changes) {
    const changed = new Map(elements);
    if (name === 'add') changed.set(key, input);
    else changed.delete(key);
    state = changed;
  }
  return typeof output === 'boolean' ? { state, output: changes } : { state };
}

function stepRead(elements: Elements, output: Plain | undefined): Step<Elements> {
  if (output === undefined) return { state: elements, output: [...elements.values()] };
  const seen = new Map((output as readonly Plain[]).map((element) => [keyOf(element), element]));
  for (const [key, element] of elements) {
    if (!seen.has(key)) return { refused: `it contains ${print(element)}` };
  }
  for (const [key, element] of seen) {
    if (!elements.has(key)) return { refused: `it does not contain ${print(element)}` };
  }
  return { state: elements };
}

function listed(elements: Elements): readonly string[] {
  return [...elements.values()].map(print).sort();
}

function faultOfSet({ name, output }: Call): string | undefined {
  if (output === undefined) return undefined;
  if (name === 'read' && !isList(output)) return `read returns a list, not ${print(output)}`;
  if (name === 'contains' && typeof output !== 'boolean') {
    return `contains returns a boolean, not ${print(output)}`;
  }
  return undefined;
}

function decideSet(history: History, part: Int32Array): Decision | undefined {
  return part.some((i) => history[i]!.name === 'read')
    ? decideGrowOnlySet(history, part)
    : decideElement(history, part);
}
