import { describe, expect, test } from 'vitest';
import { Deviations, type DeviationsOptions } from './deviations.ts';
import { RandomWalk } from './random.ts';
import { keysOf } from './seed.ts';
import { site } from './site.ts';
import { weights } from './strategy.ts';

const PLACE = site('test.place');
const FATE = site('test.fate');
const ASKER = { lo: 1, hi: 1, ordinal: 0, actor: 0 };

function search(most: number, more: Partial<DeviationsOptions> = {}): Deviations {
  const base = new RandomWalk(keysOf('1'));
  return new Deviations({ name: 'faults', base, most, at: new Set([PLACE]), ...more });
}

/** All runs of a program that is nothing but questions. */
function runsOf(search: Deviations, ask: (place: () => number) => number[]): string[] {
  const runs: string[] = [];
  do runs.push(ask(() => search.branch(PLACE, ASKER, weights(1, 0))).join(''));
  while (search.next(false));
  return runs;
}

const FOUR = (place: () => number) => [place(), place(), place(), place()];

describe('runs that depart at few places', () => {
  test.each([
    [0, 1, false],
    [1, 1 + 4, false],
    [2, 1 + 4 + 6, false],
    [4, 16, true],
    [Infinity, 16, true],
  ])('at %s at most are %s, each made once', (most, count, complete) => {
    const all = search(most);
    const runs = runsOf(all, FOUR);
    expect(runs).toHaveLength(count);
    expect(new Set(runs).size).toBe(count);
    expect(all.complete).toBe(complete);
  });

  test('come by the number of their departures, the run of the seed first', () => {
    const departures = runsOf(search(Infinity), FOUR).map((run) => run.replaceAll('0', '').length);
    expect(departures).toEqual(departures.toSorted((a, b) => a - b));
    expect(departures[0]).toBe(0);
  });

  test('come spread over all places', () => {
    const all = search(1);
    const many = (place: () => number) => Array.from({ length: 100 }, place);
    const at = runsOf(all, many).map((run) => run.indexOf('1'));
    expect(new Set(at).size).toBe(1 + 100);
    const quarters = new Set(at.slice(1, 8).map((place) => Math.floor(place / 25)));
    expect(quarters.size).toBe(4);
  });

  test('what a departure leads to has places of its own', () => {
    const runs = runsOf(search(2), (place) => (place() === 1 ? [1, place()] : [0]));
    expect(runs).toEqual(['0', '10', '11']);
  });
});

test('of places that stand alike one is departed from, once for each number of departures', () => {
  const all = search(2);
  all.standing = () => 'as ever';
  expect(runsOf(all, FOUR)).toEqual(['0000', '1000', '1100']);
  expect(all.frontier.places).toBe(4 + 3);
  expect(all.frontier.known).toBe(3 + 2);
});

test('what a departure does is gone through beside, and is none of its own', () => {
  const all = search(1, { within: new Set([FATE]) });
  const fate = weights(2, 1, 2);
  const runs = runsOf(all, (place) => {
    const outcome = place();
    return outcome === 0 ? [0] : [1, all.branch(FATE, ASKER, fate)];
  });
  expect(runs).toEqual(['0', '10', '11', '12']);
});

test('the same question in a step that has not departed is the seed to answer', () => {
  const all = search(1, { within: new Set([FATE]) });
  const base = new RandomWalk(keysOf('1'));
  const fate = weights(1, 1, 1);
  const other = { ...ASKER, lo: 2 };
  const runs = runsOf(all, (place) => [place(), all.branch(FATE, other, fate)]);
  const drawn = base.branch(FATE, other, fate);
  expect(runs).toEqual([`0${drawn}`, `1${drawn}`]);
});
