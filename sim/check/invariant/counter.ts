import { type History, HistoryError } from '../history.ts';
import { outOfBounds } from '../linear/counter-bounds.ts';
import { print } from '../plain.ts';
import type { Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { conclude, undecided } from './conclude.ts';

/**
 * Every read of a counter lies between the sum of what must have been added and of what may have
 * been. Weaker than `linearizable(history, counter())`, and linear.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `add` | a number, negative ones too | |
 * | `add-and-get` | a number | not looked at |
 * | `read` | | the sum |
 *
 * Other operations are not looked at.
 *
 * @throws HistoryError `bad-input`
 */
export function counterBounds(history: History, options: { initial?: number } = {}): Verdict {
  const part: number[] = [];
  for (const [index, { name, input, outcome, output }] of history.entries()) {
    const adds = name === 'add' || name === 'add-and-get';
    if (adds && typeof input !== 'number') {
      const message = `${name} takes a number, not ${print(input)}`;
      throw new HistoryError('bad-input', message, { operation: index });
    }
    if (name === 'read' && output !== undefined && typeof output !== 'number') {
      const message = `read returns a number, not ${print(output)}`;
      throw new HistoryError('bad-input', message, { operation: index });
    }
    if ((adds || name === 'read') && outcome !== 'fail') part.push(index);
  }
  if (!history.some(({ name, outcome }) => name === 'read' && outcome === 'ok')) {
    return undecided(history, 'counter-bounds', 'nothing was read');
  }
  const found = outOfBounds(history, part, options.initial ?? 0);
  const anomalies = [];
  if (found !== undefined) {
    const { read, lowest, highest } = found;
    const message = `${operationInWords(history[read]!)} is not between ${lowest} and ${highest}`;
    anomalies.push({ name: 'out-of-bounds', message, operations: [read] });
  }
  return conclude(history, 'counter-bounds', anomalies, 'every read is within its bounds');
}
