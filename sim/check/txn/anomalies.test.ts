import { describe, expect, test } from 'vitest';
import type { Plain } from '../../env/net.ts';
import type { History, Operation, Outcome } from '../history.ts';
import type { Level, Sessions } from './findings.ts';
import { type IsolationVerdict, isolation } from './isolation.ts';

/**
 * Sessions separated by `;` and a name, transactions of one session by `|`: `a(x1)` appends 1 to x,
 * `w(x1)` writes it, `r(x12)` reads the list [1, 2], `r(x1)` the value 1, `r(x)` nothing, `p(x1 y)`
 * looks by predicate for x and y and finds one, `p(* x1)` for all keys, and a transaction that ends with `!` failed, with `?` is unknown. Transactions overlap, for nobody saw them return, unless told to
 * come one after the other in the order of the text, or from when to when: `@0-3`.
 */
function told(text: string, time: 'overlapping' | 'in-order' = 'overlapping'): History {
  const lists = text.includes('a(');
  const operations: Operation[] = [];
  for (const session of text.split(';')) {
    const [process, ...words] = session.trim().split(/\s+/);
    for (const txn of words.join(' ').split('|')) {
      const marks = txn.trim();
      const outcome: Outcome = marks.endsWith('!')
        ? 'fail'
        : marks.endsWith('?')
          ? 'unknown'
          : 'ok';
      const micro = [...marks.matchAll(/([aprw])\(([^)]*)\)/g)].map(([, kind, what]) =>
        kind === 'p' ? scan(what!, lists) : microOperation(kind!, what!, lists),
      );
      const i = operations.length;
      const times = /@(\d+)-(\d+)/.exec(marks)?.slice(1).map(Number);
      const [called, returned] =
        times ?? (time === 'in-order' ? [2 * i, 2 * i + 1] : [i, Infinity]);
      operations.push({
        process: process!,
        name: 'txn',
        input: micro.map(([kind, key, value]) => [
          kind!,
          key!,
          kind === 'r' || kind === 'rp' ? null : value!,
        ]),
        outcome,
        output: outcome === 'ok' ? micro : undefined,
        called: called!,
        returned: outcome === 'unknown' ? Infinity : returned!,
      });
    }
  }
  return operations.sort((a, b) => a.called - b.called);
}

function microOperation(kind: string, what: string, lists: boolean): Plain[] {
  const key = what[0]!;
  const digits = what.slice(1);
  if (kind === 'a') return ['append', key, Number(digits)];
  if (kind === 'r' && lists) return ['r', key, [...digits].map(Number)];
  return [kind, key, digits === '' ? null : Number(digits)];
}

function scan(what: string, lists: boolean): Plain[] {
  const words = what.split(' ');
  const found = words.filter((word) => word.length > 1);
  const predicate = words.includes('*') ? null : words.map((word) => word[0]!);
  return ['rp', predicate, found.map((word) => microOperation('r', word, lists).slice(1))];
}

const LEVELS: readonly Level[] = ['rc', 'ra', 'causal', 'si', 'ser', 'session-ser', 'strict-ser'];

/** The levels that do not hold, in the order of LEVELS. */
function broken(history: History, sessions: Sessions): readonly Level[] {
  return LEVELS.filter((level) => {
    const { verdict } = isolation(history, level, { sessions });
    expect(verdict).not.toBe('unknown');
    return verdict === 'invalid';
  });
}

function strict(history: History): IsolationVerdict {
  return isolation(history, 'strict-ser');
}

