// Jepsen's and Elle's histories: maps of `process`, `type`, `f` and `value`, in EDN or JSON, one
// after another or in one list. Nemesis events are marks. Elle's transactions may lack `process`
// and `f`.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { isList, isRecord, print } from '../plain.ts';
import { type EdnValue, readEdn } from './edn.ts';
import { type Disturbance, type Event, historyOfEvents } from './events.ts';
import { readJson } from './json.ts';
import type { Recorded } from './recorded.ts';

/** @throws HistoryError `malformed` */
export function readJepsenEdn(text: string): Recorded {
  return historyOfEvents(readEdn(text).map(eventOf));
}

/** @throws HistoryError `malformed` */
export function readJepsenJson(text: string): Recorded {
  return historyOfEvents(readJson(text).map(eventOf));
}

/**
 * The key-value histories of porcupine: EDN maps, one a line, whose `key` stands beside the value.
 *
 * @throws HistoryError `malformed`
 */
export function readKv(text: string): Recorded {
  return historyOfEvents(
    readEdn(text).map((map) => {
      const event = eventOf(map);
      return 'label' in event ? event : withKey(event, map);
    }),
  );
}

function eventOf({ value: map, line }: EdnValue): Event | Disturbance {
  if (!isRecord(map)) {
    throw new HistoryError('malformed', `an event is a map, not ${print(map)}`, { line });
  }
  const { process, f, value = null, error = null } = map as Readonly<Record<string, Plain>>;
  if (process !== undefined && bare(process) === 'nemesis') {
    return {
      label: [f, value]
        .filter((part) => typeof part === 'string')
        .map(bare)
        .join(' '),
    };
  }
  const type = typeOf(map['type'], line);
  const txn = microOperationsIn(value, bare(f ?? null) === 'txn', line);
  const name = txn === undefined ? bare(f ?? null) : 'txn';
  if (typeof name !== 'string') {
    const message = 'an event has neither f nor a list of micro-operations';
    throw new HistoryError('malformed', message, { line });
  }
  const who = process === undefined || process === null ? undefined : String(process);
  const reason = error === null ? undefined : typeof error === 'string' ? error : print(error);
  return { process: who, type, name, value: txn ?? value, reason, line };
}

function typeOf(type: Plain | undefined, line: number): Event['type'] {
  const name = bare(type ?? null);
  if (name === 'invoke' || name === 'ok' || name === 'fail' || name === 'info') return name;
  const what = type === undefined ? 'no type' : `the type ${print(type)}`;
  const message = `an event has ${what}; the types are invoke, ok, fail and info`;
  throw new HistoryError('malformed', message, { line });
}

const KINDS: Readonly<Record<string, string>> = {
  r: 'r',
  read: 'r',
  w: 'w',
  write: 'w',
  append: 'append',
  rp: 'rp',
};

/** With short names of kinds; `undefined` when the value is something else. */
function microOperationsIn(value: Plain, required: boolean, line: number): Plain | undefined {
  const list = value === null && required ? [] : value;
  const fits =
    isList(list) &&
    (required || list.length > 0) &&
    list.every((micro) => isList(micro) && micro.length >= 2 && kindOf(micro) !== undefined);
  if (fits) return list.map((micro) => microOperation(micro as readonly Plain[]));
  if (!required) return undefined;
  const message = `a transaction is a list of [:r key value], [:w key value], [:append key value] or [:rp predicate found], not ${print(value)}`;
  throw new HistoryError('malformed', message, { line });
}

function microOperation(micro: readonly Plain[]): Plain {
  const [, key = null, value = null] = micro;
  return [kindOf(micro)!, key, value];
}

function kindOf(micro: readonly Plain[]): string | undefined {
  const kind = bare(micro[0]!);
  return typeof kind === 'string' ? KINDS[kind] : undefined;
}

/** Keywords in JSON are written with their colon, or without. */
function bare(name: Plain): Plain {
  return typeof name === 'string' && name.startsWith(':') ? name.slice(1) : name;
}

function withKey(event: Event, { value: map, line }: EdnValue): Event {
  const { name, value, type } = event;
  const { key } = map as Readonly<Record<string, Plain>>;
  if (key === undefined) throw new HistoryError('malformed', `${name} has no key`, { line });
  if (type !== 'invoke') return name === 'get' ? event : { ...event, value: null };
  return { ...event, value: name === 'get' ? { key } : { key, value } };
}
