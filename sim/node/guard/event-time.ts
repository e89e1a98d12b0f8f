/**
 * Events of the web (`Event`, and what `AbortController` dispatches) take the real time of their making
 * for themselves. While a world runs they show its own time instead, to who asks and to who prints them.
 */
import { type InspectOptions, inspect } from 'node:util';
import { insideWorld } from '../../sched/inside-world.ts';
import { currentSink } from '../../sched/sink.ts';
import { NS_PER_MS } from '../../time/units.ts';
import { escaped } from './escape.ts';
import { portsNow } from './realm-ports.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type EventClass = new (...args: never[]) => Event;

const moments = new WeakMap<object, number>();

/** The class for realms, whose events know when they were made; others, when first asked. */
export function timed(Real: EventClass): EventClass {
  return new Proxy(Real, {
    construct(target, args, newTarget): object {
      const event = Reflect.construct(target, args, newTarget) as object;
      momentOf(event);
      return event;
    },
  });
}

export function guardEvents(): void {
  const { prototype } = Event;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'timeStamp')!;
  const real = descriptor.get as AnyFunction;
  const get = function timeStamp(this: object): unknown {
    const realMs = real.call(this);
    if (!insideWorld()) return realMs;
    if (portsNow() === undefined) throw escaped('Event.timeStamp', get);
    return momentOf(this);
  };
  Object.defineProperty(prototype, 'timeStamp', { ...descriptor, get });
  const show = (prototype as unknown as { [inspect.custom]: AnyFunction })[inspect.custom];
  Object.defineProperty(prototype, inspect.custom, {
    value(this: Event, ...args: [depth: number, options: InspectOptions]): unknown {
      const shown = show.apply(this, args);
      const [depth, options] = args;
      if (!insideWorld() || depth < 0) return shown;
      // As Node.js does it: the length of the real time might decide where lines break.
      const { type, defaultPrevented, cancelable } = this;
      const inner = typeof options.depth === 'number' ? options.depth - 1 : options.depth;
      const event = { type, defaultPrevented, cancelable, timeStamp: momentOf(this) };
      return `${this.constructor.name} ${inspect(event, { ...options, depth: inner })}`;
    },
    configurable: true,
    writable: true,
  });
}

function momentOf(event: object): number {
  let moment = moments.get(event);
  if (moment === undefined) {
    moment = portsNow()?.monotonicMs() ?? (currentSink()?.nowNs ?? 0) / NS_PER_MS;
    moments.set(event, moment);
  }
  return moment;
}