describe('every anomaly has a history that shows it, and a near miss', () => {
  type Case = [anomaly: string, shows: string, nearly: string, time?: 'in-order'];
  const cases: Case[] = [
    [
      'G0',
      'A a(x1) a(y1); B a(x2) a(y2); C r(x12) r(y21)',
      'A a(x1) a(y1); B a(x2) a(y2); C r(x12) r(y12)',
    ],
    ['G1a', 'A a(x1)!; B r(x1)', 'A a(x1)?; B r(x1)'],
    ['G1a', 'A w(x1)!; B r(x1)', 'A w(x1)?; B r(x1)'],
    ['G1b', 'A a(x1) a(x2); B r(x1)', 'A a(x1) a(x2); B r(x12)'],
    ['G1b', 'A w(x1) w(x2); B r(x1)', 'A w(x1) w(x2); B r(x2)'],
    ['G1c', 'A a(x1) r(y1); B a(y1) r(x1)', 'A a(x1) r(y1); B a(y1) r(x)'],
    ['G1c', 'A w(x1) r(y1); B w(y1) r(x1)', 'A w(x1) r(y1); B w(y1) r(x)'],
    ['G0', 'A w(x1) r(y2) w(y1); B w(y2) r(x1) w(x2)', 'A w(x1) w(y1); B w(y2) r(x1) w(x2)'],
    ['G-single', 'A w(x1) w(y1); B r(x1) r(y)', 'A w(x1) w(y1); B r(x1) r(y1)'],
    ['cyclic-causality', 'A w(x1) r(y1); B w(y1) r(x1)', 'A w(x1) r(y1); B w(y1) r(x)'],
    ['G-single', 'A a(x1) a(y1); B r(x1) r(y)', 'A a(x1) a(y1); B r(x1) r(y1)'],
    ['fractured-read', 'A a(x1) a(y1); B r(x1) r(y)', 'A a(x1); C a(y1); B r(x1) r(y)'],
    ['fractured-read', 'A w(x1) w(y1); B r(y) r(x1)', 'A w(x1) w(y1); B r(y1) r(x1)'],
    ['non-monotonic-read', 'A w(x1) w(y1); B r(x1) r(y)', 'A w(x1); C w(y1); B r(x1) r(y)'],
    [
      'non-monotonic-read',
      'A w(x1); C r(x1) w(x2); B r(x2) r(x1)',
      'A w(x1); C r(x1) w(x2); B r(x1) r(x2)',
    ],
    [
      'non-repeatable-read',
      'A w(x1); C r(x1) w(x2); B r(x1) r(x2)',
      'A w(x1); C r(x1) w(x2); B r(x1) | r(x2)',
    ],
    [
      'causality-violation',
      'A w(x1); B r(x1) | w(y1); C r(y1) | r(x)',
      'A w(x1); B r(x1); D w(y1); C r(y1) | r(x)',
    ],
    [
      'G-nonadjacent',
      'A a(x1); B a(y1); C r(x1) r(y); D r(x) r(y1)',
      'A a(x1); B a(y1); C r(x1) r(y); D r(x1) r(y1)',
    ],
    [
      'long-fork',
      'A a(x1); B a(y1); C r(x1) r(y); D r(x) r(y1)',
      'A a(x1); B a(y1); C r(x1) r(y); D r(x) r(y)',
    ],
    [
      'long-fork',
      'A w(x1); B w(y1); C r(x1) r(y); D r(x) r(y1)',
      'A w(x1); B w(y1); C r(x1) r(y); D r(x) r(y)',
    ],
    ['G2-item', 'A r(x) a(y1); B r(y) a(x1)', 'A r(x) a(y1); B r(y1) a(x1)'],
    ['write-skew', 'A r(x) w(y1); B r(y) w(x1)', 'A r(x) w(y1); B r(y1) w(x1)'],
    ['G2', 'A p(*) a(x1); B p(*) a(y1)', 'A p(*) a(x1); B p(* x1) a(y1)'],
    ['G2', 'A p(*) w(x1); B p(*) w(y1)', 'A r(y) w(x1); B r(x) w(y1)'],
    ['G2', 'A p(*) w(x1); B r(x) w(y1)', 'A p(*) r(y) w(x1); B r(x) w(y1)'],
    ['G2-process', 'A a(y1) | p(x); B r(y) a(x1)', 'A a(y1) | p(x1); B r(y) a(x1)'],
    [
      'G2-realtime',
      'A a(y1) @0-1; B p(x) @10-20; C r(y) a(x1) @0-30',
      'A a(y1) @0-1; B p(x1) @10-20; C r(y) a(x1) @0-30',
    ],
    ['phantom', 'A p(*) w(x1); B p(*) w(y1)', 'A p(*) w(x1); B p(* x1) w(y1)'],
    ['phantom', 'A p(*) p(* x1); B a(x1)', 'A p(*) | p(* x1); B a(x1)'],
    ['lost-update', 'A r(x) a(x1); B r(x) a(x2)', 'A r(x) a(x1); B r(x1) a(x2)'],
    ['lost-update', 'A r(x) w(x1); B r(x) w(x2)', 'A r(x) w(x1); B r(x1) w(x2)'],
    ['internal', 'A a(x1) r(x)', 'A a(x1) r(x1)'],
    ['internal', 'A r(x) r(x1); B a(x1)', 'A r(x) | r(x1); B a(x1)'],
    ['not-my-own-write', 'A w(x1) r(x2); B w(x2)', 'A w(x1) | r(x2); B w(x2)'],
    ['not-my-last-write', 'A w(x1) w(x2) r(x1)', 'A w(x1) w(x2) r(x2)'],
    ['future-read', 'A r(x1) a(x1)', 'A r(x) a(x1)'],
    ['future-read', 'A r(x1) r(x) a(x1)', 'A r(x) r(x) a(x1)'],
    ['future-read', 'A r(x1) w(x1)', 'A r(x) w(x1)'],
    ['dirty-update', 'A a(x1)!; B a(x2); C r(x12)', 'A a(x1)?; B a(x2); C r(x12)'],
    ['duplicate-elements', 'A a(x1); B r(x11)', 'A a(x1); B r(x1)'],
    [
      'incompatible-order',
      'A a(x1); B a(x2); C r(x12); D r(x21)',
      'A a(x1); B a(x2); C r(x12); D r(x1)',
    ],
    ['incompatible-order', 'A a(x1) a(x2); B r(x21)', 'A a(x1) a(x2); B r(x12)'],
    ['incompatible-order', 'A a(x1) a(x2)?; B r(x21)', 'A a(x1) a(x2)?; B r(x12)'],
    ['thin-air-read', 'A a(x1); B r(x2)', 'A a(x1); B r(x1)'],
    ['thin-air-read', 'A w(x1); B r(x2)', 'A w(x1); B r(x1)'],
    ['G-single-process', 'A a(x1) | r(x)', 'A r(x) | a(x1)'],
    [
      'G0-process',
      'A a(x2) | a(y2); B a(y1) | a(x1); C r(x12) r(y21)',
      'A a(x1) | a(y2); B a(y1) | a(x2); C r(x12) r(y12)',
    ],
    ['G1c-process', 'A r(x1) | a(y1); B r(y1) | a(x1)', 'A r(x) | a(y1); B r(y1) | a(x1)'],
    ['G-nonadjacent-process', 'A a(x1) | r(y); B a(y1) | r(x)', 'A a(x1) | r(y); B a(y1) | r(x1)'],
    ['G-single-realtime', 'A a(x1); B r(x)', 'B r(x); A a(x1)', 'in-order'],
    ['G1c-realtime', 'B r(x1); A a(x1)', 'A a(x1); B r(x1)', 'in-order'],
    [
      'G-nonadjacent-realtime',
      'A r(x) @10-20; B a(x1) @0-30; C r(x1) r(y) @0-30; D a(y1) @0-1',
      'A r(x) @10-20; B a(x1) @0-30; C r(x1) r(y1) @0-30; D a(y1) @0-1',
    ],
    ['G2-item-process', 'A a(y1) | r(x); B r(y) a(x1)', 'A a(y1) | r(x1); B r(y) a(x1)'],
    [
      'G2-item-realtime',
      'A a(y1) @0-1; B r(x) @10-20; C r(y) a(x1) @0-30',
      'A a(y1) @0-1; B r(x) @10-20; C r(y1) a(x1) @0-30',
    ],
    ['G0-realtime', 'A a(x1); B a(x2); C r(x21)', 'A a(x1); B a(x2); C r(x12)', 'in-order'],
  ];

  test.for(cases)('%s: %s', ([anomaly, shows, nearly, time]) => {
    const verdict = strict(told(shows, time));
    expect(verdict.verdict).toBe('invalid');
    expect(verdict.anomalies.map(({ name }) => name)).toContain(anomaly);
    const miss = strict(told(nearly, time));
    expect(miss.anomalies.map(({ name }) => name)).not.toContain(anomaly);
  });

  test('the near misses of the strongest anomalies are valid', () => {
    for (const [, , nearly, time] of cases.slice(0, 8)) {
      expect([nearly, isolation(told(nearly, time), 'rc').verdict]).toEqual([nearly, 'valid']);
    }
  });
});

