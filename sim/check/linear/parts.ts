// P-compositionality: a history is linearizable iff its restriction to each independent object is
// (Herlihy and Wing 1990; Horn and Kroening 2015). Calls that touch several objects join them.

import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { Numbering } from '../numbering.ts';
import { print } from '../plain.ts';
import type { Model } from './model.ts';

export interface Parts {
  readonly count: number;
  /** Indices into the history in order of call, failed operations left out. */
  operations(part: number): Int32Array;
  /** The part's objects, printed; empty when the model has only one. */
  label(part: number): string;
}

export function partsOf(history: History, model: Model): Parts {
  const operations = inOrderOfCall(history);
  if (model.object !== undefined) return byObject(history, operations, model.object);
  if (model.objects !== undefined) return byObjects(history, operations, model.objects);
  return onePart(operations);
}

function onePart(operations: Int32Array): Parts {
  return { count: operations.length === 0 ? 0 : 1, operations: () => operations, label: () => '' };
}

function inOrderOfCall(history: History): Int32Array {
  const indices = new Int32Array(history.length);
  let count = 0;
  let sorted = true;
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < history.length; i++) {
    const { outcome, called } = history[i]!;
    if (outcome === 'fail') continue;
    if (called < latest) sorted = false;
    latest = called;
    indices[count++] = i;
  }
  const taken = indices.subarray(0, count);
  if (sorted) return taken;
  return taken.sort((a, b) => history[a]!.called - history[b]!.called || a - b);
}

function byObject(
  history: History,
  operations: Int32Array,
  object: NonNullable<Model['object']>,
): Parts {
  const numbers = new Numbering(4 * operations.length);
  const partOf = new Int32Array(operations.length);
  for (let i = 0; i < operations.length; i++) {
    partOf[i] = numbers.add(object(history[operations[i]!]!));
  }
  const groups = new Groups(operations, partOf, numbers.count);
  const operationsOf = (part: number) => groups.members(part);
  const label = (part: number) => print(object(history[groups.members(part)[0]!]!));
  return { count: numbers.count, operations: operationsOf, label };
}

function byObjects(
  history: History,
  operations: Int32Array,
  objects: NonNullable<Model['objects']>,
): Parts {
  const numbers = new Numbering(0);
  const values: Plain[] = [];
  const parent: number[] = [];
  const rootOf = (number: number): number => {
    let root = number;
    while (parent[root] !== root) root = parent[root] = parent[parent[root]!]!;
    return root;
  };
  const firstOf = new Int32Array(operations.length).fill(-1);
  for (let i = 0; i < operations.length; i++) {
    const touched = objects(history[operations[i]!]!);
    if (touched === 'all') return onePart(operations);
    for (const object of touched) {
      const number = numbers.add(object);
      if (number === parent.length) {
        parent.push(number);
        values.push(object);
      }
      if (firstOf[i] === -1) firstOf[i] = number;
      else parent[rootOf(number)] = rootOf(firstOf[i]!);
    }
  }
  // A call that touches no object fits anywhere, so it may share any part.
  const roots = new Numbering(0);
  const partOf = firstOf.map((first) => (first === -1 ? 0 : roots.add(rootOf(first))));
  const count = Math.max(roots.count, 1);
  const groups = new Groups(operations, partOf, count);
  const label = (part: number) =>
    values
      .filter((_, number) => roots.get(rootOf(number)) === part)
      .map(print)
      .join(', ');
  return { count, operations: (part) => groups.members(part), label };
}

/** Items grouped by number, each group in the items' order, in one array. */
class Groups {
  readonly #sorted: Int32Array;
  readonly #start: Int32Array;

  constructor(items: Int32Array, groupOf: Int32Array, count: number) {
    const start = new Int32Array(count + 1);
    for (const group of groupOf) start[group + 1]!++;
    for (let group = 0; group < count; group++) start[group + 1]! += start[group]!;
    const next = start.slice();
    this.#sorted = new Int32Array(items.length);
    for (let i = 0; i < items.length; i++) this.#sorted[next[groupOf[i]!]!++] = items[i]!;
    this.#start = start;
  }

  members(group: number): Int32Array {
    return this.#sorted.subarray(this.#start[group]!, this.#start[group + 1]!);
  }
}
