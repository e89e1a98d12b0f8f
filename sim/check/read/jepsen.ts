// Jepsen's and Elle's histories: maps of `process`, `type`, `f` and `value`, in EDN or JSON, one
// after another or in one list. Elle's transactions may lack `process` and `f`. Clients have
// numbers: what other processes do (the nemesis), and `info` that ends no call, are marks.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { isList, isRecord, print } from '../plain.ts';
import { type EdnValue, readEdn } from './edn.ts';
import { type Disturbance, type Event, historyOfEvents } from './events.ts';
import { readJson } from './json.ts';
import type { Recorded } from './recorded.ts';

/** @throws HistoryError `malformed` */
export function readJepsenEdn(text: string): Recorded {
  return historyOfEvents(eventsIn(readEdn(text)));
}

/** @throws HistoryError `malformed` */
export function readJepsenJson(text: string): Recorded {
  return historyOfEvents(eventsIn(readJson(text)));
}

/**
 * The key-value histories of porcupine: EDN maps, one a line, whose `key` stands beside the value.
 *
 * @throws HistoryError `malformed`
 */
export function readKv(text: string): Recorded {
  const maps = readEdn(text);
  return historyOfEvents(
    eventsIn(maps).map((event, i) => ('label' in event ? event : withKey(event, maps[i]!))),
  );
}

function eventsIn(maps: readonly EdnValue[]): readonly (Event | Disturbance)[] {
  const numbered = maps.some(({ value }) => isRecord(value) && isNumber(value['process'] ?? null));
  return maps.map((map) => eventOf(map, numbered));
}

function isNumber(process: Plain): boolean {
  return /^-?\d+$/.test(String(process));
}

/** `numbered`: there are processes with numbers, so that one with a name is no client. */
function eventOf({ value: map, line }: EdnValue, numbered: boolean): Event | Disturbance {
  if (!isRecord(map)) {
    throw new HistoryError('malformed', `an event is a map, not ${print(map)}`, { line });
  }
  const { process = null, f, value = null, error = null } = map as Readonly<Record<string, Plain>>;
  if (
    process !== null &&
    (/^:?nemesis/.test(String(process)) || (numbered && !isNumber(process)))
  ) {
    return {
      label: [f ?? null, value]
        .filter((part) => typeof part === 'string')
        .map(bare)
        .join(' '),
    };
  }
  const type = typeOf(map['type'], line);
  const writtenName = nameIn(f ?? null);
  const isTxn = writtenName === 'txn' || (writtenName === undefined && isEmptyList(value));
  const txn = microOperationsIn(value, isTxn, type, line);
  const name = txn === undefined ? writtenName : 'txn';
  if (name === undefined && type === 'invoke') {
    const message = 'an event has neither f nor a list of micro-operations';
    throw new HistoryError('malformed', message, { line });
  }
  const who = process === null ? undefined : String(process);
  const reason = error === null ? undefined : typeof error === 'string' ? error : print(error);
  return { process: who, type, name, writtenName, value: txn ?? value, reason, line };
}

function isEmptyList(value: Plain): boolean {
  return isList(value) && value.length === 0;
}

function nameIn(f: Plain): string | undefined {
  const name = bare(f);
  return typeof name === 'string' ? name : undefined;
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

/**
 * With short names of kinds; `undefined` when the value is something else. Of a transaction that
 * is not known to have committed the call tells the micro-operations.
 */
function microOperationsIn(
  value: Plain,
  required: boolean,
  type: Event['type'],
  line: number,
): Plain | undefined {
  if (value === null && required) return type === 'invoke' ? [] : undefined;
  const fits =
    isList(value) &&
    (required || value.length > 0) &&
    value.every((micro) => isList(micro) && micro.length >= 2 && kindOf(micro) !== undefined);
  if (fits) return value.map((micro) => microOperation(micro as readonly Plain[]));
  if (!required || type === 'info' || type === 'fail') return undefined;
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