// The litmus tests of the field. With sessions in the definition, as Plume reads them.
describe('litmus tests, sessions ordered', () => {
  test.each<[string, string, readonly Level[]]>([
    ['dirty write', 'A a(x1) a(y1); B a(x2) a(y2); C r(x12) r(y21)', LEVELS],
    ['aborted read', 'A w(x1)!; B r(x1)', LEVELS],
    ['intermediate read', 'A w(x1) w(x2); B r(x1)', LEVELS],
    ['circular flow', 'A w(x1) r(y1); B w(y1) r(x1)', LEVELS],
    ['fractured read', 'A w(x1) w(y1); B r(y) r(x1)', LEVELS.slice(1)],
    ['fractured read, other order', 'A w(x1) w(y1); B r(x1) r(y)', LEVELS],
    ['causality', 'A w(x1); B r(x1) w(y1); C r(y1) | r(x)', LEVELS.slice(2)],
    ['long fork', 'A w(x1); B w(y1); C r(x1) r(y); D r(x) r(y1)', LEVELS.slice(3)],
    ['lost update', 'A r(x) w(x1); B r(x) w(x2)', LEVELS.slice(3)],
    ['read skew', 'A w(x1) w(y1); B r(x1) w(x2) w(y2); C r(x1) r(y2)', LEVELS.slice(1)],
    ['write skew', 'A r(x) w(y1); B r(y) w(x1)', LEVELS.slice(4)],
    ['own stale read', 'A w(x1) | r(x)', LEVELS.slice(1)],
    ['fractured list', 'A a(x2) a(y9); B a(x1); C r(x21) r(y)', LEVELS.slice(1)],
    ['causality of a list', 'A a(y1) | a(x1); B a(x2); C r(x12) | r(y)', LEVELS.slice(2)],
  ])('%s: %s', (_, text, expected) => {
    expect(broken(told(text), 'ordered')).toEqual(expected);
  });

  test('a stale read is serializable, and not strictly', () => {
    const stale = told('A w(x1); B r(x)', 'in-order');
    expect(broken(stale, 'ordered')).toEqual(['strict-ser']);
  });
});

