import type { Plain } from '../../env/net.ts';
import { isList, print, samePlain } from '../plain.ts';
import { decideLog } from './log-order.ts';
import type { Abstraction, Call, Model, Step } from './model.ts';

/** Entries in order; or, of a log that no read can have seen, how many there are. */
type Entries = readonly Plain[] | { readonly unread: number };

/**
 * An append-only log.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `append` | an entry | its offset from 0, if it is a number; others: any |
 * | `read` | null | the list of all entries |
 * | `read` | an offset | the entry there, or null beyond the end |
 */
export function log(): Model<Entries> {
  return {
    name: 'log',
    initial: [],
    operations: ['append', 'read'],
    step: stepLog,
    identity: (entries) => (isUnread(entries) ? `unread ${entries.unread}` : print(entries)),
    describe: (entries) =>
      isUnread(entries) ? `${entries.unread} entries that nobody read` : print(entries),
    readOnly: ({ name }) => name === 'read',
    fault,
    abstraction: forgetUnread,
    shortcut: decideLog,
  };
}

function stepLog(entries: Entries, { name, input, output }: Call): Step<Entries> {
  const length = isUnread(entries) ? entries.unread : entries.length;
  if (name === 'append') {
    const state = isUnread(entries) ? { unread: length + 1 } : [...entries, input];
    return typeof output === 'number' ? { state, output: length } : { state };
  }
  if (isUnread(entries)) {
    if (output === undefined) return { state: entries };
    return { refused: 'it holds entries that nobody read' };
  }
  if (input === null) return { state: entries, output: entries };
  return { state: entries, output: entries[input as number] ?? null };
}

function fault({ name, input, output }: Call): string | undefined {
  if (name === 'append') return input === null ? 'null cannot be appended' : undefined;
  if (input !== null && (typeof input !== 'number' || !Number.isInteger(input) || input < 0)) {
    return `read takes an offset from 0 or nothing, not ${print(input)}`;
  }
  if (input === null && output !== undefined && !isList(output)) {
    return `read returns a list, not ${print(output)}`;
  }
  return undefined;
}

function isUnread(entries: Entries): entries is { readonly unread: number } {
  return !isList(entries as Plain);
}

/**
 * Entries matter only while some read has returned a list that begins with them. All others of one
 * length are one state, which keeps unseen appends from multiplying the states by their orders.
 */
function forgetUnread(calls: readonly Call[]): Abstraction<Entries> {
  const reads = calls.filter(({ name, output }) => name === 'read' && output !== undefined);
  if (reads.some(({ input }) => input !== null)) return { represent: (entries) => entries };
  const longestFirst = reads
    .map(({ output }) => output as readonly Plain[])
    .sort((a, b) => b.length - a.length);
  const longest: (readonly Plain[])[] = [];
  for (const read of longestFirst) {
    if (!longest.some((longer) => isPrefix(read, longer))) longest.push(read);
  }
  return {
    represent: (entries) =>
      isUnread(entries) || longest.some((read) => isPrefix(entries, read))
        ? entries
        : { unread: entries.length },
  };
}

function isPrefix(a: readonly Plain[], b: readonly Plain[]): boolean {
  return a.length <= b.length && a.every((entry, i) => samePlain(entry, b[i]!));
}
