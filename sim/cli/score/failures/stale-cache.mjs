// A reader fills the cache with what it has read before a writer changed it.
import { setTimeout as sleep } from 'node:timers/promises';

const store = { value: 1 };
const cache = new Map();

async function read() {
  await sleep(Math.random() * 40);
  const { value } = store;
  await sleep(2 + Math.random() * 4); // the mistake
  cache.set('value', value);
}

async function write() {
  await sleep(Math.random() * 40);
  store.value = 2; // the mistake
  cache.delete('value');
}

await Promise.all([read(), write()]);
if (cache.has('value') && cache.get('value') !== store.value) throw new Error('the cache is stale');
