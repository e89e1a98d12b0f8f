import { expect, test } from 'vitest';
import { codeOf } from './start.ts';

const FINE = { held: true, replays: true };

test.each([
  [[FINE, FINE], 0],
  [[FINE, { held: false, replays: true }], 1],
  [[{ held: true, replays: false }, FINE], 3],
  [
    [
      { held: false, replays: true },
      { held: true, replays: false },
    ],
    3,
  ],
])('a story that does not replay is a divergence, whatever else held: %j', (rows, code) => {
  expect(codeOf(rows)).toBe(code);
});
