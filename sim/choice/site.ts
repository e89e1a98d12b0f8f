import { assert } from '../env/assert.ts';
import { inWords } from '../env/given.ts';
import { hashName } from './mix.ts';

/**
 * A place in the code that asks for decisions or makes steps, named by a literal: `net.loss`.
 *
 * Draws depend on `hash`, so on the name alone. `index` is a number for tables and records in memory.
 * Those of our own sites are small, and depend on the order in which a process met them, so they
 * never reach a draw, a digest or a file. Those of a program's labels come from the name: it may
 * build names from data, other ones in each run, and which run a process makes first changes nothing.
 */
export interface Site {
  readonly name: string;
  readonly hash: number;
  readonly index: number;
}

/** Indices of labels start here. */
export const LABELS_FROM = 4_096;
/** Indices take 30 bits of an entry of a record: of 100 labels two share one with a chance of 5e-6. */
const INDEX_BITS = 30;
/** Names kept of labels, over all runs of this process. */
const LABELS_KEPT = 1_000_000;

const byName = new Map<string, Site>();
const byIndex: Site[] = [];
/** By name, the oldest first. */
const labels = new Map<string, Site>();
const labelsByIndex = new Map<number, Site>();

/** One of our own. */
export function site(name: string): Site {
  const known = byName.get(name) ?? namesake(name);
  if (known !== undefined) return known;
  assert(byIndex.length < LABELS_FROM, `a site is a literal, not one of many like '${name}'`);
  const made: Site = { name, hash: hashName(name), index: byIndex.length };
  byName.set(name, made);
  byIndex.push(made);
  return made;
}

/** One of a program, or of a record: our own where the name is the same. */
export function label(name: string): Site {
  const known = labels.get(name) ?? byName.get(name);
  if (known !== undefined) return known;
  if (typeof name !== 'string')
    throw new TypeError(`a site's name is a text, not ${inWords(name)}`);
  const hash = hashName(name);
  const at = hash >>> (32 - INDEX_BITS);
  const made: Site = { name, hash, index: at < LABELS_FROM ? at + LABELS_FROM : at };
  if (labels.size === LABELS_KEPT) forgetOldest();
  labels.set(name, made);
  labelsByIndex.set(made.index, made);
  return made;
}

/** By index. */
export function siteAt(index: number): Site {
  if (index < LABELS_FROM) return byIndex[index]!;
  return labelsByIndex.get(index) ?? { name: 'a label of an earlier run', hash: 0, index };
}

/** Whether it is none of our own: a record that came from a file may have numbered ours as labels. */
export function isLabel({ name }: Site): boolean {
  return !byName.has(name);
}

/** A label of that name, which a record had before our own site was met. It is kept from now on. */
function namesake(name: string): Site | undefined {
  const known = labels.get(name);
  if (known === undefined) return undefined;
  labels.delete(name);
  byName.set(name, known);
  return known;
}

function forgetOldest(): void {
  for (const oldest of labels.values()) {
    labels.delete(oldest.name);
    labelsByIndex.delete(oldest.index);
    return;
  }
}
