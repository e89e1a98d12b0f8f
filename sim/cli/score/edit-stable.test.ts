import { expect, test } from 'vitest';
import { builtInScenarios } from '../../campaign/targets.ts';
import { DecisionRecord, STEP, VALUE } from '../../trace/record.ts';
import { afterEdit, compare } from './edit-stable.ts';

async function refOf(name: string): Promise<Parameters<typeof afterEdit>[0]> {
  const refs = await builtInScenarios();
  return refs.find((ref) => ref.name === name)!;
}

test('a timer and a request on one replica move no draw of a run that they do not change', async () => {
  const seeds = ['1', '2', '3', '30', '49'];
  const { draws, moved, lost } = await afterEdit(await refOf('register-no-write-back'), seeds);
  expect({ moved, lost }).toEqual({ moved: 0, lost: 0 });
  expect(draws).toBeGreaterThan(40_000);
}, 30_000);

/**
 * A run of four steps that draw once each, as `ordinalOf` names the draws. The last draw does not
 * count: no later step says that it was taken in time.
 */
function drawn(ordinalOf: (draw: number) => number, extra: 'extra' | undefined): DecisionRecord {
  const record = new DecisionRecord();
  let draws = 0;
  for (const lo of extra === undefined ? [1, 2, 3, 4] : [1, 9, 2, 3, 4]) {
    record.push(STEP, 1, lo, 0, 0, 0, 0, lo);
    record.push(VALUE, 1, lo, 0, ordinalOf(draws++), 0, 0, 10 * lo);
  }
  return record;
}

test('draws that are named by the step survive one that is new', () => {
  const named = () => 0;
  expect(compare(drawn(named, undefined), drawn(named, 'extra'), 9)).toEqual({
    draws: 7,
    moved: 0,
    lost: 0,
  });
});

test('draws that a run numbers do not', () => {
  const numbered = (draw: number): number => draw;
  expect(compare(drawn(numbered, undefined), drawn(numbered, 'extra'), 9)).toMatchObject({
    lost: 2,
  });
});

test('a decision with another outcome counts as moved', () => {
  const before = drawn(() => 0, undefined);
  const after = before.mapped((entry) => before.outcome(entry) + (entry === 5 ? 1 : 0));
  expect(compare(before, after, 9)).toEqual({ draws: 7, moved: 1, lost: 0 });
});

test('what comes after the end of the other run is not missed', () => {
  const before = drawn(() => 0, undefined);
  const after = before.filtered((entry) => entry < 4);
  expect(compare(before, after, 2)).toMatchObject({ moved: 0, lost: 0 });
  expect(compare(before, after, 4)).toMatchObject({ lost: 3 });
});
