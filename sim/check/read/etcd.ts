// The logs of a register in etcd, as Jepsen printed them in 2014: tabs between the fields.
//
//   INFO  jepsen.util - 0	:invoke	:cas	[1 3]
//   INFO  jepsen.util - 0	:ok	:cas	[1 3]
//   INFO  jepsen.util - 2	:fail	:read	:timed-out
//   INFO  jepsen.util - 4	:info	:write	:timed-out
//   INFO  jepsen.util - :nemesis	:info	:start	nil
//
// A compare-and-set that failed is an observation: the register held something else. A read that
// timed out says nothing; a write that did may still happen, even where it is said to have failed.
// Lines of the nemesis are marks. All other lines are skipped: a log has stack traces in it.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { isList } from '../plain.ts';
import { type EdnValue, readEdn } from './edn.ts';
import { type Disturbance, type Event, historyOfEvents } from './events.ts';
import type { Recorded } from './recorded.ts';

const UTIL_LINE = /(?:^|\s)INFO\s+jepsen\.util\s+-\s+(\S+)\s+:(\S+)\s+:(\S+)\s*(.*)$/;
const OPERATIONS = new Set(['read', 'write', 'cas']);

/** @throws HistoryError `malformed` */
export function readEtcd(text: string): Recorded {
  const events: (Event | Disturbance)[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const match = UTIL_LINE.exec(content.trimEnd());
    if (match !== null) events.push(eventOf(match, index + 1));
  }
  return historyOfEvents(events);
}

function eventOf(
  [, process, type, name, rest]: RegExpExecArray,
  line: number,
): Event | Disturbance {
  if (process === ':nemesis') return { label: name! };
  if (!/^\d+$/.test(process!) || !OPERATIONS.has(name!)) {
    throw new HistoryError('malformed', `process ${process} does ${name}`, { line });
  }
  const { value, reason } = valueIn(rest!, line);
  const at = { process: process!, name: name!, line };
  switch (type) {
    case 'invoke':
      if (name === 'cas' && !(isList(value) && value.length === 2)) {
        throw new HistoryError('malformed', `cas takes two values, not ${rest}`, { line });
      }
      return { ...at, type, value, reason: undefined };
    case 'ok':
      return { ...at, type, value: name === 'cas' ? true : value, reason };
    case 'fail':
      if (name === 'cas' && reason === undefined)
        return { ...at, type: 'ok', value: false, reason };
      if (name !== 'read' && reason === 'timed-out') return { ...at, type: 'info', value, reason };
      return { ...at, type, value, reason };
    case 'info':
      return { ...at, type, value, reason };
    default:
      throw new HistoryError('malformed', `"${type}" is no end of an operation`, { line });
  }
}

/** What stands after the operation: its value, or why it has none. */
function valueIn(rest: string, line: number): { value: Plain; reason: string | undefined } {
  const reason = /^:(\S+)/.exec(rest)?.[1];
  if (reason !== undefined) return { value: null, reason };
  // One value in a list of its own, so that a pair is not taken for two values.
  const values: readonly EdnValue[] = edn(`[${rest}]`, line);
  return { value: values[0]?.value ?? null, reason: undefined };
}

function edn(text: string, line: number): readonly EdnValue[] {
  try {
    return readEdn(text);
  } catch (error) {
    if (error instanceof HistoryError) throw new HistoryError(error.code, error.message, { line });
    throw error;
  }
}
