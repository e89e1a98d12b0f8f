// Four workers take turns; each releases through the mutex. In async-mutex 0.2.4 a release may pass
// the lock on and then forget who has it, so that the workers behind never wake.
import { setTimeout as sleep } from 'node:timers/promises';

const { Mutex } = await import(process.argv[2] ?? 'async-mutex-0.2.4');
const mutex = new Mutex();

async function work() {
  await sleep(Math.random() * 30);
  await mutex.acquire();
  await sleep(4);
  mutex.release();
}

await Promise.all([work(), work(), work(), work()]);
