import { describe, expect, test } from 'vitest';
import type { Env } from '../../env/env.ts';
import { IMPLEMENTATIONS } from './implementations.ts';

/** As JavaScript calls it: nobody has looked at the types. */
type Loose = { readonly [name: string]: (...args: unknown[]) => unknown };
const loose = (port: unknown): Loose => port as Loose;

/** A call that makes no sense, and what it is told. */
const WRONG: readonly (readonly [call: string, (env: Env) => unknown, says: string])[] = [
  [
    'a mode that there is not',
    ({ disk }) => loose(disk)['open']!('x', 'w+'),
    "disk.open(path, mode): a mode is one of 'read', 'update', 'open-or-create', 'create', not 'w+'",
  ],
  ['no path', ({ disk }) => loose(disk)['list']!(), 'a path is a text, not undefined'],
  [
    'a path in pieces',
    ({ disk }) => loose(disk)['remove']!(['a']),
    'a path is a text, not an array',
  ],
  [
    'two paths to rename',
    ({ disk }) => loose(disk)['rename']!('a', 'b'),
    "disk.rename({ from, to }): one object, not 'a'",
  ],
  [
    'text as bytes',
    async ({ disk }) => loose(await disk.open('f', 'create'))['write']!(0, 'text'),
    "file.write(at, bytes): bytes are a Uint8Array, not 'text'",
  ],
  [
    'no range to read',
    async ({ disk }) => loose(await disk.open('g', 'create'))['read']!(),
    'file.read({ at, bytes }): one object, not undefined',
  ],
  [
    'host and port apart',
    ({ net }) => loose(net)['connect']!('one-1', 80),
    "net.connect({ host, port }): an address is an object, not 'one-1'",
  ],
  [
    'no port',
    ({ net }) => loose(net)['connect']!({ host: 'one' }),
    'a port is a whole number from 0 to 65535, not undefined',
  ],
  [
    'a port as text',
    ({ net }) => loose(net)['listen']!('80'),
    "a port is a whole number from 0 to 65535, not '80'",
  ],
  [
    'no handler',
    ({ net }) => loose(net)['serve']!('add'),
    'net.serve(method, handler): the handler is a function, not undefined',
  ],
  [
    'no range',
    ({ random }) => loose(random)['integer']!('dice'),
    "random.integer(site, { min, max }): not 'dice' and undefined",
  ],
  [
    'no name of a draw',
    ({ random }) => loose(random)['integer']!({ min: 0, max: 1 }),
    'random.integer(site, { min, max }): not an object and undefined',
  ],
  [
    'no weights',
    ({ random }) => loose(random)['branch']!('way', 'left'),
    "random.branch(site, weights): weights are an object, not 'left'",
  ],
  [
    'no items',
    ({ random }) => loose(random)['pick']!(['a', 'b']),
    'random.pick(site, items): items are an array, not undefined',
  ],
  ['no site', ({ random }) => loose(random)['uuid']!(), "a site's name is a text, not undefined"],
  [
    'a value to observe',
    (env) => loose(env)['observe']!('sum', 3),
    'env.observe(name, snapshot): snapshot is a function, not 3',
  ],
  [
    'a function that always holds',
    (env) => loose(env)['always']!('sum', () => false),
    'env.always(name, holds): holds is a boolean, not a function: say what it comes to',
  ],
  [
    'a promise that sometimes holds',
    (env) => loose(env)['sometimes']!('sum', Promise.resolve(false)),
    'env.sometimes(name, holds): holds is a boolean, not a Promise: say what it comes to',
  ],
  [
    'a name that comes last',
    (env) => loose(env)['always']!(false, 'sum'),
    'env.always(name, holds): the name is a text, not false',
  ],
  [
    'a value that holds eventually',
    (env) => loose(env)['eventually']!('sum', true),
    'env.eventually(name, holds): holds is a function, not true',
  ],
  [
    'an operation without a pause',
    (env) => loose(env)['operation']!('add', async () => {}),
    'env.operation(label, { thinkMs }, body): thinkMs is a number of ms from 0, not undefined',
  ],
  [
    'an operation without a body',
    (env) => loose(env)['operation']!('add', { thinkMs: 1 }),
    'env.operation(label, { thinkMs }, body): the body is a function, not undefined',
  ],
];

describe.each(IMPLEMENTATIONS)('arguments, $name', ({ run }) => {
  test('what makes no sense is refused with what was given', () =>
    run({
      one: async (env) => {
        for (const [name, call, says] of WRONG) {
          const told = await (async () => call(env))().then(String, String);
          expect(`${name}: ${told}`).toBe(`${name}: TypeError: ${says}`);
        }
      },
    }));

  test('an operation need not be asynchronous', () =>
    run({
      one: async (env) => {
        const operate = (body: () => unknown) =>
          loose(env)['operation']!('add', { thinkMs: 0 }, body) as Promise<void>;
        await operate(() => 3);
        const thrown = operate(() => {
          throw new Error('at once');
        });
        await expect(thrown).rejects.toThrow('at once');
      },
    }));
});
