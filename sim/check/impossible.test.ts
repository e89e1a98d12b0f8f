import { describe, expect, test } from 'vitest';
import type { History } from './history.ts';
import { isolation, linearizable, register, sequential, sessionGuarantee } from './index.ts';

type Times = readonly [process: string, called: number, returned: number];

/** Reads of a register at these times. */
function reads(...times: readonly Times[]): History {
  return times.map(([process, called, returned]) => {
    return { process, name: 'read', input: null, outcome: 'ok', output: null, called, returned };
  });
}

const CHECKS: readonly (readonly [string, (history: History) => unknown])[] = [
  ['linearizable', (history) => linearizable(history, register())],
  ['sequential', (history) => sequential(history, register())],
  ['isolation', (history) => isolation(history, 'strict-ser')],
  ['sessionGuarantee', (history) => sessionGuarantee(history, 'monotonic-reads')],
];

describe.each(CHECKS)('%s does not judge', (_, check) => {
  test.each<readonly [string, readonly Times[], string]>([
    ['a return before its call', [['a', 5, 2]], 'read by a returns before it is called'],
    [
      'two open calls of one process',
      [
        ['a', 0, 9],
        ['a', 1, 2],
      ],
      'a calls read while its previous call is open',
    ],
    ['a time that is no number', [['a', Number.NaN, 1]], 'the time of read by a is no number'],
  ])('%s', (_, times, message) => {
    expect(() => check(reads(...times))).toThrowError(
      expect.objectContaining({ code: 'impossible', message: `impossible history: ${message}` }),
    );
  });
});

test('the order of sessions is not taken from a history that has lost it', () => {
  const history = reads(['a', 5, 6], ['a', 0, 1]);
  for (const [name, check] of CHECKS) {
    if (name === 'linearizable') check(history);
    else expect(() => check(history)).toThrowError('have to be in the order of their calls');
  }
});
