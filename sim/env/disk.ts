/**
 * - `not-found`, `exists`, `is-directory`, `not-directory`, `not-empty`: as their POSIX namesakes
 * - `no-space`: the disk is full; nothing was written
 * - `io`: the device failed; what a failed write or sync left behind is unknown
 * - `closed`: the file handle was closed
 * - `invalid`: a path with `..`, an offset or length that is negative or not whole
 */
export type DiskErrorCode =
  | 'not-found'
  | 'exists'
  | 'is-directory'
  | 'not-directory'
  | 'not-empty'
  | 'no-space'
  | 'io'
  | 'closed'
  | 'invalid';

export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: DiskErrorCode;
  readonly path: string;
  /** Milliseconds on the monotonic clock of the node that saw the error. */
  readonly atMs: number;

  constructor(code: DiskErrorCode, path: string, atMs: number, options?: ErrorOptions) {
    super(`${path}: ${MEANING[code]} (${code})`, options);
    this.code = code;
    this.path = path;
    this.atMs = atMs;
  }
}

const MEANING: Record<DiskErrorCode, string> = {
  'not-found': 'no such file or directory',
  exists: 'already exists',
  'is-directory': 'is a directory',
  'not-directory': 'is not a directory',
  'not-empty': 'directory is not empty',
  'no-space': 'no space left on the disk',
  io: 'the disk failed',
  closed: 'the file is closed',
  invalid: 'invalid path, offset or length',
};

/**
 * - `read`: must exist; only reads
 * - `update`: must exist; reads and writes
 * - `open-or-create`: reads and writes; created empty where absent
 * - `create`: must not exist; reads and writes
 */
export type OpenMode = 'read' | 'update' | 'open-or-create' | 'create';

/**
 * An open file. Calls awaited one after another happen in that order; calls made side by side
 * may happen in any order. Offsets and lengths are bytes. All reject with DiskError.
 */
export interface DiskFile {
  readonly path: string;
  /** Up to `bytes` bytes from offset `at`; fewer only at the end of the file. */
  read(range: { at: number; bytes: number }): Promise<Uint8Array>;
  /** Writes a copy of all of `bytes`; a gap before `at` reads as zeros. */
  write(at: number, bytes: Uint8Array): Promise<void>;
  size(): Promise<number>;
  /** Cuts or extends (with zeros) to `bytes`. */
  truncate(bytes: number): Promise<void>;
  /** Afterwards the file's content and size survive a crash. Its name needs `syncDirectory`. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A node's own disk: it outlives crashes and restarts, and at a crash keeps what was synced and
 * any legal subset of the rest. Paths are relative, separated by `/`, without `..`.
 */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** Names in a directory, sorted by code unit; `''` is the root. */
  list(directory: string): Promise<readonly string[]>;
  makeDirectory(path: string): Promise<void>;
  /** Atomic: a reader sees the old file or the new one. Replaces `to` if it is a file. */
  rename(paths: { from: string; to: string }): Promise<void>;
  /** A file, or an empty directory. */
  remove(path: string): Promise<void>;
  /** Afterwards the names created, renamed and removed in `directory` survive a crash. */
  syncDirectory(directory: string): Promise<void>;
}

/** The names that lead to `path`; `[]` for the root, undefined when the path is `invalid`. */
export function namesIn(path: string): string[] | undefined {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  const invalid = path.startsWith('/') || path.includes('\0') || names.includes('..');
  return invalid ? undefined : names;
}
