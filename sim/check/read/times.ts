// When the calls of a file began and ended. Nanoseconds since 1970 have more digits than a double:
// then all times are told from the earliest on, which keeps each of them exact.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { isRecord, print } from '../plain.ts';
import type { JsonValue } from './json.ts';

export interface Times {
  readonly called: number;
  readonly returned: number;
}

type Written = number | bigint;

/**
 * `called` and `returned` of each map, the line's position and never where they are left out.
 * `origin` is what was subtracted from all of them.
 *
 * @throws HistoryError `malformed` for what is no number, or cannot be told exactly
 */
export function timesIn(values: readonly JsonValue[]): {
  readonly times: readonly Times[];
  readonly origin?: bigint;
} {
  let isExact = true;
  const written = values.map(({ value, line }, position) => {
    const map = isRecord(value) ? value : {};
    const called = timeIn(map['called'] ?? position, 'called', line);
    const returned = timeIn(map['returned'] ?? Infinity, 'returned', line);
    isExact &&= typeof called === 'number' && typeof returned === 'number';
    return { called, returned };
  });
  if (isExact) return { times: written as readonly Times[] };
  const origin = earliest(written.flatMap(({ called, returned }) => [called, returned]));
  const times = written.map(({ called, returned }, i) => {
    const { line } = values[i]!;
    return { called: since(origin, called, line), returned: since(origin, returned, line) };
  });
  return { times, origin };
}

function timeIn(time: Plain, name: string, line: number): Written {
  if (typeof time === 'string' && /^-?\d{16,}$/.test(time)) return BigInt(time);
  if (typeof time !== 'number') {
    throw new HistoryError('malformed', `${name} is a number, not ${print(time)}`, { line });
  }
  if (!Number.isFinite(time) || Math.abs(time) <= Number.MAX_SAFE_INTEGER) return time;
  const message = `${name} is ${time}, which has lost its last digits; write it as a whole number`;
  throw new HistoryError('malformed', message, { line });
}

function earliest(times: readonly Written[]): bigint {
  let origin: bigint | undefined;
  for (const time of times) {
    if (time === Infinity) continue;
    const whole = typeof time === 'bigint' ? time : BigInt(Math.floor(time));
    if (origin === undefined || whole < origin) origin = whole;
  }
  return origin!;
}

function since(origin: bigint, time: Written, line: number): number {
  if (time === Infinity) return Infinity;
  if (typeof time === 'number' && !Number.isInteger(time)) {
    const message = `${time} stands among times of more than 16 digits; write whole numbers`;
    throw new HistoryError('malformed', message, { line });
  }
  const after = BigInt(time) - origin;
  if (after <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(after);
  const message = `${time} is more than 2^53 after ${origin}, the earliest time; tell times from the same moment on`;
  throw new HistoryError('malformed', message, { line });
}
