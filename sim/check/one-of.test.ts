import { expect, test } from 'vitest';
import { bank, isolation, linearizable, readHistory, register, sessionGuarantee } from './index.ts';

test.each([
  [
    () => isolation([], 'serializable' as 'ser'),
    "the level is one of rc, ra, causal, si, ser, session-ser, strict-ser, not 'serializable'; it is called ser",
  ],
  [() => isolation([], '' as 'ser'), "strict-ser, not ''"],
  [() => isolation([], undefined as never), 'strict-ser, not null'],
  [() => isolation([], 'strict-sre' as 'ser'), "; did you mean 'strict-ser'?"],
  [
    () => isolation([], 'ser', { sessions: 'order' as 'ordered' }),
    'sessions is one of ordered, unordered',
  ],
  [
    () => sessionGuarantee([], 'readYourWrites' as 'read-your-writes'),
    "not 'readYourWrites'; did you mean 'read-your-writes'?",
  ],
  [() => readHistory('', 'jsnl' as 'jsonl'), "not 'jsnl'; did you mean 'jsonl'?"],
  [
    () => linearizable([], register(), { partition: 'none' as 'no' }),
    'partition is one of objects, no',
  ],
  [() => bank([], { negative: 'yes' as 'allowed' }), 'negative is one of allowed, forbidden'],
])('a word that a type would refuse is refused without one: %s', (call, message) => {
  expect(call).toThrowError(expect.objectContaining({ name: 'HistoryError' }));
  expect(call).toThrowError(message);
});
