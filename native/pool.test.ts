import { expect, test } from 'vitest';
import { codeOf } from './fixtures/code-of.ts';
import { type NativePool, openPool, transactions } from './index.ts';
import type { Leak } from './leaks.ts';

const CAPACITY = { capacityBytes: 64 * 1024 };

const NO_NUMBERS: unknown[] = [
  NaN,
  Infinity,
  -1,
  0.5,
  2 ** 53,
  1e300,
  3n,
  '16x',
  null,
  undefined,
  {},
];

test('sizes that cannot be are refused with invalid-size', () => {
  const pool = openPool(CAPACITY);
  for (const bytes of [...NO_NUMBERS, 0, CAPACITY.capacityBytes + 1]) {
    expect(codeOf(() => pool.allocate(bytes as number, 'bad'))).toBe('invalid-size');
  }
  expect(pool.liveBlocks()).toEqual([]);
});

test('places that are no live block are refused with invalid-offset', () => {
  const pool = openPool(CAPACITY);
  const block = pool.allocate(100, 'mine');
  const places = [...NO_NUMBERS, 0, block - 16, block + 1, block + 16, CAPACITY.capacityBytes];
  for (const place of places) {
    expect(codeOf(() => pool.free(place as number))).toBe('invalid-offset');
    expect(codeOf(() => pool.view(place as number))).toBe('invalid-offset');
  }
  pool.free(block);
});

test('capacities that cannot be are refused with invalid-size', () => {
  for (const capacityBytes of [...NO_NUMBERS, 0, 2 ** 32 + 1]) {
    expect(codeOf(() => openPool({ capacityBytes: capacityBytes as number }))).toBe('invalid-size');
  }
  expect(openPool({ capacityBytes: 1 }).capacityBytes).toBe(4096);
});

test('the second free of a block is a double-free, and using it an error', () => {
  const pool = openPool(CAPACITY);
  const block = pool.allocate(100, 'mine');
  pool.free(block);
  expect(codeOf(() => pool.free(block))).toBe('double-free');
  expect(codeOf(() => pool.view(block))).toBe('double-free');
});

test('a view is the memory itself, and a write beyond it is found', () => {
  const pool = openPool({ ...CAPACITY, secret: 0x1234_5678_9abc_def0n });
  const block = pool.allocate(10, 'mine');
  pool.view(block).fill(7);
  expect([...pool.view(block)]).toEqual(Array(10).fill(7));
  const region = pool.view(block).buffer;
  new Uint8Array(region)[block + 10]! ^= 1;
  expect(codeOf(() => pool.free(block))).toBe('corrupt');
  expect(pool.liveBlocks()).toEqual([{ offset: block, bytes: 10, tag: 'mine', intact: false }]);
});

/** The large one has magazines that JavaScript works on. */
for (const capacityBytes of [2 ** 20, 2 ** 24]) {
  test(`many at once are what as many calls would be, in ${capacityBytes} bytes`, () => {
    const [one, many] = [openPool({ capacityBytes }), openPool({ capacityBytes })];
    let live = new Uint32Array();
    for (let round = 1; round <= 40; round += 1) {
      const sizes = Uint32Array.from({ length: round }, (_, at) => 1 + ((at * 739 * round) % 3000));
      const offsets = new Uint32Array(round);
      many.allocateAll(sizes, 'mine', offsets);
      expect([...offsets]).toEqual(Array.from(sizes, (bytes) => one.allocate(bytes, 'mine')));
      for (const block of offsets) {
        one.view(block).fill(round);
        many.view(block).fill(round);
      }
      const freed = live.filter((_, at) => at % 2 === round % 2);
      many.freeAll(freed);
      for (const block of freed) one.free(block);
      live = Uint32Array.from([...live.filter((block) => !freed.includes(block)), ...offsets]);
      expect(many.stats()).toEqual(one.stats());
    }
    expect(many.contentHash()).toBe(one.contentHash());
    expect(many.liveBlocks()).toHaveLength(live.length);
  });
}

test('of many blocks at once all are there or none', () => {
  const pool = openPool(CAPACITY);
  const all = new Uint32Array(100);
  expect(
    codeOf(() =>
      pool.allocateAll(
        all.map(() => 1000),
        'mine',
        all,
      ),
    ),
  ).toBe('out-of-memory');
  expect(codeOf(() => pool.allocateAll(Uint32Array.of(16, 0), 'mine', all))).toBe('invalid-size');
  expect(() => pool.allocateAll(new Uint32Array(101), 'mine', all)).toThrow(RangeError);
  expect(pool.liveBlocks()).toEqual([]);
});

