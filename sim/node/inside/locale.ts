/** `en-US` and UTC where the program does not say, whatever the machine has. */
import { type AnyFunction, define } from './host.ts';

const LOCALE = 'en-US';
const ZONE = 'UTC';
/** At the end of a date in words. */
const ZONE_NAME = /\(.*\)$/;

type Open = { [name: string]: AnyFunction };
type Constructor = (new (...args: unknown[]) => object) & AnyFunction;

/** In this realm, whose time zone is UTC already, where `holds` says so. */
export function installLocale(holds: () => boolean): void {
  const intl = Intl as unknown as { [name: string]: unknown };
  for (const name of Object.getOwnPropertyNames(intl)) {
    const real = intl[name];
    if (!/^[A-Z]/.test(name) || typeof real !== 'function' || name === 'Locale') continue;
    define(intl, { [name]: withDefaults(real as Constructor, name, holds) });
  }
  const { prototype } = Date as unknown as { prototype: Open };
  for (const kind of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const real = prototype[kind]!;
    define(prototype, {
      [kind](this: Date, locales?: unknown, options?: unknown) {
        if (!holds()) return real.call(this, locales, options);
        return real.call(this, localeOr(locales), zoned(options));
      },
    });
  }
  for (const kind of ['toString', 'toTimeString']) {
    const real = prototype[kind]!;
    define(prototype, {
      [kind](this: Date) {
        const text = real.call(this) as string;
        return holds() ? text.replace(ZONE_NAME, '(Coordinated Universal Time)') : text;
      },
    });
  }
  for (const type of [Number, BigInt, Array, Object.getPrototypeOf(Int8Array)]) {
    localeAt(0, type.prototype, 'toLocaleString', holds);
  }
  localeAt(0, String.prototype, 'toLocaleUpperCase', holds);
  localeAt(0, String.prototype, 'toLocaleLowerCase', holds);
  localeAt(1, String.prototype, 'localeCompare', holds);
}

function withDefaults(real: Constructor, name: string, holds: () => boolean): AnyFunction {
  function localized(this: unknown, ...args: unknown[]): unknown {
    const given = holds() ? defaults(args, name) : args;
    if (new.target === undefined) return Reflect.apply(real, this, given);
    const target = (new.target as unknown) === localized ? real : new.target;
    return Reflect.construct(real, given, target);
  }
  Object.defineProperties(localized, Object.getOwnPropertyDescriptors(real) as never);
  define(real.prototype as object, { constructor: localized });
  return localized;
}

function defaults([locales, options]: readonly unknown[], name: string): unknown[] {
  return [localeOr(locales), name === 'DateTimeFormat' ? zoned(options) : options];
}

/** Of null Node.js says what is wrong with it. */
function localeOr(given: unknown): unknown {
  return given === undefined ? LOCALE : given;
}

function zoned(options: unknown): object {
  return { timeZone: ZONE, ...Object(options) };
}

/** The method with the locale as its argument of this number, counted from 0. */
function localeAt(at: number, prototype: object, method: string, holds: () => boolean): void {
  const real = (prototype as Open)[method]!;
  define(prototype, {
    [method](this: unknown, ...args: unknown[]) {
      if (args[at] === undefined && holds()) args[at] = LOCALE;
      return Reflect.apply(real, this, args);
    },
  });
}
