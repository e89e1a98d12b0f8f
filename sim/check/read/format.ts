import { HistoryError } from '../history.ts';
import { requireOneOf } from '../one-of.ts';
import { readAwdit } from './awdit.ts';
import { readDbcop } from './dbcop.ts';
import { readEtcd } from './etcd.ts';
import { readJepsenEdn, readJepsenJson, readKv } from './jepsen.ts';
import { readJsonl } from './jsonl.ts';
import { readPlume } from './plume.ts';
import type { Recorded } from './recorded.ts';

export type HistoryFormat =
  | 'jsonl'
  | 'etcd'
  | 'kv'
  | 'jepsen-edn'
  | 'jepsen-json'
  | 'elle-edn'
  | 'elle-json'
  | 'plume'
  | 'awdit'
  | 'dbcop';

const READERS: Readonly<Record<HistoryFormat, (text: string) => Recorded>> = {
  jsonl: readJsonl,
  etcd: readEtcd,
  kv: readKv,
  'jepsen-edn': readJepsenEdn,
  'jepsen-json': readJepsenJson,
  'elle-edn': readJepsenEdn,
  'elle-json': readJepsenJson,
  plume: readPlume,
  awdit: readAwdit,
  dbcop: readDbcop,
};

export const HISTORY_FORMATS: readonly HistoryFormat[] = Object.keys(READERS) as HistoryFormat[];

/** Formats in which the order of a session's transactions is a part of every isolation level. */
export function ordersSessions(format: HistoryFormat): boolean {
  return format === 'plume' || format === 'awdit' || format === 'dbcop';
}

/** @throws HistoryError `malformed`, `unknown-format` */
export function readHistory(text: string, format: HistoryFormat): Recorded {
  requireOneOf('the format', format, HISTORY_FORMATS, 'unknown-format');
  return READERS[format](text.replace(BYTE_ORDER_MARK, ''));
}

const BYTE_ORDER_MARK = /^\uFEFF/;
/** As much of a text as is looked at to tell its format. */
const SAMPLE = 1 << 16;

/**
 * The format of a text, from how it begins.
 *
 * @throws HistoryError `unknown-format`
 */
export function formatOf(text: string): HistoryFormat {
  const sample = text.replace(BYTE_ORDER_MARK, '').trimStart().slice(0, SAMPLE);
  if (/^[rw]\s*\(/.test(sample)) return 'plume';
  // A session or transaction may be empty: the lines between them are told apart by what follows.
  const first = sample.replace(/^(?:(?:-+|=+)\s+)+/, '');
  if (/^[rw][ \t]+-?\d+[ \t]+-?\d+(\s|$)/.test(first)) return 'awdit';
  if (/^(INFO|WARN|ERROR|DEBUG)\s/.test(sample)) return 'etcd';
  if (/^(\/\/|\[\s*[\p{L}\p{N}_]+(:=|==))/u.test(first)) return 'dbcop';
  if (/^(-+|=+)\s/.test(sample)) return 'awdit';
  if (/^\[*\s*\[*\s*\{\s*"|^\[\s*\]\s*$/.test(sample)) return jsonFormatOf(sample);
  if (/^[;#[({^]/.test(sample)) return ednFormatOf(sample);
  if (/^.*\sINFO\s+jepsen\.util\s+-\s/m.test(sample)) return 'etcd';
  const begins = JSON.stringify(sample.slice(0, 40));
  const what =
    sample === '' ? 'the file is empty' : `no format that is known begins with ${begins}`;
  throw new HistoryError('unknown-format', what);
}

function jsonFormatOf(sample: string): HistoryFormat {
  if (/"(events|committed)"\s*:/.test(sample)) return 'dbcop';
  if (!/"type"\s*:\s*":?(invoke|ok|fail|info)"/.test(sample)) return 'jsonl';
  return /"value"\s*:\s*\[\s*\[\s*":?(r|w|append|rp)"/.test(sample) ? 'elle-json' : 'jepsen-json';
}

function ednFormatOf(sample: string): HistoryFormat {
  if (/:f\s+:(get|put|append)\b/.test(sample) && /:key\s/.test(sample)) return 'kv';
  return /:value\s*[[(]\s*[[(]\s*:(r|w|append|rp)\s/.test(sample) ? 'elle-edn' : 'jepsen-edn';
}
