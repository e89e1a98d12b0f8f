import type { Plain } from '../../env/net.ts';
import { type History, HistoryError } from '../history.ts';
import { isList, isRecord, print } from '../plain.ts';
import type { Anomaly, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { conclude, undecided } from './conclude.ts';

const MODEL = 'monotonic';

/**
 * Values only grow: a read that is called after another has returned does not see less.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `read` | | a number, or a record of key and number |
 * | `txn` | a list of `['r', key, null]`, and others | the same with numbers for the reads |
 *
 * Null is less than all numbers. Other operations are not looked at.
 *
 * @throws HistoryError `bad-input`
 */
export function monotonic(history: History): Verdict {
  const observations = history.flatMap((operation, index) =>
    observationsIn(history, index).map((seen) => ({ ...seen, ...operation, index })),
  );
  if (observations.length === 0) return undecided(history, MODEL, 'nothing was read');
  const byReturn = observations.toSorted((a, b) => a.returned - b.returned);
  const byCall = observations.toSorted((a, b) => a.called - b.called);
  /** By key: the highest value of the reads that have returned. */
  const highest = new Map<string, { readonly value: number; readonly index: number }>();
  const anomalies: Anomaly[] = [];
  let over = 0;
  for (const { key, value, called, index } of byCall) {
    while (over < byReturn.length && byReturn[over]!.returned < called) {
      const done = byReturn[over++]!;
      const known = highest.get(done.key);
      if (known === undefined || done.value > known.value) highest.set(done.key, done);
    }
    const known = highest.get(key);
    if (known === undefined || known.value <= value) continue;
    const [a, b] = [known.index, index].map((i) => operationInWords(history[i]!));
    const which = key === '' ? 'the value' : key;
    const message = `${which} went back: ${a} saw ${known.value}, and ${b}, called later, saw ${value}`;
    anomalies.push({ name: 'went-back', message, operations: [known.index, index] });
  }
  return conclude(
    history,
    MODEL,
    anomalies,
    `${observations.length} values were read, and none went back`,
  );
}

interface Observation {
  /** Printed; empty when there is only one value. */
  readonly key: string;
  readonly value: number;
}

function observationsIn(history: History, index: number): readonly Observation[] {
  const { name, outcome, output } = history[index]!;
  if (outcome !== 'ok' || output === undefined) return [];
  const number = (value: Plain): number => {
    if (value === null) return Number.NEGATIVE_INFINITY;
    if (typeof value === 'number') return value;
    const message = `a value that only grows is a number, not ${print(value)}`;
    throw new HistoryError('bad-input', message, { operation: index });
  };
  if (name === 'txn' && isList(output)) {
    return (output as readonly (readonly [string, Plain, Plain])[])
      .filter(([kind]) => kind === 'r')
      .map(([, key, value]) => ({ key: print(key), value: number(value) }));
  }
  if (name !== 'read') return [];
  if (!isRecord(output)) return [{ key: '', value: number(output) }];
  return Object.entries(output).map(([key, value]) => ({ key, value: number(value) }));
}
