import { expect, test } from 'vitest';
import type { Plain } from '../env/net.ts';
import { scenario } from './scenario.ts';

function withArgs(args: unknown) {
  return () =>
    scenario({ name: 'demo', roles: { one: { program: './a.ts', args: args as Plain } } });
}

class Money {
  cents = 1;
}
const ring: { [key: string]: unknown } = { a: 1 };
ring['self'] = { ring };

test.each([
  [() => 1, 'args is a function'],
  [{ reads: [1, { next: () => 1 }] }, 'args.reads[1].next is a function'],
  [{ 'a-b': new Map() }, 'args["a-b"] is a Map'],
  [{ at: new Date(0) }, 'args.at is a Date'],
  [{ price: new Money() }, 'args.price is a Money'],
  [[Number.NaN], 'args[0] is NaN'],
  [[undefined], 'args[0] is undefined'],
  [{ n: 5n }, 'args.n is a bigint'],
  [{ s: Symbol('x') }, 'args.s is Symbol(x)'],
  [ring, 'args.self.ring is what it stands in'],
])('args that are not plain data are refused by their path: %o', (args, says) => {
  expect(withArgs(args)).toThrow(
    `scenario 'demo': args of role 'one' are plain data, as JSON has it, and ${says}`,
  );
});

test('plain data are accepted, of any realm, and the same value twice', () => {
  const twice = { a: 1 };
  const args = [null, true, 1.5, 'x', new Uint8Array(2), [twice, twice], { none: undefined }];
  expect(withArgs(args)).not.toThrow();
  expect(withArgs(Object.assign(Object.create(null), { a: [] }))).not.toThrow();
});