test('freeing many stops at the first that cannot be freed, and names it', () => {
  const pool = openPool(CAPACITY);
  const [a, b, c] = [1, 2, 3].map((bytes) => pool.allocate(bytes, 'mine')) as [
    number,
    number,
    number,
  ];
  expect(() => pool.freeAll(Uint32Array.of(a, b, b, c))).toThrow(`the block at ${b}`);
  expect(pool.liveBlocks().map(({ offset }) => offset)).toEqual([c]);
  expect(codeOf(() => pool.freeAll(Uint32Array.of(b)))).toBe('double-free');
  expect(codeOf(() => pool.freeAll(Uint32Array.of(7)))).toBe('invalid-offset');
  pool.close();
  expect(codeOf(() => pool.freeAll(Uint32Array.of(c)))).toBe('closed');
});

test('a full pool refuses with out-of-memory and works on', () => {
  const pool = openPool(CAPACITY);
  const blocks: number[] = [];
  expect(
    codeOf(() => {
      for (;;) blocks.push(pool.allocate(1000, 'fill'));
    }),
  ).toBe('out-of-memory');
  expect(blocks.length).toBe(64);
  pool.free(blocks[30]!);
  expect(pool.allocate(1000, 'again')).toBe(blocks[30]);
});

test('wiping a large block can wait for a moment that suits', () => {
  const pool = openPool({ capacityBytes: 2 ** 22, wiped: 'deferred' });
  const block = pool.allocate(2 ** 20, 'secret');
  const bytes = pool.view(block).fill(7);
  pool.free(block);
  expect(bytes[1000]).toBe(7);
  expect(pool.wipe(1)).toBeGreaterThanOrEqual(2 ** 20);
  expect(bytes.every((byte) => byte === 0xdd)).toBe(true);
  expect(pool.wipe()).toBe(0);
  for (const bytesMax of [0, -1, 0.5, NaN, 2 ** 33]) {
    expect(() => pool.wipe(bytesMax)).toThrow(RangeError);
  }
  pool.close();
  expect(codeOf(() => pool.wipe())).toBe('closed');
});

test('a window shows what the pool holds until it closes', () => {
  const pool = openPool({ ...CAPACITY, backing: { memoryFile: true } });
  const block = pool.allocate(10, 'mine');
  for (const onWrite of ['copy', 'fault'] as const) {
    const seen = pool.window(block, onWrite);
    pool.view(block).fill(5);
    expect([...seen]).toEqual(Array(10).fill(5));
    expect(pool.window(block, onWrite).buffer).toBe(seen.buffer);
  }
  expect(codeOf(() => pool.window(block + 16, 'copy'))).toBe('invalid-offset');
  const seen = pool.window(block, 'copy');
  pool.close();
  expect(seen.length).toBe(0);
  expect(codeOf(() => pool.window(block, 'copy'))).toBe('closed');
});

test('leaks are told by tag and by where they were allocated, when the pool closes', () => {
  const told: Leak[] = [];
  const pool = openPool({ ...CAPACITY, stacks: true, onLeaks: (leaks) => told.push(...leaks) });
  function forget(bytes: number): number {
    return pool.allocate(bytes, 'request');
  }
  const kept = [100, 50].map((bytes) => forget(bytes));
  pool.free(pool.allocate(10, 'gone'));
  const offsets = new Uint32Array(3);
  pool.allocateAll(Uint32Array.of(7, 7, 7), 'batch', offsets);
  pool.freeAll(offsets.subarray(0, 2));
  expect(() => pool.freeAll(offsets)).toThrow('freed already');
  pool.close();
  expect(told.map(({ tag, blocks, bytes }) => ({ tag, blocks, bytes }))).toEqual([
    { tag: 'request', blocks: kept.length, bytes: 150 },
    { tag: 'batch', blocks: 1, bytes: 7 },
  ]);
  expect(told[0]!.stack![0]).toMatch(/^forget \(.*pool\.test\.ts:\d+:\d+\)$/);
  expect(told[1]!.stack![0]).toMatch(/pool\.test\.ts/);
});

