/**
 * What all realms of a process share: classes and settings of Node.js. What one realm changes of
 * them is put back when it ends, so that the next begins as it would in a process of its own.
 */
import { outsideWorld } from '../../sched/inside-world.ts';
import { nodeModule } from '../loader/node-module.ts';

/** An object as it was when the realm came to it. */
interface Kept {
  readonly object: object;
  readonly prototype: object | null;
  readonly properties: ReadonlyMap<PropertyKey, PropertyDescriptor>;
  /** The same, in an order that is fast to go through. */
  readonly keys: readonly PropertyKey[];
  readonly descriptors: readonly PropertyDescriptor[];
}

type Open = { [key: PropertyKey]: unknown };

interface Setting {
  get(): unknown;
  set(value: unknown): void;
}

/** Of an exported class its prototype is gone through, and of neither the methods. */
const EXPORTED = 1;
const DEEPEST = 3;

const parts = new WeakMap<object, readonly Kept[]>();
const known = new WeakMap<object, Kept>();
let kept = new Map<object, Kept>();
/** What every realm can reach. */
let always: ReadonlyMap<object, Kept> | undefined;
let settings: readonly Setting[] | undefined;
let values: readonly unknown[] | undefined;

/** A realm begins, which can reach the modules and the globals. Settings are kept as they are now. */
export function beginShared(modules: readonly object[], globals: PropertyDescriptorMap): void {
  endShared();
  // Each at once: a run may be cut off between any two of these.
  outsideWorld(() => {
    always ??= reachedBy(modules, globals);
    settings ??= settingsOfNode();
    values = settings.map((setting) => setting.get());
  });
}

function reachedBy(modules: readonly object[], globals: PropertyDescriptorMap): Map<object, Kept> {
  const all = new Map<object, Kept>();
  for (const module of modules) for (const as of partsOf(module, 0)) all.set(as.object, as);
  for (const { value } of Object.values(globals)) {
    if (isObject(value)) for (const as of partsOf(value, EXPORTED)) all.set(as.object, as);
  }
  return all;
}

/** The realm can reach it from now on: a module of Node.js and its exports, or one of these. */
export function keepShared(root: object, depth = 0): void {
  if (values === undefined) return;
  outsideWorld(() => {
    for (const as of partsOf(root, depth)) if (!always!.has(as.object)) kept.set(as.object, as);
  });
}

function partsOf(root: object, depth: number): readonly Kept[] {
  let reached = parts.get(root);
  if (reached === undefined) {
    const seen = new Map<object, Kept>();
    reach(root, depth, seen);
    reached = [...seen.values()];
    parts.set(root, reached);
  }
  return reached;
}

/** The same of what is a global. */
export function keepGlobal(value: unknown): void {
  if (isObject(value)) keepShared(value, EXPORTED);
}

/** The realm has ended: what it has changed is put back. */
export function endShared(): void {
  if (values === undefined) return;
  outsideWorld(() => {
    for (const all of [always!, kept]) {
      for (const as of all.values()) if (!isAs(as)) putBack(as);
    }
    settings!.forEach((setting, at) => {
      if (setting.get() !== values![at]) setting.set(values![at]);
    });
  });
  kept = new Map();
  values = undefined;
}

/** Goes by what is kept already: what this realm has added is not for the others. */
function reach(object: object, depth: number, seen: Map<object, Kept>): void {
  if (seen.has(object)) return;
  const as = asItIs(object);
  seen.set(object, as);
  if (as.prototype !== null) reach(as.prototype, Math.max(depth, DEEPEST - 1), seen);
  if (depth === DEEPEST) return;
  for (const [key, property] of as.properties) {
    // Other getters of modules warn, or load more.
    const value = key === 'promises' ? (object as Open)[key] : property.value;
    if (!isObject(value) || (typeof value === 'function' && depth >= EXPORTED)) continue;
    reach(value, depth + 1, seen);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Read once per process: at the end of each realm it is so again. */
function asItIs(object: object): Kept {
  const earlier = known.get(object);
  if (earlier !== undefined) return earlier;
  const properties = new Map<PropertyKey, PropertyDescriptor>();
  for (const key of Reflect.ownKeys(object)) {
    properties.set(key, Object.getOwnPropertyDescriptor(object, key)!);
  }
  const as = {
    object,
    prototype: Object.getPrototypeOf(object) as object | null,
    properties,
    keys: [...properties.keys()],
    descriptors: [...properties.values()],
  };
  known.set(object, as);
  return as;
}

function isAs({ object, prototype, keys, descriptors }: Kept): boolean {
  if (Object.getPrototypeOf(object) !== prototype) return false;
  const now = Reflect.ownKeys(object);
  if (now.length !== keys.length) return false;
  for (let at = 0; at < now.length; at++) {
    const key = now[at]!;
    if (key !== keys[at]) return false;
    if (!same(Object.getOwnPropertyDescriptor(object, key)!, descriptors[at]!)) return false;
  }
  return true;
}

function same(a: PropertyDescriptor, b: PropertyDescriptor): boolean {
  return (
    Object.is(a.value, b.value) &&
    a.get === b.get &&
    a.set === b.set &&
    a.writable === b.writable &&
    a.enumerable === b.enumerable &&
    a.configurable === b.configurable
  );
}

/** All but what the realm has made unchangeable. */
function putBack({ object, prototype, properties }: Kept): void {
  Reflect.setPrototypeOf(object, prototype);
  const missing = [...properties.keys()].some((key) => !Object.hasOwn(object, key));
  for (const key of Reflect.ownKeys(object)) {
    // A property that comes back comes last: the others have to as well, for their order.
    if (missing || !properties.has(key)) Reflect.deleteProperty(object, key);
  }
  for (const [key, property] of properties) {
    const now = Object.getOwnPropertyDescriptor(object, key);
    if (now === undefined || !same(now, property)) Reflect.defineProperty(object, key, property);
  }
}

/** What Node.js keeps behind accessors and functions. */
function settingsOfNode(): readonly Setting[] {
  const { EventEmitter } = nodeModule('events') as typeof import('node:events');
  const stream = nodeModule('stream') as typeof import('node:stream');
  const { inspect } = nodeModule('util') as typeof import('node:util');
  const options = inspect.defaultOptions as { [name: string]: unknown };
  return [
    property(EventEmitter, 'defaultMaxListeners'),
    property(EventEmitter, 'captureRejections'),
    property(nodeModule('buffer') as object, 'INSPECT_MAX_BYTES'),
    ...Object.keys(options).map((name) => property(options, name)),
    ...[false, true].map((objects) => ({
      get: () => stream.getDefaultHighWaterMark(objects),
      set: (value: unknown) => stream.setDefaultHighWaterMark(objects, value as number),
    })),
  ];
}

function property(object: object, name: string): Setting {
  const open = object as { [name: string]: unknown };
  return {
    get: () => open[name],
    set: (value) => {
      open[name] = value;
    },
  };
}
