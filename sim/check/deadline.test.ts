import { expect, test } from 'vitest';
import { withinMs } from './deadline.ts';
import { linearizable } from './linear/linearizable.ts';
import type { Model } from './linear/model.ts';
import { register } from './linear/register.ts';

const NAMED = { model: 'register', operations: 0 };

test('a limit on real time holds inside a step that never ends', () => {
  const endless: Model<number> = {
    name: 'endless',
    initial: 0,
    step: (state) => {
      while (state === 0);
      return { state };
    },
  };
  const write = {
    process: 'a',
    name: 'w',
    input: 1,
    outcome: 'ok',
    output: null,
    called: 0,
    returned: 1,
  } as const;
  const { verdict, reason } = withinMs(20, { model: 'endless', operations: 1 }, () =>
    linearizable([write], endless),
  );
  expect([verdict, reason]).toEqual(['unknown', 'undecided after 20 ms of real time']);
});

test('within the limit nothing changes', () => {
  expect(withinMs(10_000, NAMED, () => linearizable([], register()))).toEqual(
    linearizable([], register()),
  );
  expect(() =>
    withinMs(10_000, NAMED, () => linearizable([{ name: 'x' } as never], register())),
  ).toThrowError('no operation "x"');
});
