/**
 * What probably decided in a run that its seed does not. Whatever reads a clock, draws, or asks the
 * machine is an escape and fails by itself; what is left for two runs of one seed to differ by is
 *
 *     what a run left for the next     a property of a global or built-in object, found by comparing
 *                                      them before and after; a variable outside of what each run
 *                                      makes anew, found in the code of the functions on the stacks
 *     what was taken before any run    Math.random and the like, kept under another name
 *     another context of node:vm       it has a clock and random numbers of its own
 *     how deep the stack was           when a recursion has used it up
 *
 * The first is seen, the rest is likely: it is there, and near.
 */
import { nodeModule } from '../node/loader/node-module.ts';
import type { FrameAt } from './frame-text.ts';
import { keptNear } from './kept-variables.ts';

/** A sentence without a full stop. */
export type Culprit = string;

/** Values by path, of properties that outlast a run. */
export type Globals = ReadonlyMap<string, unknown>;

/** They change by themselves, or while the harness works. */
const RESTLESS = /^(process|console|RegExp|performance|Error)\b/;

/** Modules of Node.js whose classes programs use. */
const MODULES = [
  'assert',
  'async_hooks',
  'buffer',
  'crypto',
  'diagnostics_channel',
  'events',
  'fs',
  'http',
  'net',
  'path',
  'stream',
  'string_decoder',
  'url',
  'util',
  'zlib',
] as const;

/** Of the global object, of classes of the language and of Node.js, their prototypes and methods. */
export function globalsNow(): Globals {
  const values = new Map<string, unknown>();
  const seen = new Set<unknown>([globalThis]);
  const note = (object: object, path: string, within: number): void => {
    for (const key of Reflect.ownKeys(object)) {
      const found = Object.getOwnPropertyDescriptor(object, key);
      if (found === undefined || !('value' in found)) continue;
      const name = path === '' ? String(key) : `${path}.${String(key)}`;
      if (RESTLESS.test(name)) continue;
      const value: unknown = found.value;
      values.set(name, weighable(value));
      const isPart = typeof value === 'function' || key === 'prototype';
      if (within === 0 || !isPart || value === null || seen.has(value)) continue;
      seen.add(value);
      note(value as object, name, within - 1);
    }
  };
  note(globalThis, '', WITHIN);
  for (const name of MODULES) {
    const module = nodeModule(name) as object;
    if (!seen.has(module)) note(module, pathOf(name, module), WITHIN);
    seen.add(module);
  }
  return values;
}

/** As programs name what is in it: `EventEmitter`, `Buffer`, `stream.Readable`. */
function pathOf(name: string, module: object): string {
  if (typeof module === 'function') return module.name;
  return name === 'buffer' ? '' : name;
}

/** A class, its prototype, a method, and a property of that. */
const WITHIN = 3;

/** Objects change from within: what they hold counts, and not which they are. */
function weighable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const size = value instanceof Map || value instanceof Set ? value.size : 0;
  return `${Object.keys(value).length} ${size}`;
}

/** The first property that a run has left otherwise than it found it. */
function keptGlobal(before: Globals, after: Globals): Culprit | undefined {
  for (const [name, value] of after) {
    if (before.has(name) && Object.is(before.get(name), value)) continue;
    const path = name.includes('.') ? name : `globalThis.${name}`;
    return `${path} is kept from one run to the next: the first run has left it changed`;
  }
  return undefined;
}

export interface Evidence {
  /** The program's frames where the runs part, innermost first, and then those before. */
  readonly frames: readonly FrameAt[];
  /** Before and after the first run. */
  readonly globals: readonly [Globals, Globals];
  /** What the two runs came to, in words. */
  readonly told: readonly string[];
}

export function culpritOf({ frames, globals, told }: Evidence): Culprit | undefined {
  const [before, after] = globals;
  if (told.some((text) => text.includes('Maximum call stack size exceeded'))) {
    return 'a recursion used up the stack, which is as deep as the machine and the compiler make it';
  }
  return keptGlobal(before, after) ?? keptNear(frames);
}
