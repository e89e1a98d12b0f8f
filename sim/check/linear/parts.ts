// P-compositionality: a history is linearizable iff its restriction to each independent object is
// (Herlihy and Wing 1990; Horn and Kroening 2015). Calls that touch several objects join them.

import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { type Key, keyOf, print } from '../plain.ts';
import type { Model } from './model.ts';

export interface HistoryPart {
  /** The objects of this part, printed; empty when the model has only one. */
  readonly label: string;
  /** Indices into the history, in order of call. Failed operations are left out. */
  readonly operations: readonly number[];
}

export function partsOf(history: History, model: Model): readonly HistoryPart[] {
  const operations = indicesInOrderOfCall(history);
  const { object, objects } = model;
  if (object === undefined && objects === undefined) {
    return operations.length === 0 ? [] : [{ label: '', operations }];
  }
  const sets = new DisjointSets();
  const numberOf = operations.map((index) => {
    const call = history[index]!;
    return object === undefined ? sets.join(objects!(call)) : sets.numberOf(object(call));
  });
  const members = new Map<number, number[]>();
  for (let i = 0; i < operations.length; i++) {
    if (numberOf[i] === undefined) continue; // touches no object, so it fits anywhere
    const root = sets.rootOf(numberOf[i]!);
    const part = members.get(root);
    if (part === undefined) members.set(root, [operations[i]!]);
    else part.push(operations[i]!);
  }
  const labels = sets.labels();
  return [...members].map(([root, part]) => ({ label: labels.get(root)!, operations: part }));
}

function indicesInOrderOfCall(history: History): number[] {
  const indices: number[] = [];
  let sorted = true;
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < history.length; i++) {
    const { outcome, called } = history[i]!;
    if (outcome === 'fail') continue;
    if (called < latest) sorted = false;
    latest = called;
    indices.push(i);
  }
  return sorted
    ? indices
    : indices.sort((a, b) => history[a]!.called - history[b]!.called || a - b);
}

/** Union-find over objects, by value. */
class DisjointSets {
  readonly #numbers = new Map<Key, number>();
  readonly #objects: Plain[] = [];
  readonly #parent: number[] = [];

  numberOf(object: Plain): number {
    const key = keyOf(object);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#parent.length;
      this.#numbers.set(key, number);
      this.#objects.push(object);
      this.#parent.push(number);
    }
    return number;
  }

  rootOf(number: number): number {
    let root = number;
    while (this.#parent[root] !== root) {
      this.#parent[root] = this.#parent[this.#parent[root]!]!;
      root = this.#parent[root]!;
    }
    return root;
  }

  /** Makes one set of the objects' sets and returns a member's number; none for no objects. */
  join(objects: readonly Plain[]): number | undefined {
    const [first, ...others] = objects.map((object) => this.numberOf(object));
    for (const other of others) this.#parent[this.rootOf(other)] = this.rootOf(first!);
    return first;
  }

  /** By root: the objects of its set, printed. */
  labels(): ReadonlyMap<number, string> {
    const labels = new Map<number, string>();
    for (let i = 0; i < this.#objects.length; i++) {
      const root = this.rootOf(i);
      const label = labels.get(root);
      labels.set(root, (label === undefined ? '' : `${label}, `) + print(this.#objects[i]!));
    }
    return labels;
  }
}
