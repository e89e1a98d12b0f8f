import { expect, test } from 'vitest';
import { codeOf } from './fixtures/code-of.ts';
import { openMovablePool } from './index.ts';

test('handles and bytes outlive defragmentation, and pinned blocks stay', () => {
  const pool = openMovablePool({ capacityBytes: 2 ** 22 });
  const handles = Array.from({ length: 1000 }, () => pool.allocate(1000));
  handles.forEach((handle, at) => void pool.view(handle).fill(at % 251));
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
    expect(pool.view(handle)).toEqual(new Uint8Array(1000).fill((at * 5) % 251));
  }
  expect(pool.offset(kept[149]!)).toBe(149 * 1024);
  pool.unpin(pinned);
  while (!pool.defragment({ bytesMax: 20_000 }).done) steps += 1;
  expect(Math.max(...kept.map((handle) => pool.offset(handle)))).toBe(199 * 1024);
  pool.close();
});

test('what cannot be is refused by its code', () => {
  const pool = openMovablePool({ capacityBytes: 2 ** 16 });
  const handle = pool.allocate(100);
  for (const bytes of [0, -1, 0.5, Number.NaN, 1e9]) {
    expect(codeOf(() => pool.allocate(bytes))).toBe('invalid-size');
  }
  for (const wrong of [0, -1, 77, Number.NaN, 2 ** 40]) {
    expect(codeOf(() => pool.view(wrong))).toBe('invalid-offset');
  }
  expect(codeOf(() => pool.unpin(handle))).toBe('invalid-offset');
  expect(codeOf(() => pool.allocate(2 ** 16))).toBe('out-of-memory');
  expect(() => pool.defragment({ bytesMax: 0 })).toThrow(RangeError);
  pool.free(handle);
  expect(codeOf(() => pool.free(handle))).toBe('double-free');
  expect(codeOf(() => pool.view(handle))).toBe('double-free');
  expect(pool.view(pool.allocate(100))).toEqual(new Uint8Array(100));
  pool.close();
  pool.close();
  expect(codeOf(() => pool.allocate(1))).toBe('closed');
  expect(codeOf(() => pool.defragment({ bytesMax: 1 }))).toBe('closed');
  for (const capacityBytes of [0, -1, 0.5, 2 ** 32 + 1]) {
    expect(codeOf(() => openMovablePool({ capacityBytes }))).toBe('invalid-size');
  }
});