test('what a session did not see of itself is named by how the levels are defined', () => {
  const rules = (sessions: Sessions) =>
    isolation(told('A w(x1) | r(x)'), 'session-ser', { sessions }).ruledOut.not;
  expect(rules('unordered')).toEqual(['causal']);
  expect(rules('ordered')).toContain('read-atomic');
});

test('without sessions in the definition an own stale read is serializable', () => {
  const stale = told('A w(x1) | r(x)');
  expect(broken(stale, 'unordered')).toEqual(['causal', 'session-ser', 'strict-ser']);
});

test('a cycle is told with keys, values and transactions', () => {
  const [anomaly] = isolation(told('A a(x1) r(y); B a(y1) r(x)'), 'ser').anomalies;
  expect(anomaly!.message).toBe(`Let:
  T0 = [append "x" 1, r "y" → []] by A
  T1 = [append "y" 1, r "x" → []] by B
Then:
  T0 < T1, because T0 has r "y" → [], which lacks 1, appended by T1.
  However, T1 < T0, because T1 has r "x" → [], which lacks 1, appended by T0: a contradiction.`);
  expect(anomaly!.edges).toEqual([
    { from: 0, to: 1, kind: 'rw', because: 'T0 has r "y" → [], which lacks 1, appended by T1' },
    { from: 1, to: 0, kind: 'rw', because: 'T1 has r "x" → [], which lacks 1, appended by T0' },
  ]);
});

