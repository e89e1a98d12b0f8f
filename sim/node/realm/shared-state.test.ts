import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inMacrotask } from '../../sched/macrotask.ts';
import { tree } from '../fixtures/tree.ts';
import { trial } from '../trial.ts';
import { realmSource } from './realm-source.ts';

/** What a file prints in each of two realms, one after the other in this process. */
async function twice(text: string): Promise<readonly (readonly string[])[]> {
  const file = join(tree({ 'main.mjs': text }), 'main.mjs');
  const printed: string[][] = [];
  for (const seed of ['1', '2']) {
    const main = realmSource(file, { argv: [], provided: new Map() });
    const { output, violation } = await inMacrotask(() => trial({ seed, programs: { main } }));
    expect(violation?.message).toBeUndefined();
    printed.push(output.map((line) => line.text));
  }
  return printed;
}

describe('what a realm changes of Node.js is not there in the next', () => {
  test.for([
    ['util', 'util.inspect.defaultOptions.depth', 'util.inspect.defaultOptions.depth = 9'],
    ['util', 'util.inspect.defaultOptions.depth', 'util.inspect.defaultOptions = { depth: 9 }'],
    ['util', 'util.inspect.styles.number', 'util.inspect.styles.number = "red"'],
    ['util', 'util.promisify.mine', 'util.promisify.mine = 1'],
    ['events', 'events.defaultMaxListeners', 'events.defaultMaxListeners = 3'],
    ['events', 'events.captureRejections', 'events.captureRejections = true'],
    ['events', 'events.mine', 'events.mine = 1'],
    ['events', 'typeof events.prototype.on', 'delete events.prototype.on'],
    ['events', 'Object.keys(events.prototype)', 'delete events.prototype.on'],
    ['buffer', 'buffer.INSPECT_MAX_BYTES', 'buffer.INSPECT_MAX_BYTES = 3'],
    ['buffer', 'Buffer.mine', 'Buffer.mine = 1'],
    ['buffer', 'Buffer.prototype.mine', 'Buffer.prototype.mine = 1'],
    ['stream', 'stream.getDefaultHighWaterMark(false)', 'stream.setDefaultHighWaterMark(false, 7)'],
    ['stream', 'stream.getDefaultHighWaterMark(true)', 'stream.setDefaultHighWaterMark(true, 7)'],
    ['stream', 'stream.Readable.prototype.mine', 'stream.Readable.prototype.mine = 1'],
    [
      'stream',
      'stream.Readable.prototype.mine',
      'Object.defineProperty(stream.Readable.prototype, "mine", { get: () => 1, configurable: true })',
    ],
    [
      'stream',
      'Object.getPrototypeOf(stream.prototype).mine',
      'Object.setPrototypeOf(stream.prototype, { mine: 1 })',
    ],
    ['stream', 'stream.promises.mine', 'stream.promises.mine = 1'],
    ['stream', 'stream.promises.pipeline.name', 'stream.promises.pipeline = Object'],
    ['path', 'console.constructor.mine', 'console.constructor.mine = 1'],
    ['querystring', 'querystring.escape("ä")', 'querystring.escape = () => "mine"'],
    ['crypto', 'crypto.Hash.prototype.mine', 'crypto.Hash.prototype.mine = 1'],
    ['fs', 'fs.readFileSync.mine', 'fs.readFileSync.mine = 1'],
    ['fs', 'fs.promises.mine', 'fs.promises.mine = 1'],
    ['path', 'URL.prototype.mine', 'URL.prototype.mine = 1'],
    ['path', 'Headers.prototype.mine', 'Headers.prototype.mine = 1'],
    ['path', 'fetch.mine', 'fetch.mine = 1'],
  ] as const)('%s: %s after %s', async ([module, shown, change]) => {
    const show = `console.log(String(${shown}));`;
    const text = `import ${module} from 'node:${module}'; ${show} ${change}; ${show}`;
    const [first, second] = await twice(text);
    expect(first![1]).not.toBe(first![0]);
    expect(second).toEqual(first);
  });

  test('also when it ends by an error', async () => {
    const change = 'import events from "events"; events.mine = 1; throw new Error("x")';
    const file = join(tree({ 'main.mjs': change }), 'main.mjs');
    const main = realmSource(file, { argv: [], provided: new Map() });
    await inMacrotask(() => trial({ seed: '1', programs: { main } }));
    expect(Object.hasOwn(EventEmitter, 'mine')).toBe(false);
  });
});

describe('diagnostics channels', () => {
  test('a subscriber of a realm that has ended is not called', async () => {
    const [first, second] = await twice(`
      import { channel, hasSubscribers, subscribe } from 'node:diagnostics_channel';
      const orders = channel('orders');
      console.log(orders.hasSubscribers, hasSubscribers('orders'), orders.mine);
      orders.mine = 1;
      let count = 0;
      orders.subscribe((message, name) => console.log('method', name, ++count));
      subscribe('orders', () => console.log('function', ++count));
      channel('orders').publish({});
    `);
    expect(first).toEqual(['false false undefined', 'method orders 1', 'function 2']);
    expect(second).toEqual(first);
  });

  test('nor one of a tracing channel, nor is a store entered', async () => {
    const [first, second] = await twice(`
      import { AsyncLocalStorage } from 'node:async_hooks';
      import { channel, tracingChannel } from 'node:diagnostics_channel';
      const trace = tracingChannel('work');
      const stored = channel('stored');
      console.log(trace.start.hasSubscribers, stored.hasSubscribers);
      trace.subscribe({ start: () => console.log('start'), end: () => console.log('end') });
      trace.traceSync(() => console.log('work'), {});
      const store = new AsyncLocalStorage();
      stored.bindStore(store, (data) => data.id);
      stored.runStores({ id: 7 }, () => console.log(store.getStore()));
    `);
    expect(first).toEqual(['false false', 'start', 'work', 'end', '7']);
    expect(second).toEqual(first);
  });

  test('one can be taken back, and those of a harness stay', async () => {
    const { channel } = await import('node:diagnostics_channel');
    const heard: unknown[] = [];
    const listener = (message: unknown) => heard.push(message);
    channel('taken back').subscribe(listener);
    const [first, second] = await twice(`
      import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
      const listener = () => console.log('never');
      subscribe('taken back', listener);
      console.log(unsubscribe('taken back', listener), channel('taken back').unsubscribe(listener));
      channel('taken back').publish(1);
      channel('taken back').subscribe(() => {});
    `);
    expect(first).toEqual(['true false']);
    expect(second).toEqual(first);
    expect(heard).toEqual([1, 1]);
    channel('taken back').publish(2);
    expect(heard).toEqual([1, 1, 2]);
    expect(channel('taken back').unsubscribe(listener)).toBe(true);
    expect(channel('taken back').hasSubscribers).toBe(false);
  });
});
