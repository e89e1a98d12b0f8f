import { expect, test } from 'vitest';
import { runOne } from './runner.ts';
import { bodySubject } from './test-world.ts';

test('a loop that was compiled while it hung is told with the line that was written, in a test too', async () => {
  const subject = bodySubject('hangs', { forMs: 1_000 }, async () => {
    for (;;) {}
  });
  const { result } = await runOne(subject, { seed: '1', strategy: 'random' }, { hangMs: 500 });
  expect(result.reason).toMatch(/; it was in sim\/explore\/hot-line\.test\.ts:7$/);
});