test('two writers that cannot be ordered are told with both contradictions', () => {
  // Whoever of A and B wrote x last, one of the readers saw the other after it.
  const text =
    'A w(x1) w(a1); B w(x2) w(b1); C r(a1) | r(x2) w(c1); D r(b1) | r(x1) w(d1); E r(c1) | r(x1); F r(d1) | r(x2)';
  const { verdict, anomalies } = isolation(told(text), 'ser', { sessions: 'ordered' });
  expect(verdict).toBe('invalid');
  expect(anomalies.length).toBeGreaterThan(0);
});

test('the models that are ruled out are told from weak to strong', () => {
  const { ruledOut } = strict(told('A r(x) w(y1); B r(y) w(x1)'));
  expect(ruledOut.not).toEqual(['repeatable-read']);
  expect(ruledOut.alsoNot).toEqual([
    'serializable',
    'strong-session-serializable',
    'strict-serializable',
  ]);
});

test('a phantom says nothing about repeatable reads, an item does', () => {
  const rules = (text: string) => strict(told(text)).ruledOut.not;
  expect(rules('A p(*) a(x1); B p(*) a(y1)')).toEqual(['serializable']);
  expect(rules('A p(*) r(y) a(x1); B p(*) r(x) a(y1)')).toEqual(['repeatable-read']);
});

test('a phantom is told with the predicate and the key that it lacks', () => {
  const [anomaly] = isolation(told('A p(* z1) w(x1); B p(* z1) w(y1); C w(z1)'), 'ser').anomalies;
  expect(anomaly!.message).toBe(`Let:
  T0 = [rp null → [["z",1]], w "x" 1] by A
  T1 = [rp null → [["z",1]], w "y" 1] by B
Then:
  T0 < T1, because T0 has rp null → [["z",1]] without "y", which T1 wrote.
  However, T1 < T0, because T1 has rp null → [["z",1]] without "x", which T0 wrote: a contradiction.`);
});

test('values that are written twice are not judged', () => {
  const { verdict, reason } = strict(told('A w(x1); B w(x1); C r(x1)'));
  expect(verdict).toBe('unknown');
  expect(reason).toMatch(/^impossible history: T0 = .* and T1 = .* write the same value/);
  expect(strict(told('A a(x1); B a(x1); C r(x1)')).reason).toMatch(/append the same element/);
  expect(strict(told('A w(x1)!; B w(x1); C r(x1)')).verdict).toBe('valid');
  expect(isolation(told('A w(x1); B r(x1)'), 'ser', { initial: 1 }).reason).toMatch(
    /writes the initial value/,
  );
});

test('of many anomalies of one name some are put into words and all are counted', () => {
  const text = Array.from({ length: 40 }, (_, i) => `S${i} r(x9)`).join('; ');
  const { counts, anomalies } = strict(told(`A a(x1); ${text}`));
  expect(counts['thin-air-read']).toBe(40);
  expect(anomalies.filter(({ name }) => name === 'thin-air-read')).toHaveLength(16);
});

test('writers of one key that nobody can order are given up on before they fill the memory', () => {
  const txn = (i: number, list: readonly Plain[][]): Operation => ({
    process: String(i),
    name: 'txn',
    input: list.map(([kind, key, value]) => [kind!, key!, kind === 'r' ? null : value!]),
    outcome: 'ok',
    output: list,
    called: 0,
    returned: Infinity,
  });
  const writes = Array.from({ length: 3000 }, (_, i) => txn(i, [['w', 'x', i]]));
  expect(isolation(writes, 'si').verdict).toBe('valid');
  const read = [...writes, txn(3000, [['r', 'x', 7]])];
  const { verdict, reason } = isolation(read, 'si');
  expect(verdict).toBe('unknown');
  expect(reason).toContain('pairs of transactions write the same key, which are too many');
});

