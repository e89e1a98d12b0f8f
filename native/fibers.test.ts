import { expect, test } from 'vitest';
import { type FiberChoice, runFibers } from './index.ts';

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
  expect(runFibers('treiber-stack-untagged', () => 0)).toEqual({ verdict: 'passed', message: '' });
});

// One run in a hundred has the ABA: all 2,000 miss it with probability 2e-9.
test('a stack without tags pops a block twice, and with them never', () => {
  const verdicts = (program: string) =>
    new Set(Array.from({ length: 2000 }, (_, seed) => runFibers(program, chance(seed)).verdict));
  expect(verdicts('treiber-stack-untagged')).toEqual(new Set(['passed', 'violated']));
  expect(verdicts('treiber-stack')).toEqual(new Set(['passed']));
});

test('the same answers make the same run', () => {
  const run = () => {
    const asked: string[] = [];
    const choose = chance(7);
    runFibers('ms-queue', (question) => {
      const answer = choose(question);
      asked.push(`${question.site} ${question.count} ${answer}`);
      return answer;
    });
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
