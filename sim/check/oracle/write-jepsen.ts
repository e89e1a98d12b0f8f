// Histories as Jepsen's clients record them: an end repeats its call unless it was asked for
// something, a compare-and-set that did not take effect has failed, and nothing else is known of it.

import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { isList, isRecord, print, samePlain } from '../plain.ts';

const ASKING = ['txn', 'read', 'get', 'cas', 'contains', 'dequeue', 'pop', 'add-and-get'];

/** As much of a history as such a recording tells. */
export function asJepsenRecords(history: History): History {
  const answering = answeringIn(history);
  return history.map((operation): Operation => {
    const { name, outcome, output } = operation;
    if (outcome !== 'ok') return operation;
    const lost = { ...operation, output: undefined };
    if (name === 'cas' && output === false) return { ...lost, outcome: 'fail' };
    if (!answering.has(name)) return lost;
    return output === undefined ? { ...lost, outcome: 'unknown', returned: Infinity } : operation;
  });
}

/** The operations that return something, always or somewhere in the history. */
function answeringIn(history: History): ReadonlySet<string> {
  const answered = history.filter(
    ({ output = null, input }) => output !== null && !samePlain(output, input),
  );
  return new Set([...ASKING, ...answered.map(({ name }) => name)]);
}

interface JepsenEvent {
  readonly at: number;
  /** At one moment a call stands before a return, and the end of a crashed call before both. */
  readonly rank: 0 | 1 | 2;
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly value: Plain;
}

/** What {@link asJepsenRecords} leaves of a history, one event a line. */
export function writeJepsen(history: History, format: 'edn' | 'json'): string {
  return eventsOf(history)
    .map(({ process, type, f, value }) =>
      format === 'edn'
        ? `{:process ${process}, :type :${type}, :f :${f}, :value ${edn(value)}}\n`
        : `${JSON.stringify({ process, type, f, value })}\n`,
    )
    .join('');
}

function eventsOf(history: History): readonly JepsenEvent[] {
  const answering = answeringIn(history);
  const names = [...new Set(history.map(({ process }) => process))];
  const crashed = new Map<number, Operation>();
  const events: JepsenEvent[] = [];
  for (const operation of history) {
    const { name: f, input, outcome, called, returned } = operation;
    const process = names.indexOf(operation.process);
    const before = crashed.get(process);
    if (before !== undefined) {
      const value = before.input;
      events.push({ at: called, rank: 0, process, type: 'info', f: before.name, value });
      crashed.delete(process);
    }
    events.push({ at: called, rank: 1, process, type: 'invoke', f, value: input });
    if (outcome === 'unknown') crashed.set(process, operation);
    else {
      const answers = outcome === 'ok' && f !== 'cas' && answering.has(f);
      const value = answers ? (operation.output ?? null) : input;
      events.push({ at: returned, rank: 2, process, type: outcome, f, value });
    }
  }
  return events.sort((a, b) => a.at - b.at || a.rank - b.rank);
}

function edn(value: Plain): string {
  if (value === null) return 'nil';
  if (isList(value)) return `[${value.map(edn).join(' ')}]`;
  if (!isRecord(value)) return print(value);
  return `{${Object.entries(value)
    .map(([name, field]) => `:${name} ${edn(field)}`)
    .join(', ')}}`;
}
