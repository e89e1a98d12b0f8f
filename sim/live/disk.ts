/** A node's disk in a directory of the real one. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Disk,
  DiskError,
  type DiskErrorCode,
  type DiskFile,
  namesIn,
  type OpenMode,
} from '../env/disk.ts';
import { checkBytes, checkMode, checkPath, checkRange, checkRename } from '../env/given.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR } = constants;

const FLAGS: Record<OpenMode, number> = {
  read: O_RDONLY,
  update: O_RDWR,
  'open-or-create': O_RDWR | O_CREAT,
  create: O_RDWR | O_CREAT | O_EXCL,
};

const CODES: { readonly [posix: string]: DiskErrorCode } = {
  ENOENT: 'not-found',
  EEXIST: 'exists',
  EISDIR: 'is-directory',
  ENOTDIR: 'not-directory',
  ENOTEMPTY: 'not-empty',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EFBIG: 'no-space',
  EBADF: 'closed',
  EINVAL: 'invalid',
  ENAMETOOLONG: 'invalid',
};

/** What unlink says of a directory: Linux and POSIX. */
const IS_DIRECTORY = new Set<string | undefined>(['EISDIR', 'EPERM']);

export interface LiveDiskOptions {
  /** Exists; what programs call the root. */
  readonly directory: string;
  nowMs(): number;
}

export class LiveDisk implements Disk {
  private readonly options: LiveDiskOptions;
  /** Kept, since Node.js complains of a handle that is collected before it was closed. */
  private readonly handles = new Set<FileHandle>();

  constructor(options: LiveDiskOptions) {
    this.options = options;
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    checkMode(mode);
    return this.call(path, async () => {
      const real = mode === 'create' ? this.inside(path) : this.place(path);
      const handle = await open(real, FLAGS[mode]);
      // A directory can be opened for reading, as a file that has no bytes.
      if (mode === 'read' && (await handle.stat()).isDirectory()) {
        await handle.close();
        throw this.error('is-directory', path);
      }
      this.handles.add(handle);
      return new LiveFile(this, path, handle, mode !== 'read');
    });
  }

  list(directory: string): Promise<readonly string[]> {
    return this.call(directory, async () => {
      const names = await readdir(this.place(directory));
      return names.sort((a, b) => (a < b ? -1 : 1));
    });
  }

  makeDirectory(path: string): Promise<void> {
    return this.call(path, () => mkdir(this.inside(path)));
  }

  async rename(paths: { from: string; to: string }): Promise<void> {
    checkRename(paths);
    const { from, to } = paths;
    return this.call(from, () => rename(this.inside(from), this.inside(to)));
  }

  remove(path: string): Promise<void> {
    return this.call(path, async () => {
      const real = this.inside(path);
      try {
        await unlink(real);
      } catch (error) {
        if (!IS_DIRECTORY.has(codeOf(error))) throw error;
        await rmdir(real);
      }
    });
  }

  syncDirectory(directory: string): Promise<void> {
    return this.call(directory, async () => {
      const handle = await open(this.place(directory), O_RDONLY | O_DIRECTORY);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }

  closeFile(handle: FileHandle): Promise<void> {
    this.handles.delete(handle);
    return handle.close();
  }

  /** Closes what programs left open. */
  async close(): Promise<void> {
    await Promise.all([...this.handles].map((handle) => this.closeFile(handle)));
  }

  /** Runs `act`; what it throws becomes a DiskError about `path`. */
  async call<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
    checkPath(path);
    try {
      return await act();
    } catch (error) {
      if (error instanceof DiskError) throw error;
      throw this.error(CODES[codeOf(error) ?? ''] ?? 'io', path, { cause: error });
    }
  }

  error(code: DiskErrorCode, path: string, options?: ErrorOptions): DiskError {
    return new DiskError(code, path, this.options.nowMs(), options);
  }

  /** Where `path` really is. */
  private place(path: string): string {
    const names = namesIn(path);
    if (names === undefined) throw this.error('invalid', path);
    return join(this.options.directory, ...names);
  }

  /** As `place`, of something that has a name: not the root. */
  private inside(path: string): string {
    if (namesIn(path)?.length === 0) throw this.error('invalid', path);
    return this.place(path);
  }
}

class LiveFile implements DiskFile {
  readonly path: string;
  private readonly disk: LiveDisk;
  private readonly handle: FileHandle;
  private readonly writable: boolean;
  private closed = false;

  constructor(disk: LiveDisk, path: string, handle: FileHandle, writable: boolean) {
    this.disk = disk;
    this.path = path;
    this.handle = handle;
    this.writable = writable;
  }

  async read(range: { at: number; bytes: number }): Promise<Uint8Array> {
    checkRange(range);
    const { at, bytes } = range;
    return this.checked([at, bytes], async () => {
      const { size } = await this.handle.stat();
      const out = new Uint8Array(Math.max(0, Math.min(bytes, size - at)));
      let done = 0;
      while (done < out.length) {
        const { bytesRead } = await this.handle.read(out, done, out.length - done, at + done);
        // Cut shorter since it was measured.
        if (bytesRead === 0) return out.slice(0, done);
        done += bytesRead;
      }
      return out;
    });
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    checkBytes(bytes);
    const copy = new Uint8Array(bytes);
    return this.changing([at], async () => {
      let done = 0;
      try {
        while (done < copy.length) {
          const { bytesWritten } = await this.handle.write(
            copy,
            done,
            copy.length - done,
            at + done,
          );
          done += bytesWritten;
        }
      } catch (error) {
        // `no-space` promises that nothing was written.
        if (done > 0) throw this.disk.error('io', this.path, { cause: error });
        throw error;
      }
    });
  }

  size(): Promise<number> {
    return this.checked([], async () => (await this.handle.stat()).size);
  }

  truncate(bytes: number): Promise<void> {
    return this.changing([bytes], () => this.handle.truncate(bytes));
  }

  sync(): Promise<void> {
    return this.checked([], () => this.handle.datasync());
  }

  close(): Promise<void> {
    const closing = this.checked([], () => this.disk.closeFile(this.handle));
    this.closed = true;
    return closing;
  }

  private changing(numbers: readonly number[], act: () => Promise<void>): Promise<void> {
    if (!this.writable) return Promise.reject(this.disk.error('invalid', this.path));
    return this.checked(numbers, act);
  }

  private checked<Result>(numbers: readonly number[], act: () => Promise<Result>): Promise<Result> {
    if (this.closed) return Promise.reject(this.disk.error('closed', this.path));
    if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
      return Promise.reject(this.disk.error('invalid', this.path));
    }
    return this.disk.call(this.path, act);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
