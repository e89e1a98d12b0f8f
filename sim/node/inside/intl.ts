/** `Intl.DateTimeFormat` on the node's clock. */
import { type AnyFunction, define } from './host.ts';

/** A format without a date formats now. */
export function installIntl(nowMs: () => number): void {
  const { prototype } = Intl.DateTimeFormat;
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'format')!;
  Object.defineProperty(prototype, 'format', {
    configurable: true,
    get(this: Intl.DateTimeFormat) {
      const format = get!.call(this) as (date: unknown) => string;
      return (date: unknown = nowMs()) => format(date);
    },
  });
  const formatToParts = prototype.formatToParts as AnyFunction;
  define(prototype, {
    formatToParts(this: Intl.DateTimeFormat, date: unknown = nowMs()) {
      return formatToParts.call(this, date);
    },
  });
}
