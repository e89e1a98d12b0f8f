// The same as in async-mutex-0.3.2.mjs, with the version in which it is fixed.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mutex } from 'async-mutex-0.4.0';

const mutex = new Mutex();

async function work() {
  await sleep(Math.random() * 50);
  await mutex.runExclusive(() => sleep(5));
}

async function wait() {
  await sleep(Math.random() * 50);
  await mutex.waitForUnlock();
  assert(!mutex.isLocked(), 'waitForUnlock() came back while the mutex is locked');
}

await Promise.all([work(), work(), wait()]);