test('a block that cannot be freed keeps its place in the leaks', () => {
  const pool = openPool({ ...CAPACITY, stacks: true });
  const block = pool.allocate(10, 'mine');
  new Uint8Array(pool.view(block).buffer)[block + 10]! ^= 1;
  expect(codeOf(() => pool.free(block))).toBe('corrupt');
  expect(pool.leaks()).toEqual([
    { tag: 'mine', blocks: 1, bytes: 10, stack: expect.arrayContaining([expect.any(String)]) },
  ]);
  const without = openPool(CAPACITY);
  without.allocate(10, 'mine');
  expect(without.leaks()).toEqual([{ tag: 'mine', blocks: 1, bytes: 10, stack: undefined }]);
});

test('a closed pool refuses everything, and its views are empty', () => {
  const pool = openPool(CAPACITY);
  const block = pool.allocate(10, 'mine');
  const view = pool.view(block);
  pool.close();
  pool.close();
  expect(view.length).toBe(0);
  expect(codeOf(() => pool.allocate(1, 'late'))).toBe('closed');
  expect(codeOf(() => pool.free(block))).toBe('closed');
  expect(codeOf(() => pool.view(block))).toBe('closed');
  expect(codeOf(() => pool.stats())).toBe('closed');
  expect(codeOf(() => pool.liveBlocks())).toBe('closed');
  expect(codeOf(() => pool.contentHash())).toBe('closed');
});

test('the views of one pool share one buffer, which cannot be transferred away', () => {
  const pool = openPool(CAPACITY);
  const views = [1, 2].map((bytes) => pool.view(pool.allocate(bytes, 'mine')));
  expect(views[0]!.buffer).toBe(views[1]!.buffer);
  try {
    structuredClone(views[0]!.buffer, { transfer: [views[0]!.buffer as ArrayBuffer] });
  } catch {
    // Node 21 and later refuse; Node 20 copies instead.
  }
  expect(views[0]!.length).toBe(1);
});

/** The places and the contents that a fixed sequence of calls leads to. */
function life(pool: NativePool): unknown {
  const places: number[] = [];
  for (let step = 0; step < 300; step += 1) {
    const block = pool.allocate(1 + ((step * 37) % 150), `tag ${step % 5}`);
    const view = pool.view(block);
    expect(view.every((byte) => byte === 0)).toBe(true);
    view.fill(step);
    if (step % 3 === 0) pool.free(block);
    else places.push(block);
  }
  const result = { places, hash: pool.contentHash(), blocks: pool.liveBlocks() };
  pool.close();
  return result;
}

test('a pool on a reused region is like a pool on a fresh one', () => {
  const first = life(openPool(CAPACITY));
  for (let again = 0; again < 100; again += 1) expect(life(openPool(CAPACITY))).toEqual(first);
});

test('pools that are dropped without a close give their regions back', async () => {
  // At most 65,536 pools can be open at a time.
  for (let round = 0; round < 700; round += 1) {
    for (let pool = 0; pool < 100; pool += 1) openPool({ capacityBytes: 2 ** 16 });
    await new Promise((resolve) => setImmediate(resolve)); // finalizers run between macrotasks
  }
}, 60_000);

test('a map tells where memory is in use, and its parts add up', () => {
  const pool = openPool({ capacityBytes: 2 ** 26 });
  const blocks = Array.from({ length: 5000 }, () => pool.allocate(100, 'small'));
  const large = pool.allocate(2 ** 20, 'large');
  const full = pool.map(64);
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const inUse = sum(full.classes.map(({ usedBytes }) => usedBytes)) + full.largeBytes;
  expect(full.cells).toHaveLength(64);
  expect(full.cellBytes).toBe(2 ** 20);
  expect(full.largeBytes).toBeGreaterThanOrEqual(2 ** 20);
  expect(full.classes.map(({ blockBytes }) => blockBytes)).toEqual([128]);
  // A slab's share of a cell is rounded down.
  expect(Math.abs(sum(full.cells) - inUse)).toBeLessThan(64);
  expect(full.classes[0]!.usedBytes).toBe(5000 * 128);
  for (const block of blocks) pool.free(block);
  pool.free(large);
  const empty = pool.map(64);
  expect(empty.largeBytes).toBe(0);
  expect(sum(empty.classes.map(({ usedBytes }) => usedBytes))).toBe(0);
  expect(JSON.parse(JSON.stringify(empty))).toEqual(empty);
  expect(() => pool.map(0)).toThrow(RangeError);
  pool.close();
});

test('what the CPU has of transactions is told', () => {
  expect(['none', 'disabled', 'usable']).toContain(transactions());
  expect(transactions()).toBe(transactions());
});
