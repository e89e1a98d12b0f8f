import { describe, expect, test } from 'vitest';
import type { Env } from '../../env/env.ts';
import { type Trial, trial } from '../../node/trial.ts';
import { Digest } from '../../sched/digest.ts';
import { inMacrotask } from '../../sched/macrotask.ts';
import { digestSees, WAYS } from './digest-sees.ts';

test('a changed byte changes the digest, whichever way a program says it', async () => {
  expect(await digestSees()).toEqual({ seen: WAYS, unseen: [] });
});

test('a digest that is deaf to bytes is caught', async () => {
  class Deaf extends Digest {
    override mixBytes(): void {}
  }
  const { unseen } = await digestSees(() => new Deaf());
  expect(unseen).toContain('sent in a datagram');
  expect(unseen).toContain('written to disk');
  expect(unseen).not.toContain('logged');
});

/** A run of one node. */
function run(program: (env: Env) => void): Promise<Trial> {
  const programs = { main: { load: () => async (env: Env) => program(env) } };
  return inMacrotask(() => trial({ seed: '1', programs }));
}

describe('the digest tells apart', () => {
  const say = (message: string) => () => {
    throw new Error(message);
  };
  test.for<[string, (env: Env) => void, (env: Env) => void]>([
    ['uncaught errors', say('one'), say('onf')],
    ['exit codes', ({ process }) => process.exit(1), ({ process }) => process.exit(2)],
    ['broken properties', (env) => env.always('a', false), (env) => env.always('b', false)],
    ['a failure and none', (env) => env.always('a', false), (env) => env.always('a', true)],
    ['what sometimes holds', (env) => env.sometimes('s', true), (env) => env.sometimes('s', false)],
    ['places reached', (env) => env.reachable('a'), (env) => env.reachable('b')],
  ])('%s', async ([, one, other]) => {
    expect((await run(one)).digest).not.toBe((await run(other)).digest);
  });

  test('reasons of a crash', async () => {
    const crashing = (reason: string) => (env: Env) => {
      if (env.process.incarnation === 0) env.process.crash(reason);
    };
    expect((await run(crashing('one'))).digest).not.toBe((await run(crashing('onf'))).digest);
  });
});
