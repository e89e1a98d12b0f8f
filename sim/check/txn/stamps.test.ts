import { describe, expect, test } from 'vitest';
import type { Plain } from '../../env/net.ts';
import type { History } from '../history.ts';
import { isolatedByBruteForce } from '../oracle/exhaustive-txn.ts';
import { listTxns, registerTxns } from '../oracle/generate-txn.ts';
import { Random } from '../oracle/random.ts';
import { isolation } from './isolation.ts';
import type { Stamps } from './stamps.ts';

function txns(...lists: readonly Plain[][][]): History {
  return lists.map((output, i) => ({
    process: `p${i}`,
    name: 'txn',
    input: output.map(([kind, key, value]) => [kind!, key!, kind === 'r' ? null : value!]),
    outcome: 'ok',
    output,
    called: 0,
    returned: 100,
  }));
}

const at = (...stamps: readonly Stamps[]) => ({ stamps: (_: unknown, i: number) => stamps[i] });

describe('stamps', () => {
  const skew = txns(
    [
      ['r', 'x', null],
      ['w', 'y', 1],
    ],
    [
      ['r', 'y', null],
      ['w', 'x', 1],
    ],
  );

  test('prove snapshot isolation where two transactions read what the other writes', () => {
    const stamps = at({ begin: 0, commit: 1 }, { begin: 0, commit: 2 });
    const verdict = isolation(skew, 'si', stamps);
    expect([verdict.verdict, verdict.reason]).toEqual([
      'valid',
      'replayed in the order of the system',
    ]);
  });

  test('prove values that are written twice, which reads alone do not tell apart', () => {
    const twice = txns([['w', 'x', 1]], [['w', 'x', 1]], [['r', 'x', 1]]);
    expect(isolation(twice, 'ser').verdict).toBe('unknown');
    expect(isolation(twice, 'ser', at({ commit: 1 }, { commit: 2 }, { commit: 3 })).verdict).toBe(
      'valid',
    );
  });

  test.each<[string, History, 'si' | 'ser' | 'strict-ser', readonly Stamps[], string]>([
    [
      'a stale read',
      txns([['w', 'x', 1]], [['r', 'x', null]]),
      'ser',
      [{ commit: 1 }, { commit: 2 }],
      'T1 has r "x" → null, which it was not at 2',
    ],
    [
      'a lost update',
      txns([['w', 'x', 1]], [['w', 'x', 2]]),
      'si',
      [
        { begin: 0, commit: 1 },
        { begin: 0, commit: 2 },
      ],
      'T1 writes "x", which was committed at 1, after it began at 0',
    ],
    ['a missing stamp', txns([['w', 'x', 1]]), 'ser', [], 'T0 has no stamps'],
    [
      'a commit before the begin',
      txns([['w', 'x', 1]]),
      'si',
      [{ begin: 2, commit: 1 }],
      'T0 begins at 2, after it commits at 1',
    ],
    [
      'a wrong list',
      txns([['append', 'x', 1]], [['r', 'x', []]]),
      'ser',
      [{ commit: 1 }, { commit: 2 }],
      'T1 has r "x" → [], which it was not at 2',
    ],
  ])('do not accuse the history when they are wrong: %s', (_, history, level, stamps, wrong) => {
    const verdict = isolation(history, level, at(...stamps));
    expect([verdict.verdict, verdict.wrongStamps]).toEqual(['valid', wrong]);
  });

  test('keep to real time for strict serializability', () => {
    const [one, two] = txns([['w', 'x', 1]], [['w', 'x', 2]]);
    const history = [
      { ...one!, returned: 1 },
      { ...two!, called: 2 },
    ];
    const verdict = isolation(history, 'strict-ser', at({ commit: 2 }, { commit: 1 }));
    expect(verdict.wrongStamps).toBe(
      'T0 is stamped after T1, but had returned before that was called',
    );
  });

  test('keep to the order of a session for causal consistency', () => {
    const history = txns([['w', 'x', 1]], [['r', 'x', null]]).map((txn) => ({
      ...txn,
      process: 'p',
      returned: Infinity,
    }));
    const verdict = isolation(history, 'causal', at({ commit: 2 }, { commit: 1 }));
    expect(verdict.verdict).toBe('invalid');
    expect(verdict.wrongStamps).toContain('which came earlier in its session');
  });

  // 2,000 histories with random stamps: none that fit may prove what is not so.
  test('prove nothing that is not so', () => {
    const random = new Random(11);
    let proved = 0;
    for (let i = 0; i < 2000; i++) {
      const shape = { txns: 3, sessions: 2, keys: 2, micros: 2, lostOneIn: 0 };
      const history = (i % 2 === 0 ? registerTxns : listTxns)(shape, true, random);
      const level = random.pick(['si', 'ser', 'session-ser', 'strict-ser'] as const);
      const stamps = history.map(() => {
        const begin = random.below(6);
        return { begin, commit: begin + random.below(3) };
      });
      const { wrongStamps } = isolation(history, level, { stamps: (_, t) => stamps[t] });
      if (wrongStamps !== undefined) continue;
      proved++;
      expect(
        isolatedByBruteForce(history, level, 'unordered'),
        JSON.stringify([history, stamps]),
      ).toBe(true);
    }
    expect(proved).toBeGreaterThan(100);
  });
});
