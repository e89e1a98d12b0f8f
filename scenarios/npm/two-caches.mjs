// Two caches are asked for the same key. In cache-manager 5.6.1 one may get what the other loads.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const { caching } = await import(process.argv[2] ?? 'cache-manager-5.6.1');

async function load(value) {
  const cache = await caching('memory');
  await sleep(Math.random() * 40);
  return cache.wrap('42', () => sleep(5, value));
}

assert.deepEqual(await Promise.all([load('user'), load('order')]), ['user', 'order']);
