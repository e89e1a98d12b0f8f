import { describe, expect, test } from 'vitest';
import { cell, condition, mutex, spawn } from '../../threads/objects.ts';
import { codeOf, IMPLEMENTATIONS } from './implementations.ts';

describe.each(IMPLEMENTATIONS)('threads, $name', ({ run }) => {
  test('what a lock protects adds up, and a thread resolves with its result', () =>
    run({
      one: async ({ threads }) => {
        const lock = mutex();
        const sum = cell(0);
        const adds = function* () {
          for (let i = 0; i < 5; i++) {
            yield lock.lock();
            yield sum.store((yield* sum.load()) + 1);
            yield lock.unlock();
          }
          return yield* sum.load();
        };
        const results = await Promise.all([threads.spawn('a', adds), threads.spawn('b', adds)]);
        expect(sum.value).toBe(10);
        expect(Math.max(...results)).toBe(10);
      },
    }));

  test('threads wait for each other beside timers and messages of the node', () =>
    run({
      one: async ({ threads, timers, net }) => {
        net.serve('give', () => 7);
        const lock = mutex();
        const given = condition();
        const value = cell(0);
        const taker = threads.spawn('taker', function* () {
          yield lock.lock();
          while ((yield* value.load()) === 0) yield given.wait(lock);
          yield lock.unlock();
          return yield* value.load();
        });
        await timers.sleep(1);
        const reply = (await net.call('one', 'give', null, { timeoutMs: 5_000 })) as number;
        await threads.spawn('giver', function* () {
          yield lock.lock();
          yield value.store(reply);
          yield given.signal();
          yield lock.unlock();
        });
        expect(await taker).toBe(7);
      },
    }));

  test('what a thread throws reaches who waits for it, through joins too', () =>
    run({
      one: async ({ threads }) => {
        const parent = threads.spawn('parent', function* () {
          const child = yield* spawn('child', function* () {
            yield cell(0).load();
            throw new RangeError('too far');
          });
          yield child.join();
        });
        expect(await codeOf(() => parent)).toBe('RangeError');
      },
    }));
});
