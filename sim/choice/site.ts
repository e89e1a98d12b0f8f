import { assert } from '../env/assert.ts';
import { SITES_MAX } from '../trace/record.ts';
import { hashName } from './mix.ts';

/**
 * A place in the code that asks for decisions or makes steps, named by a literal: `net.loss`.
 *
 * Draws depend on `hash`, so on the name alone. `index` is a small number for tables; it depends on
 * the order in which a process met its sites, so it never reaches a draw, a digest or a file.
 */
export interface Site {
  readonly name: string;
  readonly hash: number;
  readonly index: number;
}

const byName = new Map<string, Site>();
const byIndex: Site[] = [];

export function site(name: string): Site {
  const known = byName.get(name);
  if (known !== undefined) return known;
  // A name built from data would fill the table without end.
  assert(byIndex.length < SITES_MAX, `a site is a literal, not one of many names like '${name}'`);
  const made: Site = { name, hash: hashName(name), index: byIndex.length };
  byName.set(name, made);
  byIndex.push(made);
  return made;
}

export function siteAt(index: number): Site {
  return byIndex[index]!;
}
