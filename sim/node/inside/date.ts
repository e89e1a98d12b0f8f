/** `Date` on the node's clock, in UTC whatever the machine's zone (ECMA-262, 21.4). */
import { define, type Host } from './host.ts';

const UNITS = ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'] as const;
/** At the end of a date in words: a time zone is given. */
const ZONED = /(?:(?<=[\d\s])Z|[+-]\d\d(?::?\d\d)?|\b(?:UTC?|GMT|[ECMP][SD]T))(?:\s*\(.*\))?\s*$/i;
/** A date alone in ISO form is UTC already. */
const ISO_DATE = /^\s*(?:\d{4}|[+-]\d{6})(?:-\d\d){0,2}\s*$/;

type Methods = { [name: string]: (this: Date, ...args: unknown[]) => unknown };

export function installDate({ clock, types }: Host): void {
  const RealDate = Date;
  const parseReal = RealDate.parse;

  const parse = (text: string): number => {
    const zoned = parseReal(text);
    if (Number.isNaN(zoned) || ISO_DATE.test(text) || ZONED.test(text)) return zoned;
    const utc = parseReal(`${text}Z`);
    if (!Number.isNaN(utc)) return utc;
    const inWords = parseReal(`${text} UTC`);
    return Number.isNaN(inWords) ? zoned : inWords;
  };

  const timeOf = (args: readonly unknown[]): number => {
    if (args.length === 0) return clock.wallMs();
    if (args.length > 1) return RealDate.UTC(...(args as [number, number]));
    const [given] = args;
    if (types.isDate(given)) return given.valueOf();
    const value = primitive(given);
    return typeof value === 'string' ? parse(value) : Number(value);
  };

  function SimulatedDate(this: unknown, ...args: unknown[]): Date | string {
    if (new.target === undefined) return new RealDate(clock.wallMs()).toString();
    const target = (new.target as unknown) === SimulatedDate ? RealDate : new.target;
    return Reflect.construct(RealDate, [timeOf(args)], target);
  }
  Object.defineProperty(SimulatedDate, 'prototype', { value: RealDate.prototype, writable: false });
  Object.defineProperty(SimulatedDate, 'length', { value: 7 });
  Object.defineProperty(SimulatedDate, 'name', { value: 'Date' });
  define(SimulatedDate, {
    now: () => clock.wallMs(),
    parse: (text: unknown) => parse(String(text)),
    UTC: RealDate.UTC,
  });
  define(RealDate.prototype, { constructor: SimulatedDate });
  localIsUtc(RealDate.prototype as unknown as Methods);
  define(globalThis, { Date: SimulatedDate });
}

function primitive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const convert = (value as { [Symbol.toPrimitive]?: (hint: string) => unknown })[
    Symbol.toPrimitive
  ];
  if (convert !== undefined) return convert.call(value, 'default');
  const plain = value.valueOf();
  return typeof plain === 'object' ? String(value) : plain;
}

function localIsUtc(dates: Methods): void {
  const methods: Methods = {};
  for (const unit of UNITS) {
    methods[`get${unit}`] = dates[`getUTC${unit}`]!;
    methods[`set${unit}`] = dates[`setUTC${unit}`]!;
  }
  const inUtc = dates['toUTCString']!;
  define(dates, {
    ...methods,
    getDay: dates['getUTCDay'],
    getTimezoneOffset(this: Date) {
      return Number.isNaN(this.valueOf()) ? Number.NaN : 0;
    },
    getYear(this: Date) {
      return this.getUTCFullYear() - 1900;
    },
    toDateString(this: Date) {
      const words = /^(\w+), (\d+) (\w+) (-?\d+)/.exec(String(inUtc.call(this)));
      return words === null ? 'Invalid Date' : `${words[1]} ${words[3]} ${words[2]} ${words[4]}`;
    },
    toTimeString(this: Date) {
      const time = / (\d\d:\d\d:\d\d) GMT$/.exec(String(inUtc.call(this)));
      return time === null ? 'Invalid Date' : `${time[1]} GMT+0000 (Coordinated Universal Time)`;
    },
    toString(this: Date) {
      if (Number.isNaN(this.valueOf())) return 'Invalid Date';
      return `${this.toDateString()} ${this.toTimeString()}`;
    },
  });
}
