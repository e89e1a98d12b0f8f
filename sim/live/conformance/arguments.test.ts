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
    "disk.open: a mode is one of 'read', 'update', 'open-or-create', 'create', not 'w+'",
  ],
  ['no path', ({ disk }) => loose(disk)['list']!(), 'a path is a text, not nothing'],
  [
    'a path in pieces',
    ({ disk }) => loose(disk)['remove']!(['a']),
    'a path is a text, not an array',
  ],
  [
    'two paths to rename',
    ({ disk }) => loose(disk)['rename']!('a', 'b'),
    "disk.rename was given 'a'; it is env.disk.rename({ from, to })",
  ],
  [
    'text as bytes',
    async ({ disk }) => loose(await disk.open('f', 'create'))['write']!(0, 'text'),
    "file.write was given 'text'; it is file.write(at, aUint8Array)",
  ],
  [
    'no range to read',
    async ({ disk }) => loose(await disk.open('g', 'create'))['read']!(),
    'file.read was given nothing; it is file.read({ at, bytes })',
  ],
  [
    'host and port apart',
    ({ net }) => loose(net)['connect']!('one-1', 80),
    "net.connect was given 'one-1'; it is env.net.connect({ host, port })",
  ],
  [
    'no host',
    ({ net }) => loose(net)['connect']!({ port: 80 }),
    'net.connect was given an object; it is env.net.connect({ host, port })',
  ],
  [
    'no port',
    ({ net }) => loose(net)['connect']!({ host: 'one' }),
    'a port is a whole number from 0 to 65535, not nothing',
  ],
  [
    'a port as text',
    ({ net }) => loose(net)['listen']!('80'),
    "a port is a whole number from 0 to 65535, not '80'",
  ],
  [
    'no range',
    ({ random }) => loose(random)['integer']!('dice'),
    'random.integer was given nothing; it is env.random.integer(site, { min, max })',
  ],
  [
    'no name of a draw',
    ({ random }) => loose(random)['integer']!({ min: 0, max: 1 }),
    'random.integer was given an object; it is env.random.integer(site, { min, max })',
  ],
  [
    'no weights',
    ({ random }) => loose(random)['branch']!('way', 'left'),
    "random.branch was given 'left'; it is env.random.branch(site, { name: weight, … })",
  ],
  [
    'no items',
    ({ random }) => loose(random)['pick']!(['a', 'b']),
    'random.pick was given nothing; it is env.random.pick(site, anArray)',
  ],
  ['no site', ({ random }) => loose(random)['uuid']!(), "a site's name is a text, not nothing"],
  [
    'a function that always holds',
    (env) => loose(env)['always']!('sum', () => false),
    "always('sum', …) was given a function; it is env.always(name, trueOrFalse)",
  ],
  [
    'a promise that sometimes holds',
    (env) => loose(env)['sometimes']!('sum', Promise.resolve(false)),
    "sometimes('sum', …) was given a promise; it is env.sometimes(name, trueOrFalse)",
  ],
  [
    'a name that comes last',
    (env) => loose(env)['always']!(false, 'sum'),
    'always was given false; it is env.always(name, trueOrFalse)',
  ],
  [
    'a value that holds eventually',
    (env) => loose(env)['eventually']!('sum', true),
    "eventually('sum', …) was given true; it is env.eventually(name, () => trueOrFalse)",
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
