/** Properties that read the real world when they are looked at: they ask whether a world is running. */
import { insideWorld } from '../../sched/inside-world.ts';
import { escaped } from './escape.ts';

/** Of `navigator`, from Node.js 21 on. */
const OF_MACHINE = ['hardwareConcurrency', 'language', 'languages'];

type Getter = (this: unknown) => unknown;

export function guardAccessors(): void {
  for (const name of ['timeOrigin', 'nodeTiming']) {
    refuseLook(Object.getPrototypeOf(performance), name, `performance.${name}`);
  }
  for (const name of ['report', 'stdin', 'finalization']) {
    refuseLook(process, name, `process.${name}`);
  }
  for (const name of ['localStorage', 'sessionStorage']) refuseLook(globalThis, name, name);
  const { navigator } = globalThis as { navigator?: object };
  for (const name of OF_MACHINE) {
    if (navigator) refuseLook(Object.getPrototypeOf(navigator), name, `navigator.${name}`);
  }
  guardFormat();
}

function refuseLook(object: object, key: string, called: string): void {
  const found = Object.getOwnPropertyDescriptor(object, key);
  if (found === undefined || !found.configurable) return;
  const { enumerable = false, value } = found;
  const real = (found.get as Getter | undefined) ?? (() => value);
  const get: Getter = function () {
    if (insideWorld()) throw escaped(called, get);
    return real.call(this);
  };
  Object.defineProperty(object, key, { get, enumerable, configurable: true });
}

type Format = (date?: unknown) => unknown;

/** With a date a pure function; without, it reads the clock. */
function guardFormat(): void {
  const { prototype } = Intl.DateTimeFormat;
  const found = Object.getOwnPropertyDescriptor(prototype, 'format')!;
  const real = found.get as (this: unknown) => Format;
  Object.defineProperty(prototype, 'format', {
    ...found,
    get(this: unknown): Format {
      return withDate(real.call(this), 'Intl.DateTimeFormat.format');
    },
  });
  const parts = prototype.formatToParts as Format;
  Object.defineProperty(prototype, 'formatToParts', {
    value(this: unknown, date?: unknown): unknown {
      return withDate((at) => parts.call(this, at), 'Intl.DateTimeFormat.formatToParts')(date);
    },
    configurable: true,
    writable: true,
  });
}

function withDate(format: Format, called: string): Format {
  const dated: Format = (date) => {
    if (date === undefined && insideWorld()) throw escaped(called, dated);
    return format(date);
  };
  return dated;
}
