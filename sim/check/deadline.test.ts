import { AsyncResource } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { withinMs } from './deadline.ts';
import type { Operation } from './history.ts';
import { linearizable } from './linear/linearizable.ts';
import type { Model } from './linear/model.ts';
import { register } from './linear/register.ts';

const NAMED = { model: 'register', operations: 0 };

const WRITE: Operation = {
  process: 'a',
  name: 'w',
  input: 1,
  outcome: 'ok',
  output: null,
  called: 0,
  returned: 1,
};

function stuckIn(loop: () => never): string {
  const model: Model<number> = { name: 'endless', initial: 0, step: loop };
  const named = { model: 'endless', operations: 1 };
  const { verdict, reason } = withinMs(20, named, () => linearizable([WRITE], model));
  return `${verdict}: ${reason}`;
}

function endless(): never {
  for (;;);
}

test('a limit on real time holds inside a step that never ends', () => {
  expect(stuckIn(endless)).toBe('unknown: undecided after 20 ms of real time');
});

// Without care Node.js aborts the whole process when the immediate ends.
test('a step that is cut off inside an async scope leaves the process alive', async () => {
  const said = await new Promise((resolve) => {
    const scope = new AsyncResource('step');
    setImmediate(() => resolve(stuckIn(() => scope.runInAsyncScope(endless))));
  });
  expect(said).toBe('unknown: undecided after 20 ms of real time');
});

test('within the limit nothing changes', () => {
  expect(withinMs(10_000, NAMED, () => linearizable([], register()))).toEqual(
    linearizable([], register()),
  );
  expect(() =>
    withinMs(10_000, NAMED, () => linearizable([{ name: 'x' } as never], register())),
  ).toThrowError('no operation "x"');
});
