import type { Run } from 'groundhog';
import type { History } from 'groundhog/check';
import { expect, test } from 'vitest';
import { registerIsLinearizable, staleRead } from './register-is-linearizable.ts';
import { oneTooMany, sumIsConserved } from './sum-is-conserved.ts';

function runWith(history: History): Run {
  return { seed: '1', history, observed: {}, virtualMs: 0 };
}

test('a register that went back to an old value is rejected', async () => {
  const verdict = await registerIsLinearizable(runWith(staleRead));
  expect(verdict).toMatchObject({ verdict: 'invalid' });
});

test('a register without the stale read is accepted', async () => {
  const verdict = await registerIsLinearizable(runWith(staleRead.slice(0, 2)));
  expect(verdict).toMatchObject({ verdict: 'valid' });
});

test('money from nowhere is rejected, with the balances and the sum', () => {
  const check = sumIsConserved(200);
  expect(() => check(runWith(oneTooMany))).toThrow('100 + 101 = 201, not 200');
});

test('balances with the right sum are accepted', () => {
  expect(sumIsConserved(201)(runWith(oneTooMany))).toBeUndefined();
});