test('two appends that nobody read are a conflict under snapshot isolation', () => {
  const txn = (process: string, list: readonly Plain[][]): Operation => ({
    process,
    name: 'txn',
    input: list.map(([kind, key, value]) => [kind!, key!, kind === 'r' ? null : value!]),
    outcome: 'ok',
    output: list,
    called: 0,
    returned: 9,
  });
  const skew = (more: readonly Plain[][]) => [
    txn('a', [
      ['append', 'x', 1],
      ['r', 'y', []],
    ]),
    txn('b', [['append', 'y', 1], ['r', 'x', []], ...more]),
  ];
  expect(isolation(skew([]), 'si').verdict).toBe('valid');
  const { verdict, anomalies } = isolation(skew([['append', 'x', 2]]), 'si');
  expect(verdict).toBe('invalid');
  expect(anomalies.map(({ name, operations }) => [name, operations])).toContainEqual([
    'not-snapshot-isolated',
    [0, 1],
  ]);
});

describe('what is ruled out does not hold, where', () => {
  const cases: readonly (readonly [string, History, Level, readonly string[], Level, string])[] = [
    [
      'the order of writers follows from time alone',
      told('A w(z1); B w(z2) | r(z1)', 'in-order'),
      'strict-ser',
      ['not-strict-serializable'],
      'session-ser',
      'strict-serializable',
    ],
    [
      'it follows from serializability alone',
      told('A w(y2); B w(y8); C r(y2) w(x3); D w(x4) r(y8); E r(y8) r(x3) w(y9)'),
      'ser',
      ['not-serializable'],
      'si',
      'serializable',
    ],
    [
      'a session reads what it writes later',
      told('A r(x1) | w(x1)'),
      'causal',
      ['causality-violation'],
      'rc',
      'causal',
    ],
    [
      'a read that goes back does so along a session',
      told('A w(x1) | w(y1); B r(y1) r(x2); C w(x2) | r(x1)'),
      'session-ser',
      ['causality-violation'],
      'ra',
      'causal',
    ],
    [
      'snapshots are taken one after the other in a session',
      told('A r(y) a(x1) | a(y1) r(x)'),
      'session-ser',
      ['not-session-snapshot-isolated'],
      'si',
      'strong-session-snapshot-isolation',
    ],
  ];
  test.each(cases)('%s', (_, history, level, names, holds, weakest) => {
    const { verdict, anomalies, ruledOut } = isolation(history, level);
    expect(verdict).toBe('invalid');
    expect(anomalies.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
    expect(ruledOut.not).toContain(weakest);
    expect(isolation(history, holds).verdict).toBe('valid');
  });
});

test('a cycle tells what puts a writer behind another one whose value it did not read', () => {
  const stale = told('A w(z1); B w(z2) | r(z1)', 'in-order');
  expect(isolation(stale, 'strict-ser').anomalies[0]!.message).toContain(
    'T2 has r "z" → 1, from T0, which T1 overwrote, as T0 returned at 1, before T1 was called at 2',
  );
});

test('a list that lacks what the transaction appended to it is not even read committed', () => {
  const history = told('A a(x1); B a(x2) r(x1)');
  const { anomalies, ruledOut } = isolation(history, 'rc');
  expect(anomalies.map(({ name }) => name)).toEqual(['not-my-own-write']);
  expect(ruledOut.not).toEqual(['read-committed']);
  expect(isolation(history, 'ra').anomalies.map(({ name }) => name)).toContain('internal');
});

test('a budget of steps that is too small for the pairs of writers is named as the reason', () => {
  const sessions = Array.from({ length: 8 }, (_, i) => `S${i} w(x${i + 1}) r(y)`);
  const { verdict, reason } = isolation(told(sessions.join('; ')), 'si', { stepsMax: 10 });
  expect([verdict, reason]).toEqual([
    'unknown',
    'undecided after 10 steps, with 32 pairs of writers open',
  ]);
});
