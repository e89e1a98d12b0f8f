/** Plain data as stories say it. */
import type { Plain } from '../env/net.ts';

const LENGTH_MAX = 120;

export function spoken(value: Plain): string {
  const text =
    value instanceof Uint8Array
      ? `${value.length} bytes`
      : JSON.stringify(value, (_, part: Plain) =>
          part instanceof Uint8Array ? `${part.length} bytes` : part,
        );
  return text.length <= LENGTH_MAX ? text : `${text.slice(0, LENGTH_MAX - 1)}…`;
}

/** As the arguments of a call: nothing for null. */
export function spokenArgument(value: Plain): string {
  return value === null ? '' : spoken(value);
}
