import { expect, test } from 'vitest';
import { bench } from './bench.ts';

test('a part that there is not is refused before any is measured', async () => {
  const measured = (): never => {
    throw new Error('a part was measured');
  };
  const run = (...names: string[]) =>
    bench({ kernel: measured, check: measured }, measured, { names, json: true, budgetMs: 1 });
  await expect(run('check', 'kernal')).rejects.toThrow(
    "no part is named 'kernal'; did you mean 'kernel'?",
  );
  await expect(run('disk')).rejects.toThrow("no part is named 'disk'; there are: kernel, check");
});
