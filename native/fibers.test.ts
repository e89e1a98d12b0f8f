import { expect, test } from 'vitest';
import {
  type FiberChoice,
  fiberPrograms,
  runFibers,
  type SearchOptions,
  type SearchState,
  searchFibers,
} from './index.ts';

/** SplitMix32: what is drawn here need only be the same in every run. */
function chance(seed: number): FiberChoice {
  let state = seed;
  return ({ count, rare }) => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    const drawn = (z ^ (z >>> 16)) >>> 0;
    return rare && drawn % 8 !== 0 ? 0 : (drawn >>> 3) % count;
  };
}

test('without a choice the calmest run is made, which passes', () => {
  for (const byPriorities of [false, true]) {
    const outcome = runFibers('treiber-stack-untagged', () => 0, { byPriorities });
    expect(outcome).toEqual({ verdict: 'passed', message: '' });
  }
});

// One run in a hundred has the ABA: all 2,000 miss it with probability 2e-9.
for (const byPriorities of [false, true]) {
  const how = byPriorities ? 'by priorities' : 'by chance';
  test(`a stack without tags pops a block twice ${how}, and with them never`, () => {
    const verdicts = (program: string) =>
      new Set(
        Array.from(
          { length: 2000 },
          (_, seed) => runFibers(program, chance(seed), { byPriorities }).verdict,
        ),
      );
    expect(verdicts('treiber-stack-untagged')).toEqual(new Set(['passed', 'violated']));
    expect(verdicts('treiber-stack')).toEqual(new Set(['passed']));
  });
}

test('the same answers make the same run', () => {
  const run = () => {
    const asked: string[] = [];
    const choose = chance(7);
    for (const byPriorities of [false, true]) {
      runFibers(
        'ms-queue',
        (question) => {
          const answer = choose(question);
          asked.push(`${question.site} ${question.count} ${answer}`);
          return answer;
        },
        { byPriorities },
      );
    }
    return asked;
  };
  expect(run().length).toBeGreaterThan(20);
  expect(run()).toEqual(run());
});

test('answers that are none of the outcomes are taken as the calmest', () => {
  expect(runFibers('hazards', () => Number.NaN).verdict).toBe('passed');
  expect(runFibers('hazards', () => -1).verdict).toBe('passed');
  expect(runFibers('hazards', () => 1e9).verdict).toBe('passed');
});

test('a run that a chooser leaves is over, and the next one starts afresh', () => {
  const leave = () => {
    throw new Error('enough');
  };
  expect(() => runFibers('ms-queue', leave)).toThrow('enough');
  expect(runFibers('ms-queue', () => 0).verdict).toBe('passed');
});

test('an unknown program is refused with the names of those that are known', () => {
  expect(() => runFibers('nothing', () => 0)).toThrow(
    /named 'nothing'; there are: message-passing/,
  );
});

/** What is known at the end, or after so many runs. */
function searched(program: string, options: SearchOptions, runsMax = 50_000): SearchState {
  let last: SearchState | undefined;
  for (const state of searchFibers(program, options, 1000)) {
    last = state;
    if (state.runs >= runsMax) break;
  }
  return last!;
}

test('reduction makes all runs that differ, in fewer than depth first', () => {
  const all = searched('spin-lock', { strategy: 'dfs' });
  const reduced = searched('spin-lock', { strategy: 'dpor' });
  const bounded = searched('spin-lock', { strategy: 'dfs', preemptionsMax: 1 });
  for (const state of [all, reduced]) {
    expect(state).toMatchObject({ verdict: 'passed', ended: true, complete: true });
  }
  expect(reduced.runs).toBeLessThan(all.runs / 4);
  expect(bounded.runs).toBeLessThan(all.runs);
});

// By itself the schedule that frees too early is one of many; every schedule shows that nothing
// orders the end of the memory after its last use, so each strategy sees it at once.
test('a use that a free is not ordered after is found by every strategy', () => {
  for (const strategy of ['random', 'pct', 'dfs', 'dpor'] as const) {
    const state = searched('hazards-acq-rel', { strategy });
    expect(state.verdict).toBe('use after free');
    expect(state.runs).toBeLessThan(100);
  }
});

test('every strategy finds the broken twin, and none an error in what is correct', () => {
  for (const strategy of ['random', 'pct', 'dfs', 'dpor'] as const) {
    const broken = searched('message-passing-relaxed', { strategy });
    expect(broken).toMatchObject({ verdict: 'race', ended: true, complete: false });
    for (const program of ['message-passing', 'spin-lock', 'elided-lock']) {
      expect(searched(program, { strategy }, 3000)).toMatchObject({ verdict: 'passed' });
    }
    expect(searched('elided-lock-blind', { strategy }).verdict).not.toBe('passed');
  }
});

test('the same seed makes the same search, and another one another', () => {
  const runs = (seed: number) => searched('treiber-stack-untagged', { strategy: 'pct', seed }).runs;
  expect(runs(5)).toBe(runs(5));
  expect(new Set([1, 2, 3, 4, 5].map(runs)).size).toBeGreaterThan(1);
});

test('a search for no program is refused', () => {
  expect(() => searched('no-such', { strategy: 'dfs' })).toThrow(RangeError);
  expect(fiberPrograms()).toContain('treiber-stack');
});
