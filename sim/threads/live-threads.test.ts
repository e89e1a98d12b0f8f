import { describe, expect, test } from 'vitest';
import { LiveThreads } from './live-threads.ts';
import { cell, condition, mutex, pause, spawn } from './objects.ts';

function liveThreads(): { readonly threads: LiveThreads; readonly uncaught: unknown[] } {
  const uncaught: unknown[] = [];
  const threads = new LiveThreads({
    defer: (callback) => setImmediate(callback),
    uncaught: (error) => uncaught.push(error),
  });
  return { threads, uncaught };
}

describe('live threads', () => {
  test('take turns, a step each', async () => {
    const { threads } = liveThreads();
    const c = cell(0);
    const order: string[] = [];
    const body = (name: string) =>
      function* () {
        for (let i = 0; i < 3; i++) {
          yield c.add(1);
          order.push(name);
        }
        return name;
      };
    const results = await Promise.all([
      threads.spawn('a', body('a')),
      threads.spawn('b', body('b')),
    ]);
    expect(results).toEqual(['a', 'b']);
    expect(order.join('')).toBe('ababab');
    expect(c.value).toBe(6);
  });

  test('wait, wake each other, and are joined', async () => {
    const { threads } = liveThreads();
    const m = mutex();
    const news = condition();
    const items = cell(0);
    const consumer = threads.spawn('consumer', function* () {
      yield m.lock();
      while ((yield* items.load()) === 0) yield news.wait(m);
      yield m.unlock();
      return yield* items.load();
    });
    const spinner = threads.spawn('spinner', function* () {
      while ((yield* items.load()) === 0) yield pause();
    });
    const main = threads.spawn('main', function* () {
      const child = yield* spawn('child', function* () {
        yield m.lock();
        yield items.add(1);
        yield news.broadcast();
        yield m.unlock();
        return 'done';
      });
      return yield* child.join();
    });
    expect(await Promise.all([consumer, spinner, main])).toEqual([1, undefined, 'done']);
  });

  test('leave the event loop its turns', async () => {
    const { threads } = liveThreads();
    const c = cell(0);
    let stop = false;
    const endless = threads.spawn('endless', function* () {
      while (!stop) yield c.add(1);
    });
    while (c.value === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    stop = true;
    await endless;
  });

  test('fail with what they throw, to whoever waits, else to the process', async () => {
    const { threads, uncaught } = liveThreads();
    const c = cell(0);
    const failing = threads.spawn('failing', function* () {
      yield c.add(1);
      throw new RangeError('too far');
    });
    await expect(failing).rejects.toThrow(new RangeError('too far'));
    expect(uncaught).toEqual([]);
    await threads.spawn('parent', function* () {
      yield spawn('child', function* () {
        yield c.add(1);
        throw new RangeError('unseen');
      });
      for (let i = 0; i < 10; i++) yield c.add(1);
    });
    expect(uncaught).toEqual([new RangeError('unseen')]);
  });

  test('who joins a thread that fails fails with it', async () => {
    const { threads, uncaught } = liveThreads();
    const c = cell(0);
    const parent = threads.spawn('parent', function* () {
      const child = yield* spawn('child', function* () {
        yield c.add(1);
        throw new RangeError('too far');
      });
      yield child.join();
    });
    await expect(parent).rejects.toThrow(new RangeError('too far'));
    expect(uncaught).toEqual([]);
  });

  test('a deadlock rejects the thread that closes the circle', async () => {
    const { threads } = liveThreads();
    const [a, b] = [mutex('a'), mutex('b')];
    const left = threads.spawn('left', function* () {
      yield a.lock();
      yield b.lock();
    });
    left.catch(() => {});
    const right = threads.spawn('right', function* () {
      yield b.lock();
      yield a.lock();
    });
    right.catch(() => {});
    await expect(Promise.race([left, right])).rejects.toMatchObject({
      code: 'deadlock',
      message: 'left waits for b, which right holds; right waits for a, which left holds',
    });
  });
});
