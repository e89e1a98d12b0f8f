import { expect, test } from 'vitest';
import { ProgramRandom } from '../choice/program-random.ts';
import { Entropy } from './entropy.ts';
import { downMax, strokeOf, type Target, targets, victim } from './storm.ts';

const random = new ProgramRandom(new Entropy());

function nodes(role: string, serving: number, down: number): Target[] {
  return [
    ...Array.from({ length: serving }, () => ({ role, serves: true })),
    ...Array.from({ length: down }, () => ({ role, serves: false })),
  ];
}

test.each([
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 1],
  [5, 2],
  [7, 3],
])('of %d nodes %d may be down', (count, max) => {
  expect(downMax(count)).toBe(max);
});

test('roles that serve are targets, others are not', () => {
  const all = [...nodes('replica', 4, 1), ...nodes('lock', 1, 0), ...nodes('client', 0, 8)];
  expect([...targets(all)]).toEqual([
    ['replica', 2],
    ['lock', 1],
  ]);
});

test('a victim is one that serves, while its role has room for one more to be down', () => {
  expect(victim(nodes('a', 5, 0), 'a', random)).toMatchObject({ serves: true });
  expect(victim(nodes('a', 4, 1), 'a', random)).toMatchObject({ serves: true });
  expect(victim(nodes('a', 3, 2), 'a', random)).toBe(undefined);
  expect(victim(nodes('a', 1, 0), 'a', random)).toMatchObject({ serves: true });
  expect(victim(nodes('a', 0, 1), 'a', random)).toBe(undefined);
  expect(victim([...nodes('a', 3, 2), ...nodes('b', 1, 0)], 'b', random)?.role).toBe('b');
});

// A node of five is missed by all 200 draws with chance 0.8^200 < 1e-19.
test('every node that serves is a victim at some time', () => {
  const all = nodes('a', 5, 0);
  const seen = new Set(Array.from({ length: 200 }, () => victim(all, 'a', random)));
  expect(seen.size).toBe(5);
});

test('a node is killed in the first part of a period and up again before its last quarter', () => {
  for (let i = 0; i < 500; i++) {
    const { afterMs, downMs } = strokeOf(1000, random);
    expect(afterMs).toBeGreaterThanOrEqual(0);
    expect(afterMs).toBeLessThanOrEqual(375);
    expect(downMs).toBeGreaterThanOrEqual(0);
    expect(afterMs + downMs).toBeLessThanOrEqual(750);
  }
});
