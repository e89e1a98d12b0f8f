import { describe, expect, test } from 'vitest';
import type { Env } from '../../env/env.ts';
import { DATAGRAM_BYTES_MAX, NetError, type Plain } from '../../env/net.ts';
import { codeOf, IMPLEMENTATIONS } from './implementations.ts';

/** Asks until the other node is there to answer. */
async function ask(env: Env, host: string, method: string, request: Plain): Promise<Plain> {
  for (;;) {
    try {
      return await env.net.call(host, method, request, { timeoutMs: 50 });
    } catch (error) {
      if (!(error instanceof NetError && error.code === 'timed-out')) throw error;
    }
  }
}

describe.each(IMPLEMENTATIONS)('requests, $name', ({ run }) => {
  test('a reply comes from whoever serves the method, and plain data passes as it is', () => {
    const sent = {
      list: [1, 'two', null, true],
      bytes: new Uint8Array([0, 255]),
      $key: { a: 0.5 },
    };
    return run({
      server: async ({ net }) => {
        net.serve('echo', (request, from) => [from, request]);
      },
      client: async (env) => {
        expect(await ask(env, 'server', 'echo', sent)).toEqual(['client', sent]);
      },
    });
  });

  test('a node may ask itself, several requests at a time', () =>
    run({
      one: async ({ net, timers }) => {
        net.serve('later', async (request) => {
          await timers.sleep(request as number);
          return request;
        });
        const waits = [8, 1, 4, 2];
        const options = { timeoutMs: 10_000 };
        expect(await Promise.all(waits.map((ms) => net.call('one', 'later', ms, options)))).toEqual(
          waits,
        );
      },
    }));

  test('what a handler throws or rejects with reaches the caller', () =>
    run({
      one: async ({ net }) => {
        net.serve('throws', () => {
          throw new Error('thrown words');
        });
        net.serve('rejects', async () => {
          throw new Error('rejected words');
        });
        const failures = ['throws', 'rejects'].map((method) =>
          net.call('one', method, null, { timeoutMs: 10_000 }).catch((error: NetError) => error),
        );
        const [thrown, rejected] = (await Promise.all(failures)) as NetError[];
        expect(thrown).toMatchObject({ name: 'NetError', code: 'remote' });
        expect(thrown!.message).toContain('thrown words');
        expect(rejected).toMatchObject({ code: 'remote' });
        expect(rejected!.message).toContain('rejected words');
      },
    }));

  test('what is thrown and is no error is told as text', () =>
    run({
      one: async ({ net }) => {
        net.serve('throws', (thrown) => {
          throw thrown;
        });
        const messageOf = (thrown: Plain): Promise<unknown> =>
          net.call('one', 'throws', thrown, { timeoutMs: 10_000 }).catch((error) => error.message);
        expect(await messageOf('words')).toContain('words');
        expect(await messageOf({ code: 7 })).toContain('{"code":7}');
        expect(await messageOf({ message: 'said' })).toContain('said');
        expect(await messageOf(null)).toContain('null');
        expect(await messageOf('x'.repeat(60_000))).toContain('x…');
      },
    }));

  test('nobody sees in a message what another does to it later', () =>
    run({
      one: async ({ net, timers }) => {
        const given: { list: number[] }[] = [];
        const kept = { list: [3] };
        net.serve('keep', (request) => {
          given.push(request as { list: number[] });
          return kept;
        });
        const sent = { list: [1] };
        const reply = net.call('one', 'keep', sent, { timeoutMs: 10_000 });
        sent.list.push(2);
        const got = (await reply) as unknown as typeof kept;
        expect(given).toEqual([{ list: [1] }]);
        expect(got).toEqual({ list: [3] });
        kept.list.push(4);
        given[0]!.list.push(5);
        await timers.sleep(1);
        expect([sent, got]).toEqual([{ list: [1, 2] }, { list: [3] }]);
      },
    }));

  test('a method that nobody serves is a remote error on a node that serves another', () =>
    run({
      one: async ({ net }) => {
        net.serve('known', () => null);
        const code = await codeOf(() => net.call('one', 'unknown', null, { timeoutMs: 10_000 }));
        expect(code).toBe('remote');
      },
    }));

  test('no reply in time is a time-out, not before the time is up', () =>
    run({
      one: async ({ net, clock }) => {
        net.serve('never', () => new Promise(() => {}));
        const fromMs = clock.monotonicMs();
        const unanswered = codeOf(() => net.call('one', 'never', null, { timeoutMs: 12 }));
        expect(await codeOf(() => net.call('silent', 'any', null, { timeoutMs: 8 }))).toBe(
          'timed-out',
        );
        expect(clock.monotonicMs() - fromMs).toBeGreaterThanOrEqual(8);
        expect(await unanswered).toBe('timed-out');
        expect(clock.monotonicMs() - fromMs).toBeGreaterThanOrEqual(12);
      },
      silent: async () => {},
    }));

  test('a reply that comes after the time-out is nobody’s', () =>
    run({
      one: async ({ net, timers }) => {
        net.serve('slow', async () => {
          await timers.sleep(10);
          return 'late';
        });
        net.serve('quick', () => 'right');
        const slow = codeOf(() => net.call('one', 'slow', null, { timeoutMs: 1 }));
        expect(await slow).toBe('timed-out');
        expect(await net.call('one', 'quick', null, { timeoutMs: 10_000 })).toBe('right');
        await timers.sleep(40);
      },
    }));

  test('who is not there cannot be asked, and what does not fit cannot be sent', () =>
    run({
      one: async ({ net }) => {
        const options = { timeoutMs: 10_000 };
        const large = 'x'.repeat(DATAGRAM_BYTES_MAX);
        net.serve('large', () => large);
        expect(await codeOf(() => net.call('nobody', 'any', null, options))).toBe('unknown-host');
        await expect(net.call('nobody', 'any', null, options)).rejects.toThrow(
          "no node is named 'nobody': env.peers(role) has the names",
        );
        expect(await codeOf(() => net.call('one', 'large', large, options))).toBe('too-large');
        expect(await codeOf(() => net.call('one', 'large', null, options))).toBe('remote');
      },
    }));

  test('a call without a time-out is refused, in words', () =>
    run({
      one: async ({ net }) => {
        const call = net.call.bind(net) as (host: string, method: string) => Promise<Plain>;
        await expect(call('one', 'any')).rejects.toThrow(
          new TypeError(
            "call('one', 'any', request, { timeoutMs }): there is no timeoutMs, and no call waits for ever",
          ),
        );
      },
    }));

  test('a method has one handler', () =>
    run({
      one: async ({ net }) => {
        net.serve('method', () => null);
        expect(await codeOf(() => net.serve('method', () => null))).toBe('address-in-use');
      },
    }));
});
