/**
 * A `File` takes the real time of its making for `lastModified`, unless it is told one. While a world
 * runs it shows the realm's own time; programs, which have none, have to tell it.
 */
import { type InspectOptions, inspect } from 'node:util';
import { insideWorld } from '../../sched/inside-world.ts';
import { escaped } from './escape.ts';
import { portsNow } from './realm-ports.ts';

type Open = { [key: PropertyKey]: unknown };
type Show = (this: File, ...args: [depth: number, options: InspectOptions]) => unknown;

/** Those that were told. */
const dated = new WeakSet<object>();
const moments = new WeakMap<object, number>();

export function guardFiles(buffer: Open): void {
  const RealFile = buffer['File'] as typeof File;
  const { prototype } = RealFile;
  const Guarded = new Proxy(RealFile, {
    construct(target, args, newTarget): object {
      const file = Reflect.construct(target, args, newTarget) as object;
      const options = args[2] as { lastModified?: unknown } | undefined;
      if (options?.lastModified !== undefined) dated.add(file);
      else if (insideWorld()) momentOf(file);
      return file;
    },
  });
  for (const holder of [globalThis as Open, buffer]) {
    Object.defineProperty(holder, 'File', { value: Guarded, configurable: true, writable: true });
  }
  Object.defineProperty(prototype, 'constructor', { value: Guarded });
  const found = Object.getOwnPropertyDescriptor(prototype, 'lastModified')!;
  const real = found.get as (this: object) => number;
  const get = function lastModified(this: object): number {
    const realMs = real.call(this);
    if (!insideWorld() || dated.has(this)) return realMs;
    const moment = momentOf(this);
    if (moment === undefined) throw escaped('File.lastModified', get);
    return moment;
  };
  Object.defineProperty(prototype, 'lastModified', { ...found, get });
  const shown = (prototype as unknown as { [inspect.custom]: Show })[inspect.custom];
  Object.defineProperty(prototype, inspect.custom, {
    value(this: File, ...args: Parameters<Show>): unknown {
      const [depth, options] = args;
      if (!insideWorld() || depth < 0) return shown.apply(this, args);
      const { size, type, name, lastModified } = this;
      const inner = typeof options.depth === 'number' ? options.depth - 1 : null;
      return `File ${inspect({ size, type, name, lastModified }, { ...options, depth: inner })}`;
    },
    configurable: true,
    writable: true,
  });
}

/** One that was made where nobody saw it is as old as the first look at it. */
function momentOf(file: object): number | undefined {
  let moment = moments.get(file);
  if (moment === undefined) {
    moment = portsNow()?.wallMs();
    if (moment !== undefined) moments.set(file, moment);
  }
  return moment;
}
