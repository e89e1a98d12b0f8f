// Calls fail, the breaker opens, and after a while it lets one through to see. In opossum 4.2.0 a
// second failure, while it opens, stops the timer for that: it stays open for ever.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const { default: CircuitBreaker } = await import(process.argv[2] ?? 'opossum-4.2.0');
let isUp = false;

async function call() {
  await sleep(10);
  if (!isUp) throw new Error('the service is down');
  return 'answer';
}

const breaker = new CircuitBreaker(call, { resetTimeout: 100, errorThresholdPercentage: 50 });

async function client() {
  await sleep(Math.random() * 50);
  await breaker.fire().catch(() => {});
}

await Promise.all([client(), client(), client()]);
isUp = true;
await sleep(500);
assert.equal(await breaker.fire(), 'answer');
breaker.shutdown();
