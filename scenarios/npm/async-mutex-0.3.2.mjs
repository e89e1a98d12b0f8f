// Two workers share a mutex; a third party waits until it is free. In async-mutex 0.3.2 it may be
// told so while the next worker already holds the lock.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mutex } from 'async-mutex-0.3.2';

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
