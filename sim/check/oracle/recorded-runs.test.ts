import { expect, test } from 'vitest';
import type { History } from '../history.ts';
import { MODELS } from '../models.ts';
import { readEtcd } from '../read/etcd.ts';
import { readHistory } from '../read/format.ts';
import {
  etcdLog,
  listTransactions,
  registerTransactions,
  textStore,
  uniqueQueue,
  uniqueRegister,
  uniqueSet,
} from './recorded-runs.ts';
import { ednLines } from './write-edn.ts';

const SIZE = { clients: 5, operations: 300 };

test.each<[string, string, History, 'valid' | 'invalid']>([
  ['register', 'jepsen-edn', uniqueRegister(SIZE, 1), 'valid'],
  ['queue', 'jepsen-edn', uniqueQueue(SIZE, 1), 'valid'],
  ['set', 'jepsen-edn', uniqueSet(SIZE, 1), 'valid'],
  ['kv', 'kv', textStore({ ...SIZE, keys: 3, stale: false }, 1), 'valid'],
  ['kv', 'kv', textStore({ ...SIZE, keys: 3, stale: true }, 1), 'invalid'],
  ['strict-ser', 'elle-edn', listTransactions({ ...SIZE, appends: 9, skew: false }, 1), 'valid'],
  ['ser', 'elle-edn', listTransactions({ ...SIZE, appends: 9, skew: true }, 1), 'invalid'],
  ['causal', 'elle-edn', registerTransactions({ ...SIZE, micros: 5, keys: 9 }, 1), 'valid'],
])(
  '%s, written as %s, reads as it was recorded and is what it should be',
  (model, format, recorded, expected) => {
    const { history } = readHistory([...ednLines(recorded)].join(''), format as 'kv');
    for (const [i, { name: _, output, ...operation }] of recorded.entries()) {
      expect(history[i]).toMatchObject(operation);
      if (output !== null) expect(history[i]!.output).toEqual(output);
    }
    const init = format === 'kv' ? { init: '' } : {};
    expect(MODELS[model]!(history, init).verdict).toBe(expected);
    expect(MODELS[model]!(recorded, init).verdict).toBe(expected);
  },
);

test('etcd logs are valid unless a replica lags, and have calls that time out', () => {
  const verdicts = (stale: boolean) =>
    Array.from({ length: 20 }, (_, seed) => {
      const { history } = readEtcd(etcdLog({ operations: 80, stale }, seed));
      expect(history).toHaveLength(80);
      return MODELS['cas-register']!(history, {}).verdict;
    });
  expect(new Set(verdicts(false))).toEqual(new Set(['valid']));
  expect(verdicts(true).filter((verdict) => verdict === 'invalid').length).toBeGreaterThan(10);
  expect(etcdLog({ operations: 80, stale: false }, 1)).toContain('\t:info\t');
});
