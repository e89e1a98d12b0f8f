import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import type { Env } from '../../env/env.ts';
import { codeOf, IMPLEMENTATIONS } from './implementations.ts';

describe.each(IMPLEMENTATIONS)('timers, $name', ({ run }) => {
  const alone = (body: (env: Env) => Promise<void>) => run({ one: body });

  test('no timer is early by the monotonic clock', () =>
    alone(async ({ clock, timers }) => {
      const waits = [0, 0.3, 1, 1.7, 2, 3.1, 5, 8.5].flatMap((delayMs) => [delayMs, delayMs]);
      await Promise.all(
        waits.map(async (delayMs) => {
          const fromMs = clock.monotonicMs();
          await timers.sleep(delayMs);
          expect(clock.monotonicMs() - fromMs).toBeGreaterThanOrEqual(delayMs);
        }),
      );
    }));

  test('callbacks have what an AsyncLocalStorage held when they were handed over', () =>
    alone(async ({ timers }) => {
      const storage = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      const note = (): void => void seen.push(storage.getStore());
      storage.run('a', () => timers.after(1, note));
      storage.run('b', () => timers.immediate(note));
      await storage.run('c', async () => {
        await timers.sleep(5);
        note();
        const ticking = timers.every(1, note);
        await timers.sleep(5);
        ticking.cancel();
      });
      expect(seen.slice(0, 3)).toEqual(['b', 'a', 'c']);
      expect(new Set(seen.slice(3))).toEqual(new Set(['c']));
      expect(storage.getStore()).toBeUndefined();
    }));

  test('equal delays run in the order of their creation', () =>
    alone(async ({ clock, timers }) => {
      const order: number[] = [];
      const all: Promise<void>[] = [];
      for (let i = 0; i < 40; i++) {
        // The clock moves on in between, so that the timers start at different fractions of a ms.
        for (let reads = 0; reads < 200; reads++) clock.monotonicMs();
        all.push(timers.sleep(2.5).then(() => void order.push(i)));
      }
      await Promise.all(all);
      expect(order).toEqual([...order.keys()]);
    }));

  test('what one timer makes ready runs before the next timer', () =>
    alone(async ({ timers }) => {
      const order: string[] = [];
      timers.after(1, () => {
        order.push('first');
        Promise.resolve().then(() => order.push('ready'));
      });
      timers.after(1, () => order.push('second'));
      await timers.sleep(1);
      expect(order).toEqual(['first', 'ready', 'second']);
    }));

  test('a cancelled timer never runs, and cancelling it twice or too late does nothing', () =>
    alone(async ({ timers }) => {
      let runs = 0;
      const never = timers.after(1, () => runs++);
      never.cancel();
      never.cancel();
      const once = timers.after(1, () => runs++);
      await timers.sleep(5);
      once.cancel();
      expect(runs).toBe(1);
    }));

  test('every period is counted from the run before', () =>
    alone(async ({ clock, timers }) => {
      const atMs = [clock.monotonicMs()];
      await new Promise<void>((resolve) => {
        const timer = timers.every(2, () => {
          atMs.push(clock.monotonicMs());
          if (atMs.length < 5) return;
          timer.cancel();
          resolve();
        });
      });
      for (let i = 1; i < atMs.length; i++) {
        expect(atMs[i]! - atMs[i - 1]!).toBeGreaterThanOrEqual(2);
      }
      await timers.sleep(6);
      expect(atMs).toHaveLength(5);
    }));

  test('an immediate runs after what is already waiting, one made by an immediate a turn later', () =>
    alone(async ({ timers }) => {
      const order: string[] = [];
      await new Promise<void>((resolve) => {
        timers.immediate(() => {
          order.push('first');
          timers.immediate(() => {
            order.push('later');
            resolve();
          });
        });
        timers.immediate(() => order.push('second'));
        Promise.resolve().then(() => order.push('at once'));
      });
      expect(order).toEqual(['at once', 'first', 'second', 'later']);
    }));

  test('a delay beyond 31 bits of milliseconds is as long as it says', () =>
    alone(async ({ timers }) => {
      let ran = false;
      const timer = timers.after(2 ** 31 + 10, () => {
        ran = true;
      });
      await timers.sleep(20);
      expect(ran).toBe(false);
      timer.cancel();
    }));

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a delay of %d ms is refused', (delayMs) =>
    alone(async ({ timers }) => {
      expect(await codeOf(() => timers.after(delayMs, () => {}))).toBe('RangeError');
      expect(await codeOf(() => timers.sleep(delayMs))).toBe('RangeError');
      expect(await codeOf(() => timers.every(delayMs, () => {}))).toBe('RangeError');
      expect(await codeOf(() => timers.every(0, () => {}))).toBe('RangeError');
    }),
  );

  test.each([
    ['5', /'5'/],
    ['', /''/],
    [5n, /5/],
    [undefined, /undefined/],
    [null, /null/],
    [[5], /5/],
  ])('a delay that is no number is refused: %s', (given, named) =>
    alone(async ({ timers }) => {
      const delay = given as unknown as number;
      const refused = expect.objectContaining({
        name: 'TypeError',
        message: expect.stringMatching(named),
      });
      expect(() => timers.after(delay, () => {})).toThrow(refused);
      expect(() => timers.every(delay, () => {})).toThrow(refused);
      await expect((async () => timers.sleep(delay))()).rejects.toEqual(refused);
    }),
  );

  test('the monotonic clock never goes back and keeps step with timers', () =>
    alone(async ({ clock, timers }) => {
      let last = clock.monotonicMs();
      expect(last).toBeGreaterThanOrEqual(0);
      for (let i = 0; i < 2000; i++) {
        const now = clock.monotonicMs();
        expect(now).toBeGreaterThanOrEqual(last);
        last = now;
      }
      const wallMs = clock.wallMs();
      await timers.sleep(3);
      expect(clock.monotonicMs()).toBeGreaterThanOrEqual(last + 3);
      expect(clock.wallMs() - wallMs).toBeGreaterThanOrEqual(2);
    }));
});
