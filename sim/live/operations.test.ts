import { expect, test } from 'vitest';
import { Entropy } from './entropy.ts';
import { Operations } from './operations.ts';
import { LiveTimers } from './timers.ts';

/** Far longer than the test may take. */
const LONG = 10 ** 9;

test('operations that have not begun when the workload winds down are dropped at once', async () => {
  const timers = new LiveTimers();
  const operations = new Operations({ timers, draws: new Entropy() });
  const done: string[] = [];
  const operate = (name: string, thinkMs: number) =>
    operations.operate(thinkMs, async () => {
      done.push(`${name} begins`);
      await timers.sleep(5);
      done.push(`${name} ends`);
    });
  const running = operate('running', 0);
  while (done.length === 0) await timers.sleep(0);
  const pausing = operate('pausing', LONG);
  operations.windDown();
  const late = operate('late', LONG);
  await Promise.all([running, pausing, late]);
  expect(done).toEqual(['running begins', 'running ends']);
  expect(operations.count).toBe(3);
});

test('a workload without end leaves its process its loop once it is wound down', async () => {
  const timers = new LiveTimers();
  const operations = new Operations({ timers, draws: new Entropy() });
  operations.windDown();
  let over = false;
  const endless = (async () => {
    while (!over) await operations.operate(1, async () => {});
  })();
  await timers.sleep(1);
  over = true;
  await endless;
});

test('all are over when none is under way, awaited or not', async () => {
  const timers = new LiveTimers();
  const operations = new Operations({ timers, draws: new Entropy() });
  await operations.allOver();
  const done: string[] = [];
  void operations.operate(1, async () => {
    done.push('first');
    void operations.operate(1, async () => {
      done.push('second');
    });
  });
  await operations.allOver();
  expect(done).toEqual(['first', 'second']);
});
