import type { Plain } from '../../env/net.ts';
import { type History, HistoryError } from '../history.ts';
import { isList, keyOf, print } from '../plain.ts';
import type { Anomaly, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { conclude, undecided } from './conclude.ts';

const MODEL = 'long-fork';

/**
 * Keys are written once each, and transactions read small groups of them: no two reads may see two
 * writes in opposite orders.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `txn` | `[['w', key, value]]` | |
 * | `txn` | a list of `['r', key, null]` | the same with the values, null where not written |
 *
 * @throws HistoryError `bad-input`
 */
export function longFork(history: History): Verdict {
  const written = new Set<unknown>();
  /** By pair of keys, in order: the first read that saw one and not the other. */
  const first = new Map<string, number>();
  const anomalies: Anomaly[] = [];
  let reads = 0;
  for (const [index, { name, input, output, outcome }] of history.entries()) {
    if (name !== 'txn' || outcome === 'fail') continue;
    const micro = microIn(outcome === 'ok' ? (output ?? input) : input, index);
    for (const [kind, key] of micro) {
      if (kind !== 'w') continue;
      if (written.has(keyOf(key))) {
        return undecided(history, MODEL, `impossible history: key ${print(key)} is written twice`);
      }
      written.add(keyOf(key));
    }
    if (outcome !== 'ok' || output === undefined || micro.some(([kind]) => kind === 'w')) continue;
    reads++;
    for (const [, seen, value] of micro) {
      for (const [, missed, nothing] of micro) {
        if (value === null || nothing !== null) continue;
        const [a, b] = [seen, missed].map(print);
        if (!first.has(`${a} ${b}`)) first.set(`${a} ${b}`, index);
        const opposite = first.get(`${b} ${a}`);
        if (opposite === undefined) continue;
        const [one, other] = [opposite, index].map((i) => operationInWords(history[i]!));
        const message = `${one} saw ${b} before ${a}, and ${other} saw ${a} before ${b}`;
        anomalies.push({ name: MODEL, message, operations: [opposite, index] });
      }
    }
  }
  if (reads === 0) return undecided(history, MODEL, 'nothing was read');
  return conclude(history, MODEL, anomalies, `${reads} reads agree on the order of the writes`);
}

type Micro = readonly [kind: Plain, key: Plain, value: Plain];

function microIn(list: Plain, operation: number): readonly Micro[] {
  const fits = isList(list) && list.every((micro) => isList(micro) && micro.length === 3);
  if (fits) return list as unknown as readonly Micro[];
  const message = `a transaction is a list of [kind, key, value], not ${print(list)}`;
  throw new HistoryError('bad-input', message, { operation });
}
