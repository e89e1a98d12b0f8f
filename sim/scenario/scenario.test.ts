import { expect, test } from 'vitest';
import { scenario } from './scenario.ts';

test.for([
  [Infinity, 'plain data has finite numbers only, not Infinity'],
  [() => 1, 'plain data has no function'],
] as const)('args that a node cannot get a copy of are refused: %s', ([value, why]) => {
  const args = { budget: value } as { budget: number };
  const declare = (): unknown =>
    scenario({ name: 'odd', roles: { server: { program: './server.mjs', args } } });
  expect(declare).toThrow(`scenario 'odd': the args of role 'server': ${why}`);
});
