import { expect, test } from 'vitest';
import { builtInScenarios } from '../../campaign/targets.ts';
import { DecisionRecord, VALUE } from '../../trace/record.ts';
import { afterEdit, compare } from './edit-stable.ts';

async function refOf(name: string): Promise<Parameters<typeof afterEdit>[0]> {
  const refs = await builtInScenarios();
  return refs.find((ref) => ref.name === name)!;
}

// Seeds 30 and 49 of the canary fail without the edit.
test('a timer and a request on one replica move no draw of a run that they do not change', async () => {
  const seeds = ['1', '2', '3', '30', '49'];
  const { still, draws, moved } = await afterEdit(await refOf('register-no-write-back'), seeds);
  expect(moved).toBe(0);
  expect(draws).toBeGreaterThan(20_000);
  expect(still).toBe(2);
}, 30_000);

test('a decision with another outcome counts as moved, one that is new does not', () => {
  const before = new DecisionRecord();
  const after = new DecisionRecord();
  for (const [record, outcome] of [
    [before, 7],
    [after, 8],
  ] as const) {
    record.push(VALUE, 1, 10, 20, 0, 0, 0, 5);
    record.push(VALUE, 1, 10, 20, 1, 0, 0, outcome);
  }
  after.push(VALUE, 2, 10, 20, 0, 0, 0, 9);
  expect(compare(before, after)).toEqual({ draws: 2, moved: 1 });
});
