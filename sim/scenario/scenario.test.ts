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

test('what a scenario has is accepted back', () => {
  const first = scenario({
    name: 'counter',
    roles: { server: { program: './a.ts', count: 2, args: { adds: 1 } } },
    faults: 'net',
    check: () => true,
  });
  const again = scenario({ ...first, name: 'counter-again', faults: 'calm' });
  expect({ ...again }).toEqual({ ...first, name: 'counter-again', faults: 'calm' });
  const elsewhere = scenario({ ...first, file: '/other/place.ts' });
  expect(elsewhere.file).toBe('/other/place.ts');
});

test.each([
  [undefined, 'scenario({ name, roles, … }) takes an object, not nothing'],
  [{ roles: {} }, "a scenario's name is lower-case words joined by '-', not nothing"],
  [{ name: 'demo', roles: { one: null } }, "role 'one' is an object, { program, … }, not null"],
  [{ name: 'demo', roles: { one: './a.ts' } }, "{ program, … }, not './a.ts'"],
  [{ program: './a.ts', count: '3' }, "the count of role 'one' is a whole number from 1, not '3'"],
  [{ program: () => 1 }, "the program of role 'one' is a module's path, not a function"],
  [{ name: 'demo', forMs: '5s' }, "forMs is a number of ms above 0, not '5s'"],
  [{ name: 'demo', check: 'ok' }, "check is a function (run) => …, not 'ok'"],
  [{ name: 'demo', file: 3 }, "file is a module's path, not 3"],
])('a wrong option is shown as it was given: %o', (options, says) => {
  const one = { program: './a.ts', ...(options && 'program' in options ? options : {}) };
  const whole =
    options && !('program' in options)
      ? { roles: { one }, ...options }
      : { name: 'demo', roles: { one } };
  expect(() => scenario((options && whole) as never)).toThrow(says);
});
