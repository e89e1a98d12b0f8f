import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { enablePostMortem } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'groundhog-post-mortem-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entry = join(import.meta.dirname, '../dist/native/index.js');

/** How a process ends that has a recorded pool, and the report that it leaves. */
function endOf(last: string): { signal: string | null; status: number | null; report: string } {
  const path = join(folder, 'report');
  const program = `
    import { enablePostMortem, openPool } from ${JSON.stringify(entry)};
    enablePostMortem(${JSON.stringify(path)});
    const pool = openPool({ capacityBytes: 2 ** 24, recorded: true });
    pool.free(pool.allocate(123, 'gone'));
    pool.allocate(5000, 'kept');
    ${last}`;
  rmSync(path, { force: true });
  const args = ['-c', 'ulimit -c 0; exec "$0" --input-type=module -e "$1"'];
  const { signal, status } = spawnSync('sh', [...args, process.execPath, program]);
  const report = readOr('', path);
  return { signal, status, report };
}

function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

test('a process that a signal ends leaves a report of its recorded pools', () => {
  const { signal, report } = endOf("process.kill(process.pid, 'SIGSEGV'); for (;;) {}");
  expect(signal).toBe('SIGSEGV');
  expect(report).toMatch(/^SIGSEGV\nat \d+ ms since 1970\npool 0: 16777216 bytes\n/);
  expect(report).toMatch(
    / {2}allocate 5000 bytes, tag 1, at \d+\n {2}free at (\d+)\n {2}allocate 123 /,
  );
  expect(report).toMatch(/stack\n.*\n/);
  expect(endOf('process.abort()')).toMatchObject({
    signal: 'SIGABRT',
    report: expect.stringMatching(/^SIGABRT\n/),
  });
});

test('a write through a window that faults ends the process, and the report says so', () => {
  const { signal, report } = endOf(`
    const shared = openPool({ capacityBytes: 2 ** 16, backing: { memoryFile: true } });
    shared.window(shared.allocate(10, 'mine'), 'fault')[0] = 1;`);
  expect(signal).toBe('SIGSEGV');
  expect(report).toMatch(/^SIGSEGV outside of all recorded pools\n/);
});

test('so does one that ends by an error which nobody caught', () => {
  const { status, report } = endOf("throw new TypeError('lost');");
  expect(status).toBe(1);
  expect(report).toMatch(/^an error that nobody caught\nTypeError: lost\n {4}at /);
  expect(report).toContain('pool 0: 16777216 bytes');
});

test('a process that ends well leaves none, nor does an error of WebAssembly', () => {
  expect(endOf('pool.close();')).toEqual({ signal: null, status: 0, report: '' });
  // (module (memory 1) (func (export "f") (param i32) (result i32) local.get 0 i32.load))
  const bytes = [
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1],
    ...[7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11],
  ];
  const beyond = `
    const { instance } = await WebAssembly.instantiate(Uint8Array.from(${JSON.stringify(bytes)}));
    try { instance.exports.f(1 << 30); process.exitCode = 4; }
    catch (error) { process.exitCode = error instanceof WebAssembly.RuntimeError ? 0 : 5; }`;
  expect(endOf(beyond)).toEqual({ signal: null, status: 0, report: '' });
});

test('a path that cannot be is refused', () => {
  expect(() => enablePostMortem('x'.repeat(1024))).toThrow(RangeError);
  expect(() => enablePostMortem('a\0b')).toThrow(RangeError);
});
