/**
 * What programs hold of the world, as a file or a timer, has all of the world behind it. Shown are its
 * class and its names alone. Nothing of the program is called: getters and proxies stay as they are.
 */
import { types } from 'node:util';
import { ProgramRandom } from '../choice/program-random.ts';
import { MountedDisk, OpenFile } from '../disk/disk.ts';
import { PlainDatagram } from '../env/requests.ts';
import { NodeMemory } from '../memory/memory.ts';
import { PortPool } from '../memory/pool.ts';
import { SimListener, SimSocket } from '../net/stack.ts';
import { StreamEnd } from '../net/stream.ts';
import { NodeThreads } from '../node/node-threads.ts';
import { NodeNet, SimEnv } from '../node/simulated-env.ts';
import { SimProcess } from '../proc/process.ts';
import { Callback } from '../time/callback.ts';
import { NodeClock } from '../time/clock.ts';
import { EventLoop } from '../time/loop.ts';

const OURS: readonly (abstract new (...args: never) => object)[] = [
  Callback,
  EventLoop,
  MountedDisk,
  NodeClock,
  NodeMemory,
  NodeNet,
  NodeThreads,
  OpenFile,
  PlainDatagram,
  PortPool,
  ProgramRandom,
  SimEnv,
  SimListener,
  SimProcess,
  SimSocket,
  StreamEnd,
];

/** Parts of one object that are looked at: more are not shown either. */
const PARTS_MAX = 50;

/** The value, or where it holds ours down to `depth`, a copy with short ones in their place. */
export function withoutOurs(value: unknown, depth: number): unknown {
  return holdsOurs(value, depth, new Set()) ? copyOf(value, depth, new Map()) : value;
}

function isOurs(value: object): boolean {
  return OURS.some((ours) => value instanceof ours);
}

/** Has parts that can be read without calling anything. */
function isOpen(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !types.isProxy(value);
}

function holdsOurs(value: unknown, depth: number, seen: Set<object>): boolean {
  if (!isOpen(value) || seen.has(value)) return false;
  if (isOurs(value)) return true;
  seen.add(value);
  return depth >= 0 && partsOf(value).some((part) => holdsOurs(part, depth - 1, seen));
}

function partsOf(value: object): readonly unknown[] {
  if (types.isMap(value)) return [...Map.prototype.entries.call(value)].slice(0, PARTS_MAX).flat();
  if (types.isSet(value)) return [...Set.prototype.values.call(value)].slice(0, PARTS_MAX);
  if (ArrayBuffer.isView(value)) return [];
  const keys = Reflect.ownKeys(value).slice(0, PARTS_MAX);
  return keys.map((key) => Object.getOwnPropertyDescriptor(value, key)!.value as unknown);
}

function copyOf(value: unknown, depth: number, copies: Map<object, object>): unknown {
  if (!isOpen(value)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (isOurs(value)) return shortened(value);
  if (depth < 0 || !isCopied(value)) return value;
  const of = (part: unknown): unknown => copyOf(part, depth - 1, copies);
  const copy = emptied(value);
  copies.set(value, copy);
  if (types.isMap(value)) {
    Map.prototype.forEach.call(value, (held, key) =>
      (copy as Map<unknown, unknown>).set(of(key), of(held)),
    );
  } else if (types.isSet(value)) {
    Set.prototype.forEach.call(value, (held) => (copy as Set<unknown>).add(of(held)));
  }
  for (const key of Reflect.ownKeys(value)) {
    const found = Object.getOwnPropertyDescriptor(value, key)!;
    if ('value' in found) found.value = of(found.value);
    Object.defineProperty(copy, key, found);
  }
  return copy;
}

/** Others hold what they are in slots that a copy has not. */
function isCopied(value: object): boolean {
  if (Array.isArray(value) || types.isMap(value) || types.isSet(value)) return true;
  const { isDate, isRegExp, isPromise, isNativeError, isBoxedPrimitive } = types;
  const isOther = [isDate, isRegExp, isPromise, isNativeError, isBoxedPrimitive];
  return !ArrayBuffer.isView(value) && !isOther.some((is) => is(value));
}

function emptied(value: object): object {
  const empty = Array.isArray(value)
    ? []
    : types.isMap(value)
      ? new Map()
      : types.isSet(value)
        ? new Set()
        : {};
  return Object.setPrototypeOf(empty, Object.getPrototypeOf(value) as object | null) as object;
}

/** Its class, and what names it. */
function shortened(value: object): object {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(value));
  const names = properties.filter(([, { value: part }]) => typeof part === 'string');
  return Object.create(Object.getPrototypeOf(value) as object, Object.fromEntries(names)) as object;
}
