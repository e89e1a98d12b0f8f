import { expect, test } from 'vitest';
import { framesOf } from '../trace/told.ts';
import { runOne } from './runner.ts';
import type { RunSpec } from './subject.ts';
import { bodySubject } from './test-world.ts';
import { withThrowPlace } from './throw-place.ts';

type Body = Parameters<typeof bodySubject>[2];

const SPEC: RunSpec = { seed: '1', strategy: 'random' };

async function framesOfFailure(body: Body): Promise<string[]> {
  const subject = bodySubject('throws', { forMs: 1_000 }, body);
  const { result } = await runOne(subject, SPEC);
  const placed = await withThrowPlace(result, subject, () => SPEC);
  expect({ ...placed, failure: { ...placed.failure, stack: undefined } }).toEqual(result);
  return framesOf(placed.failure!);
}

// Before each, something else is thrown and caught.
test.each<[string, number, () => unknown]>([
  [
    'throw null',
    26,
    () => {
      throw null;
    },
  ],
  [
    'throw 5',
    33,
    () => {
      throw 5;
    },
  ],
  [
    'throw an object',
    40,
    () => {
      throw { code: 1 };
    },
  ],
  ['reject(undefined)', 43, () => new Promise((_, reject) => reject(undefined))],
])('what has no stack has the line that threw it: %s', async (_, line, planted) => {
  const frames = await framesOfFailure(async ({ env }) => {
    await env.timers.sleep(1);
    try {
      throw 'caught';
    } catch {}
    await planted();
  });
  expect(frames[0]).toMatch(new RegExp(`throw-place\\.test\\.ts:${line}:\\d+\\)?$`));
});

test('an error has a stack of its own, and keeps it', async () => {
  const subject = bodySubject('throws', { forMs: 1_000 }, async () => {
    throw new Error('planted');
  });
  const { result } = await runOne(subject, SPEC);
  expect(await withThrowPlace(result, subject, () => SPEC)).toBe(result);
});
