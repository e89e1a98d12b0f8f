/** Locale and time zone: `en-US` and UTC where the program does not say, whatever the machine has. */
import { type AnyFunction, define } from './host.ts';

const LOCALE = 'en-US';
const ZONE = 'UTC';

type Open = { [name: string]: AnyFunction };
type Constructor = (new (...args: unknown[]) => object) & AnyFunction;

export function installIntl(nowMs: () => number): void {
  const intl = Intl as unknown as { [name: string]: unknown };
  for (const name of Object.getOwnPropertyNames(intl)) {
    const real = intl[name];
    if (!/^[A-Z]/.test(name) || typeof real !== 'function' || name === 'Locale') continue;
    define(intl, { [name]: withDefaults(real as Constructor, name) });
  }
  formatsVirtualNow(Intl.DateTimeFormat.prototype as unknown as Open, nowMs);
  for (const type of [Number, BigInt, Array]) localeFirst(type.prototype, 'toLocaleString');
  localeFirst(String.prototype, 'toLocaleUpperCase');
  localeFirst(String.prototype, 'toLocaleLowerCase');
  const { localeCompare } = String.prototype;
  define(String.prototype, {
    localeCompare(this: string, that: string, locales = LOCALE, options?: object) {
      return localeCompare.call(this, that, locales, options as Intl.CollatorOptions);
    },
  });
}

function withDefaults(real: Constructor, name: string): AnyFunction {
  function localized(this: unknown, locales: unknown = LOCALE, options?: unknown): unknown {
    const given =
      name === 'DateTimeFormat' ? { timeZone: ZONE, ...Object(options) } : (options as object);
    if (new.target === undefined) return real(locales, given);
    const target = (new.target as unknown) === localized ? real : new.target;
    return Reflect.construct(real, [locales, given], target);
  }
  Object.defineProperties(localized, Object.getOwnPropertyDescriptors(real) as never);
  return localized;
}

/** A format without a date formats now. */
function formatsVirtualNow(formats: Open, nowMs: () => number): void {
  const { get } = Object.getOwnPropertyDescriptor(formats, 'format')!;
  Object.defineProperty(formats, 'format', {
    configurable: true,
    get(this: Intl.DateTimeFormat) {
      const format = get!.call(this) as (date: unknown) => string;
      return (date: unknown = nowMs()) => format(date);
    },
  });
  const { formatToParts } = formats;
  define(formats, {
    formatToParts(this: Intl.DateTimeFormat, date: unknown = nowMs()) {
      return formatToParts!.call(this, date);
    },
  });
}

function localeFirst(prototype: object, method: string): void {
  const real = (prototype as Open)[method]!;
  define(prototype, {
    [method](this: unknown, locales: unknown = LOCALE, ...rest: unknown[]) {
      return real.call(this, locales, ...rest);
    },
  });
}
