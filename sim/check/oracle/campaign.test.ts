import { describe, expect, test } from 'vitest';
import type { History } from '../history.ts';
import { readHistory } from '../read/format.ts';
import { COMPARISONS } from './campaign.ts';
import { Random } from './random.ts';
import { asJepsenRecords, writeJepsen } from './write-jepsen.ts';

// Sixty histories each; `npm run score -- check` gives them thousands. A reader that does not take
// an ok compare-and-set for a success is wrong on one in a hundred, and on the recording below.
test.each(
  COMPARISONS.filter(({ name }) => !/^(linearizable|sequential|registers|lists):/.test(name)),
)('$name agrees with trying every order', (comparison) => {
  const random = new Random(3);
  for (let i = 0; i < 60; i++) {
    const compared = comparison.once(random);
    if (compared === 'open') continue;
    expect(compared.verdict).toBe(compared.holds ? 'valid' : 'invalid');
  }
});

describe('a recording of Jepsen', () => {
  const history: History = [
    {
      process: 'a',
      name: 'cas',
      input: [1, 2],
      outcome: 'ok',
      output: true,
      called: 0,
      returned: 3,
    },
    {
      process: 'b',
      name: 'cas',
      input: [5, 6],
      outcome: 'ok',
      output: false,
      called: 1,
      returned: 2,
    },
    {
      process: 'a',
      name: 'write',
      input: 4,
      outcome: 'unknown',
      output: undefined,
      called: 4,
      returned: Infinity,
    },
    { process: 'a', name: 'read', input: null, outcome: 'ok', output: 4, called: 5, returned: 6 },
  ];
  const text = `{:process 0, :type :invoke, :f :cas, :value [1 2]}
{:process 1, :type :invoke, :f :cas, :value [5 6]}
{:process 1, :type :fail, :f :cas, :value [5 6]}
{:process 0, :type :ok, :f :cas, :value [1 2]}
{:process 0, :type :invoke, :f :write, :value 4}
{:process 0, :type :info, :f :write, :value 4}
{:process 0, :type :invoke, :f :read, :value nil}
{:process 0, :type :ok, :f :read, :value 4}
`;

  test('has echoes for ends', () => {
    expect(writeJepsen(asJepsenRecords(history), 'edn')).toBe(text);
  });

  test('is read as what it tells', () => {
    const told = readHistory(text, 'jepsen-edn').history;
    expect(told.map(({ name, outcome, output }) => [name, outcome, output])).toEqual([
      ['cas', 'ok', true],
      ['cas', 'fail', undefined],
      ['write', 'unknown', undefined],
      ['read', 'ok', 4],
    ]);
  });
});
