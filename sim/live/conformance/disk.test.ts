import { describe, expect, test } from 'vitest';
import type { Disk, DiskFile, OpenMode } from '../../env/disk.ts';
import { codeOf, IMPLEMENTATIONS } from './implementations.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function put(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.open(path, 'create');
  await file.write(0, bytesOf(text));
  await file.close();
}

async function content(disk: Disk, path: string): Promise<string> {
  const file = await disk.open(path, 'read');
  const bytes = await file.read({ at: 0, bytes: await file.size() });
  await file.close();
  return textOf(bytes);
}

describe.each(IMPLEMENTATIONS)('disk, $name', ({ run }) => {
  const on = (body: (disk: Disk) => Promise<void>) => run({ one: ({ disk }) => body(disk) });
  const inFile = (body: (file: DiskFile) => Promise<void>) =>
    on(async (disk) => body(await disk.open('file', 'create')));

  test.each<[OpenMode, string, string]>([
    ['read', 'not-found', 'no error'],
    ['update', 'not-found', 'no error'],
    ['open-or-create', 'no error', 'no error'],
    ['create', 'no error', 'exists'],
  ])('%s: %s where nothing is, %s where a file is', (mode, absent, present) =>
    on(async (disk) => {
      await put(disk, 'here', 'text');
      await disk.makeDirectory('directory');
      expect(await codeOf(() => disk.open('there', mode))).toBe(absent);
      expect(await codeOf(() => disk.open('here', mode))).toBe(present);
      expect(await codeOf(() => disk.open('directory', mode))).toBe(
        mode === 'create' ? 'exists' : 'is-directory',
      );
      expect(await codeOf(() => disk.open('here/below', mode))).toBe('not-directory');
      expect(await codeOf(() => disk.open('no/such', mode))).toBe('not-found');
      expect(await content(disk, 'here')).toBe('text');
      // What was created stays empty.
      if (absent === 'no error') expect(await content(disk, 'there')).toBe('');
    }),
  );

  test('a file opened to be read is not written', () =>
    on(async (disk) => {
      await put(disk, 'file', 'text');
      const file = await disk.open('file', 'read');
      expect(file.path).toBe('file');
      expect(await codeOf(() => file.write(0, bytesOf('x')))).toBe('invalid');
      expect(await codeOf(() => file.truncate(0))).toBe('invalid');
      expect(await content(disk, 'file')).toBe('text');
    }));

  test('a read stops at the end of the file', () =>
    inFile(async (file) => {
      await file.write(0, bytesOf('0123456789'));
      const at = async (at: number, bytes: number) => textOf(await file.read({ at, bytes }));
      expect(await at(0, 4)).toBe('0123');
      expect(await at(8, 4)).toBe('89');
      expect(await at(0, 2 ** 40)).toBe('0123456789');
      expect(await at(10, 4)).toBe('');
      expect(await at(2 ** 40, 4)).toBe('');
      expect(await at(3, 0)).toBe('');
    }));

  test('a write is of the bytes as they were when it was called', () =>
    inFile(async (file) => {
      const bytes = Buffer.alloc(1_000_000, 1);
      const writing = file.write(0, bytes);
      bytes.fill(2);
      await writing;
      const read = await file.read({ at: 0, bytes: bytes.length });
      expect(read.every((byte) => byte === 1)).toBe(true);
    }));

  test('a write goes where it should', () =>
    inFile(async (file) => {
      await file.write(0, bytesOf('0123456789'));
      await file.write(3, bytesOf('abc'));
      await file.write(9, bytesOf('xyz'));
      expect(await file.size()).toBe(12);
      expect(textOf(await file.read({ at: 0, bytes: 12 }))).toBe('012abc678xyz');
    }));

  test('a gap before a write reads as zeros', () =>
    inFile(async (file) => {
      await file.write(2000, bytesOf('x'));
      const bytes = await file.read({ at: 0, bytes: 5000 });
      expect(bytes).toHaveLength(2001);
      expect(bytes.findIndex((byte) => byte !== 0)).toBe(2000);
    }));

  test('an empty write changes nothing, wherever it goes', () =>
    inFile(async (file) => {
      await file.write(1000, new Uint8Array(0));
      expect(await file.size()).toBe(0);
    }));

  test('a file is cut, and extended with zeros', () =>
    inFile(async (file) => {
      await file.write(0, bytesOf('0123456789'));
      await file.truncate(4);
      expect(await file.size()).toBe(4);
      await file.truncate(7);
      expect([...(await file.read({ at: 0, bytes: 10 }))]).toEqual([48, 49, 50, 51, 0, 0, 0]);
      await file.truncate(2000);
      await file.write(1500, bytesOf('x'));
      await file.truncate(1000);
      await file.truncate(2000);
      expect(await file.size()).toBe(2000);
      expect((await file.read({ at: 1000, bytes: 1000 })).every((byte) => byte === 0)).toBe(true);
    }));

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('%d is no offset and no length', (number) =>
    inFile(async (file) => {
      expect(await codeOf(() => file.read({ at: number, bytes: 1 }))).toBe('invalid');
      expect(await codeOf(() => file.read({ at: 0, bytes: number }))).toBe('invalid');
      expect(await codeOf(() => file.write(number, bytesOf('x')))).toBe('invalid');
      expect(await codeOf(() => file.truncate(number))).toBe('invalid');
      expect(await file.size()).toBe(0);
    }),
  );

  test('a closed file does nothing any more, what was called before still happens', () =>
    on(async (disk) => {
      const file = await disk.open('file', 'create');
      const writing = file.write(0, bytesOf('text'));
      await Promise.all([writing, file.close()]);
      for (const call of [
        () => file.read({ at: 0, bytes: 1 }),
        () => file.write(0, bytesOf('x')),
        () => file.size(),
        () => file.truncate(0),
        () => file.sync(),
        () => file.close(),
      ]) {
        expect(await codeOf(call)).toBe('closed');
      }
      expect(await content(disk, 'file')).toBe('text');
    }));

  test('two handles of a file see each other’s writes, under any of its names', () =>
    on(async (disk) => {
      const writer = await disk.open('old', 'create');
      const reader = await disk.open('old', 'read');
      await disk.rename({ from: 'old', to: 'new' });
      await writer.write(0, bytesOf('text'));
      expect(textOf(await reader.read({ at: 0, bytes: 9 }))).toBe('text');
      expect(await content(disk, 'new')).toBe('text');
      await disk.remove('new');
      expect(textOf(await reader.read({ at: 0, bytes: 9 }))).toBe('text');
    }));

  test('names are listed by code unit', () =>
    on(async (disk) => {
      expect(await disk.list('')).toEqual([]);
      // The last two are the other way round by code point.
      for (const name of ['b', 'a', 'B', 'ä', 'a.', '10', '9', '\uff5a', '😀']) {
        await put(disk, name, '');
      }
      await disk.makeDirectory('d');
      await put(disk, 'd/inner', '');
      expect(await disk.list('')).toEqual([
        '10',
        '9',
        'B',
        'a',
        'a.',
        'b',
        'd',
        'ä',
        '😀',
        '\uff5a',
      ]);
      expect(await disk.list('d')).toEqual(['inner']);
      expect(await codeOf(() => disk.list('a'))).toBe('not-directory');
      expect(await codeOf(() => disk.list('nothing'))).toBe('not-found');
    }));

  test('a directory is made once, in one that is there', () =>
    on(async (disk) => {
      await disk.makeDirectory('d');
      await disk.makeDirectory('d/e');
      await put(disk, 'file', '');
      expect(await codeOf(() => disk.makeDirectory('d'))).toBe('exists');
      expect(await codeOf(() => disk.makeDirectory('file'))).toBe('exists');
      expect(await codeOf(() => disk.makeDirectory('x/y'))).toBe('not-found');
      expect(await codeOf(() => disk.makeDirectory('file/y'))).toBe('not-directory');
    }));

  test('a rename replaces a file, and nothing else', () =>
    on(async (disk) => {
      await put(disk, 'a', 'new');
      await put(disk, 'b', 'old');
      await disk.makeDirectory('d');
      await disk.makeDirectory('full');
      await put(disk, 'full/inner', '');
      await disk.rename({ from: 'a', to: 'b' });
      expect(await content(disk, 'b')).toBe('new');
      expect(await disk.list('')).toEqual(['b', 'd', 'full']);
      const renamed = (from: string, to: string) => codeOf(() => disk.rename({ from, to }));
      expect(await renamed('b', 'b')).toBe('no error');
      expect(await renamed('a', 'c')).toBe('not-found');
      expect(await renamed('b', 'd')).toBe('is-directory');
      expect(await renamed('d', 'b')).toBe('not-directory');
      expect(await renamed('d', 'full')).toBe('not-empty');
      expect(await renamed('d', 'd/below')).toBe('invalid');
      expect(await renamed('b', 'x/y')).toBe('not-found');
      expect(await renamed('b', 'full/inner')).toBe('no error');
      expect(await content(disk, 'full/inner')).toBe('new');
      expect(await renamed('full', 'moved')).toBe('no error');
      expect(await disk.list('moved')).toEqual(['inner']);
    }));

  test('a file is removed, a directory when it is empty', () =>
    on(async (disk) => {
      await put(disk, 'file', 'text');
      await disk.makeDirectory('d');
      await put(disk, 'd/inner', '');
      expect(await codeOf(() => disk.remove('d'))).toBe('not-empty');
      await disk.remove('d/inner');
      await disk.remove('d');
      await disk.remove('file');
      expect(await disk.list('')).toEqual([]);
      expect(await codeOf(() => disk.remove('file'))).toBe('not-found');
      // A new file has nothing of the old one.
      expect(await content(disk, await empty(disk, 'file'))).toBe('');
    }));

  test('what is there can be synced, and what is not cannot', () =>
    on(async (disk) => {
      const file = await disk.open('file', 'create');
      await file.write(0, bytesOf('text'));
      await file.sync();
      await disk.makeDirectory('d');
      await disk.syncDirectory('');
      await disk.syncDirectory('d');
      expect(await codeOf(() => disk.syncDirectory('nothing'))).toBe('not-found');
      expect(await codeOf(() => disk.syncDirectory('file'))).toBe('not-directory');
    }));

  test.each(['../other/file', 'd/../../file', '/etc/passwd', 'd/..', 'nul\0byte'])(
    'the path %j is invalid for every call',
    (path) =>
      on(async (disk) => {
        await disk.makeDirectory('d');
        await put(disk, 'file', '');
        for (const call of [
          () => disk.open(path, 'open-or-create'),
          () => disk.open(path, 'read'),
          () => disk.open(path, 'create'),
          () => disk.list(path),
          () => disk.makeDirectory(path),
          () => disk.remove(path),
          () => disk.rename({ from: path, to: 'x' }),
          () => disk.rename({ from: 'file', to: path }),
          () => disk.syncDirectory(path),
        ]) {
          expect(await codeOf(call)).toBe('invalid');
        }
        expect(await disk.list('')).toEqual(['d', 'file']);
      }),
  );

  test('the root is a directory that is always there and has no name', () =>
    on(async (disk) => {
      expect(await codeOf(() => disk.open('', 'read'))).toBe('is-directory');
      expect(await codeOf(() => disk.open('', 'update'))).toBe('is-directory');
      for (const call of [
        () => disk.open('', 'create'),
        () => disk.makeDirectory(''),
        () => disk.remove(''),
        () => disk.rename({ from: '', to: 'x' }),
      ]) {
        expect(await codeOf(call)).toBe('invalid');
      }
    }));

  test('a path may have empty parts and dots for the same place', () =>
    on(async (disk) => {
      await disk.makeDirectory('d');
      await put(disk, './d//file', 'text');
      expect(await content(disk, 'd/./file')).toBe('text');
      expect(await disk.list('d/')).toEqual(['file']);
    }));

  test('an error carries path and time', () =>
    run({
      one: async ({ disk, clock }) => {
        const fromMs = clock.monotonicMs();
        const error = await disk.open('nothing', 'read').catch((error: unknown) => error);
        expect(error).toMatchObject({ name: 'DiskError', code: 'not-found', path: 'nothing' });
        const { atMs } = error as { atMs: number };
        expect(atMs).toBeGreaterThanOrEqual(fromMs);
        expect(atMs).toBeLessThanOrEqual(clock.monotonicMs());
      },
    }));

  test('every node has a disk of its own', () =>
    run({
      one: async ({ disk }) => put(disk, 'file', 'one'),
      two: async ({ disk }) => put(disk, 'file', 'two'),
    }));
});

async function empty(disk: Disk, path: string): Promise<string> {
  const file = await disk.open(path, 'create');
  await file.close();
  return path;
}
