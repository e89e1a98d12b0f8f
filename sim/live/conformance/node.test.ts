import { describe, expect, test } from 'vitest';
import type { Pool } from '../../env/memory.ts';
import { codeOf, IMPLEMENTATIONS } from './implementations.ts';

describe.each(IMPLEMENTATIONS)('a node, $name', ({ run }) => {
  const inPool = (body: (pool: Pool) => Promise<void>, background = false) =>
    run({ one: ({ memory }) => body(memory.pool({ capacityBytes: 10_000, background })) });
  const kinds = [
    { kind: 'a pool', background: false },
    { kind: 'a pool with threads of its own', background: true },
  ];

  test('the functions of Env may be taken apart', () =>
    run({
      node: async (env) => {
        const { peers, observe, always, sometimes, reachable, buggify, operation } = env;
        const { maximise, minimise } = env;
        observe('peers', () => peers('node').length);
        always('has peers', peers('node').length === 1);
        sometimes('has peers', true);
        reachable('here');
        buggify('here');
        maximise('peers', 1);
        minimise('peers', 1);
        await operation('one', { thinkMs: 1 }, async () => {});
      },
    }));

  test('a node knows its name, its place and its peers', () => {
    const peers = ['a', 'b', 'c'];
    return run(
      Object.fromEntries(
        peers.map((name, i) => [
          name,
          async (env) => {
            expect(env).toMatchObject({ name, role: 'node', index: i + 1 });
            expect(env.process.incarnation).toBe(0);
            expect(env.peers('node')).toEqual(peers);
            expect(await codeOf(() => env.peers('nobody'))).toBe('RangeError');
            expect(await codeOf(() => env.peers('constructor'))).toBe('RangeError');
            expect(() => env.peers('nodes')).toThrow(
              "no role is named 'nodes'; did you mean 'node'?",
            );
          },
        ]),
      ),
    );
  });

  test.each(kinds)(
    'in $kind a block is zeroed, its own, and the same bytes at every view',
    ({ background }) =>
      inPool(async (pool) => {
        expect(pool.capacityBytes).toBe(12_288);
        const a = pool.allocate(100, 'a');
        const b = pool.allocate(50, 'b');
        expect([...pool.view(a)]).toEqual(new Array(100).fill(0));
        pool.view(a).fill(1);
        pool.view(b).fill(2);
        expect([...pool.view(a)]).toEqual(new Array(100).fill(1));
        expect(pool.usedBytes()).toBe(150);
        pool.free(a);
        expect(pool.usedBytes()).toBe(50);
        const again = pool.allocate(100, 'a');
        expect([...pool.view(again)]).toEqual(new Array(100).fill(0));
        expect([...pool.view(b)]).toEqual(new Array(50).fill(2));
      }, background),
  );

  test('a movable block keeps its handle and its bytes, and its place while it is pinned', () =>
    run({
      one: async ({ memory }) => {
        const pool = memory.movablePool({ capacityBytes: 10_000 });
        expect(pool.capacityBytes).toBe(12_288);
        const cards = Array.from({ length: 20 }, () => pool.allocate(500, 'card'));
        const pinned = pool.pin(cards[9]!).fill(9);
        for (const card of cards.slice(0, 9)) pool.free(card);
        for (const [at, card] of cards.slice(10).entries()) {
          expect([...pool.pin(card)]).toEqual(new Array(500).fill(0));
          pool.pin(card).fill(at);
          pool.unpin(card);
          pool.unpin(card);
        }
        expect([...pinned]).toEqual(new Array(500).fill(9));
        expect(pool.usedBytes()).toBe(11 * 500);
        expect(await codeOf(() => pool.pin(cards[0]!))).toBe('double-free');
        expect(await codeOf(() => pool.unpin(cards[10]!))).toBe('invalid-offset');
        for (const [at, card] of cards.slice(10).entries()) {
          expect([...pool.pin(card)]).toEqual(new Array(500).fill(at));
          pool.free(card);
        }
        pool.free(cards[9]!);
        pool.close();
        expect(await codeOf(() => pool.allocate(1, 'late'))).toBe('closed');
      },
    }));

  test('places are the same in every run', () =>
    inPool(async (pool) => {
      const first = pool.allocate(64, 'first');
      const second = pool.allocate(64, 'second');
      pool.free(first);
      expect([first, second, pool.allocate(64, 'third')]).toEqual([16, 112, 16]);
    }));

  test.each(kinds)('in $kind what cannot be is refused by its code', ({ background }) =>
    inPool(async (pool) => {
      const block = pool.allocate(100, 'mine');
      const freed = pool.allocate(100, 'freed');
      pool.free(freed);
      for (const bytes of [0, -1, 0.5, 20_000]) {
        expect(await codeOf(() => pool.allocate(bytes, 'bad'))).toBe('invalid-size');
      }
      expect(await codeOf(() => pool.free(freed))).toBe('double-free');
      expect(await codeOf(() => pool.free((block + 1) as typeof block))).toBe('invalid-offset');
      expect(await codeOf(() => pool.view(freed))).toBe('double-free');
      expect(await codeOf(() => pool.view((block + 1) as typeof block))).toBe('invalid-offset');
      expect(await codeOf(() => pool.allocate(11_000, 'large'))).toBe('no error');
      expect(await codeOf(() => pool.allocate(1000, 'more'))).toBe('out-of-memory');
      pool.close();
      pool.close();
      expect(await codeOf(() => pool.allocate(1, 'late'))).toBe('closed');
      expect(await codeOf(() => pool.free(block))).toBe('closed');
      expect(await codeOf(() => pool.view(block))).toBe('closed');
    }, background),
  );

  test.each(kinds)(
    'in $kind an overwritten border is found when the block is freed',
    ({ background }) =>
      inPool(async (pool) => {
        const block = pool.allocate(16, 'victim');
        const whole = new Uint8Array(pool.view(block).buffer);
        whole[block + 16] = whole[block + 16]! ^ 1;
        expect(await codeOf(() => pool.free(block))).toBe('corrupt');
      }, background),
  );

  test.each([0, -1, 0.5, 2 ** 32 + 1])('there is no pool of %d bytes', (capacityBytes) =>
    run({
      one: async ({ memory }) => {
        expect(await codeOf(() => memory.pool({ capacityBytes }))).toBe('invalid-size');
      },
    }),
  );

  test('a call of a history ends once', () =>
    run({
      one: async ({ history }) => {
        for (const end of ['ok', 'fail', 'unknown'] as const) {
          const call = history.invoke('write', 1);
          call[end]();
          expect(await codeOf(() => call.ok())).toBe('TypeError');
          expect(await codeOf(() => call.fail('twice'))).toBe('TypeError');
        }
      },
    }));

  test('what is not plain data is refused by history, log and requests', () =>
    run({
      one: async ({ history, log, net }) => {
        const wrong = (() => {}) as never;
        expect(await codeOf(() => history.invoke('write', wrong))).toBe('TypeError');
        expect(await codeOf(() => history.invoke('write', Number.NaN))).toBe('TypeError');
        expect(await codeOf(() => history.invoke('read').ok(wrong))).toBe('TypeError');
        expect(await codeOf(() => log.info('text', { wrong }))).toBe('TypeError');
        const call = () => net.call('one', 'any', wrong, { timeoutMs: 1 });
        expect(await codeOf(call)).toBe('TypeError');
      },
    }));

  test('an operation runs its body and resolves or rejects with it', () =>
    run({
      one: async (env) => {
        const done: number[] = [];
        for (let i = 0; i < 3; i++) {
          await env.operation('test', { thinkMs: 0.1 }, async () => {
            await env.timers.sleep(1);
            done.push(i);
          });
        }
        expect(done).toEqual([0, 1, 2]);
        const broken = env.operation('test', { thinkMs: 0 }, async () => {
          throw new RangeError('broken');
        });
        expect(await codeOf(() => broken)).toBe('RangeError');
      },
    }));

  test('statements that hold say nothing', () =>
    run({
      one: async (env) => {
        env.always('test.always', true);
        env.sometimes('test.sometimes', false);
        env.reachable('test.reachable');
        env.eventually('test.eventually', () => true);
        env.observe('test.observe', () => ({ bytes: new Uint8Array(1) }));
        env.trace('test.trace', { at: 1 });
        env.log.debug('text');
        expect(env.buggify('test.buggify')).toBe(false);
        env.maximise('test.most', 3);
        env.minimise('test.least', -Infinity);
        expect(() => env.minimise('test.least', Number.NaN)).toThrow(
          "minimise('test.least') is given NaN, and needs a number",
        );
      },
    }));
});
