import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { codeOf } from './fixtures/code-of.ts';
import { openMovablePool } from './index.ts';
import type { MovablePool } from './movable.ts';

function fill(pool: MovablePool, handle: number, value: number): void {
  pool.pin(handle).fill(value);
  pool.unpin(handle);
}

function bytesOf(pool: MovablePool, handle: number): Uint8Array {
  const bytes = pool.pin(handle).slice();
  pool.unpin(handle);
  return bytes;
}

test('handles and bytes outlive defragmentation, and pinned blocks stay', () => {
  const pool = openMovablePool({ capacityBytes: 2 ** 22 });
  const handles = Array.from({ length: 1000 }, () => pool.allocate(1000, 'card'));
  for (const [at, handle] of handles.entries()) fill(pool, handle, at % 251);
  const kept = handles.filter((_, at) => at % 5 === 0);
  for (const [at, handle] of handles.entries()) if (at % 5 !== 0) pool.free(handle);
  const pinned = kept[150]!;
  pool.pin(pinned);
  const place = pool.offset(pinned);
  let steps = 0;
  while (!pool.defragment({ bytesMax: 20_000 }).done) steps += 1;
  expect(steps).toBeGreaterThan(5);
  expect(pool.offset(pinned)).toBe(place);
  for (const [at, handle] of kept.entries()) {
    expect(bytesOf(pool, handle)).toEqual(new Uint8Array(1000).fill((at * 5) % 251));
  }
  expect(pool.offset(kept[149]!)).toBe(149 * 1024);
  pool.unpin(pinned);
  while (!pool.defragment({ bytesMax: 20_000 }).done) steps += 1;
  expect(Math.max(...kept.map((handle) => pool.offset(handle)))).toBe(199 * 1024);
  pool.close();
});

test('with a thread of its own holes are closed without a call', async () => {
  const pool = openMovablePool({ capacityBytes: 2 ** 22, background: true });
  const handles = Array.from({ length: 1000 }, () => pool.allocate(1000, 'card'));
  for (const [at, handle] of handles.entries()) fill(pool, handle, at % 251);
  const pinned = handles[500]!;
  const view = pool.pin(pinned);
  const kept = handles.filter((_, at) => at % 100 === 99 || at === 500);
  for (const handle of handles) if (!kept.includes(handle)) pool.free(handle);
  while (pool.offset(handles[499]!) > 100 * 1024) await setImmediate();
  for (const handle of kept) {
    const value = handles.indexOf(handle) % 251;
    expect(bytesOf(pool, handle)).toEqual(new Uint8Array(1000).fill(value));
  }
  expect(view).toEqual(new Uint8Array(1000).fill(500 % 251));
  expect(pool.offset(pinned)).toBe(500 * 1024);
  pool.close();
  expect(view).toHaveLength(0);
});

test('it tells what is live', () => {
  const pool = openMovablePool({ capacityBytes: 2 ** 16 });
  const a = pool.allocate(100, 'a');
  const before = pool.contentHash();
  const b = pool.allocate(50, 'b');
  expect(pool.stats()).toEqual({ liveBytes: 150, liveBlocks: 2 });
  expect(pool.liveBlocks()).toEqual([
    { offset: a, bytes: 100, tag: 'a', intact: true },
    { offset: b, bytes: 50, tag: 'b', intact: true },
  ]);
  expect(pool.blockBytes(b)).toBe(50);
  pool.free(b);
  expect(pool.contentHash()).toBe(before);
  fill(pool, a, 1);
  expect(pool.contentHash()).not.toBe(before);
  pool.close();
});

test('what cannot be is refused by its code', () => {
  const pool = openMovablePool({ capacityBytes: 2 ** 16 });
  const handle = pool.allocate(100, 'a');
  for (const bytes of [0, -1, 0.5, Number.NaN, 1e9]) {
    expect(codeOf(() => pool.allocate(bytes, 'bad'))).toBe('invalid-size');
  }
  for (const wrong of [0, -1, 77, Number.NaN, 2 ** 40]) {
    expect(codeOf(() => pool.pin(wrong))).toBe('invalid-offset');
  }
  expect(codeOf(() => pool.unpin(handle))).toBe('invalid-offset');
  expect(codeOf(() => pool.allocate(2 ** 16, 'large'))).toBe('out-of-memory');
  expect(() => pool.defragment({ bytesMax: 0 })).toThrow(RangeError);
  pool.free(handle);
  expect(codeOf(() => pool.free(handle))).toBe('double-free');
  expect(codeOf(() => pool.pin(handle))).toBe('double-free');
  expect(bytesOf(pool, pool.allocate(100, 'a'))).toEqual(new Uint8Array(100));
  pool.close();
  pool.close();
  expect(codeOf(() => pool.allocate(1, 'a'))).toBe('closed');
  expect(codeOf(() => pool.defragment({ bytesMax: 1 }))).toBe('closed');
  expect(codeOf(() => pool.stats())).toBe('closed');
  for (const capacityBytes of [0, -1, 0.5, 2 ** 32 + 1]) {
    expect(codeOf(() => openMovablePool({ capacityBytes }))).toBe('invalid-size');
  }
});
