import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { codeOf } from './fixtures/code-of.ts';
import { openStore } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'groundhog-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CAPACITY = { capacityBytes: 2 ** 20 };
let files = 0;
function newPath(): string {
  files += 1;
  return join(folder, `store-${files}`);
}

/** Bytes that tell which round they are of, so that torn ones are seen. */
function bytesOf(round: number): Uint8Array {
  return new Uint8Array(1 + ((round * 131) % 3000)).fill(round % 251);
}

test('what was committed is there in the next life of the file', () => {
  const path = newPath();
  const store = openStore({ path, ...CAPACITY });
  const [a, b, c] = [1, 2, 3].map((round) => store.put(bytesOf(round))) as [number, number, number];
  store.replace(b, bytesOf(4));
  store.free(a);
  store.close();
  const again = openStore({ path, ...CAPACITY, durable: true });
  expect(again.ids()).toEqual([b, c]);
  expect(again.get(b)).toEqual(bytesOf(4));
  expect(again.get(c)).toEqual(bytesOf(3));
  expect(again.stats().dropped).toBe(0);
  expect(again.put(bytesOf(5))).toBeGreaterThan(c);
  again.close();
});

test('compacting moves blocks to the start, and their ids stay', () => {
  const path = newPath();
  const store = openStore({ path, ...CAPACITY });
  const ids = Array.from({ length: 200 }, (_, round) => store.put(bytesOf(round)));
  const kept = ids.filter((_, at) => at % 4 === 3);
  for (const id of ids) if (!kept.includes(id)) store.free(id);
  const before = store.stats().topBytes;
  expect(store.compact(5)).toBe(5);
  expect(store.compact()).toBeGreaterThan(5);
  expect(store.compact()).toBe(0);
  expect(store.stats().topBytes).toBeLessThan(before * 0.5);
  for (const id of kept) expect(store.get(id)).toEqual(bytesOf(ids.indexOf(id)));
  store.close();
});

test('what cannot be is refused by its code', () => {
  const path = newPath();
  for (const capacityBytes of [0, 4096, -1, NaN, 0.5, 2 ** 33]) {
    expect(codeOf(() => openStore({ path, capacityBytes }))).toBe('invalid-size');
  }
  expect(codeOf(() => openStore({ path: join(folder, 'no', 'folder'), ...CAPACITY }))).toBe(
    'no-file',
  );
  expect(codeOf(() => openStore({ path: 'a\0b', ...CAPACITY }))).toBe('no-file');
  const text = 'not a store at all, but something that matters to somebody';
  writeFileSync(path, text);
  expect(codeOf(() => openStore({ path, ...CAPACITY }))).toBe('corrupt');
  expect(readFileSync(path, 'utf8')).toBe(text);
  const good = newPath();
  const store = openStore({ path: good, ...CAPACITY, nowMs: () => 77 });
  expect(codeOf(() => openStore({ path: good, ...CAPACITY }))).toBe('file-in-use');
  expect(codeOf(() => store.put(new Uint8Array()))).toBe('invalid-size');
  expect(codeOf(() => store.put(new Uint8Array(2 ** 21)))).toBe('invalid-size');
  for (const id of [0, 7, -1, NaN, 0.5, 2 ** 40]) {
    expect(codeOf(() => store.get(id))).toBe('unknown');
    expect(codeOf(() => store.free(id))).toBe('unknown');
    expect(codeOf(() => store.replace(id, bytesOf(1)))).toBe('unknown');
  }
  expect(
    codeOf(() => {
      for (;;) store.put(new Uint8Array(50_000));
    }),
  ).toBe('out-of-memory');
  expect(() => store.get(12_345)).toThrow(expect.objectContaining({ atMs: 77 }));
  store.close();
  store.close();
  for (const call of [() => store.ids(), () => store.get(1), () => store.put(bytesOf(1))]) {
    expect(codeOf(call)).toBe('closed');
  }
  expect(codeOf(() => openStore({ path: good, capacityBytes: 2 ** 21 }))).toBe('corrupt');
});

// The C++ tests kill at each store to memory; this is the same from the outside, a few times.
test('a process that is killed at any moment leaves whole blocks alone', async () => {
  const path = newPath();
  const entry = join(import.meta.dirname, '../dist/native/index.js');
  const program = `
    import { openStore } from ${JSON.stringify(entry)};
    const store = openStore({ path: ${JSON.stringify(path)}, capacityBytes: ${CAPACITY.capacityBytes} });
    const bytesOf = ${bytesOf.toString()};
    store.put(bytesOf(0));
    console.log('ready');
    for (let round = 1; ; round += 1) {
      const ids = store.ids();
      if (ids.length < 50) store.put(bytesOf(round));
      else if (round % 3 === 0) store.free(ids[round % 50]);
      else if (round % 3 === 1) store.replace(ids[round % 50], bytesOf(round));
      else store.compact(1);
    }`;
  for (let life = 1; life <= 5; life += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await delay(life * 7); // where it is killed matters, and is nobody's choice
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const store = openStore({ path, ...CAPACITY });
    expect(store.ids().length).toBeGreaterThan(0);
    for (const id of store.ids()) {
      const bytes = store.get(id);
      expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
    }
    store.close();
  }
});
