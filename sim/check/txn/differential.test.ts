import { describe, expect, test } from 'vitest';
import { listsByBruteForce } from '../oracle/campaign.ts';
import { isolatedByBruteForce } from '../oracle/exhaustive-txn.ts';
import { listTxns, registerTxns, type TxnShape } from '../oracle/generate-txn.ts';
import { Random } from '../oracle/random.ts';
import type { Level, Sessions } from './findings.ts';
import { isolation } from './isolation.ts';

const LEVELS: readonly Level[] = ['rc', 'ra', 'causal', 'si', 'ser', 'session-ser', 'strict-ser'];

function shapeOf(random: Random): TxnShape {
  const txns = 2 + random.below(4);
  const predicateOneIn = random.oneIn(3) ? 4 : 0;
  return { txns, sessions: 1 + random.below(3), keys: 2, micros: 3, lostOneIn: 6, predicateOneIn };
}

// 1,000 histories a level and reading of sessions. A bug that shows in one history of 300 is missed
// with a chance of e^-3; `npm run score -- check` compares many more.
describe.each(LEVELS)('registers: %s', (level) => {
  test.each<Sessions>(['ordered', 'unordered'])(
    'agrees with trying every order, sessions %s',
    (sessions) => {
      const random = new Random(1);
      const seen = { valid: 0, invalid: 0, unknown: 0 };
      for (let i = 0; i < 1000; i++) {
        const history = registerTxns(shapeOf(random), i % 4 !== 0, random);
        const { verdict, anomalies } = isolation(history, level, { sessions });
        const expected = isolatedByBruteForce(history, level, sessions) ? 'valid' : 'invalid';
        expect(verdict, JSON.stringify(history)).toBe(expected);
        expect(anomalies.length > 0).toBe(verdict === 'invalid');
        seen[verdict]++;
      }
      expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(50);
    },
  );
});

describe.each(LEVELS)('lists: %s', (level) => {
  test.each<Sessions>(['ordered', 'unordered'])(
    'agrees with trying every order, sessions %s',
    (sessions) => {
      const random = new Random(2);
      const seen = { valid: 0, invalid: 0, unknown: 0 };
      for (let i = 0; i < 1000; i++) {
        const history = listTxns(shapeOf(random), i % 4 !== 0, random);
        const { verdict, anomalies } = isolation(history, level, { sessions });
        const expected = listsByBruteForce(history, level, sessions) ? 'valid' : 'invalid';
        expect(verdict, JSON.stringify(history)).toBe(expected);
        expect(anomalies.length > 0).toBe(verdict === 'invalid');
        seen[verdict]++;
      }
      expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(50);
    },
  );
});
