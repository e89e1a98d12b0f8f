/**
 * The content of one simulated disk: what programs see, and what would survive a crash.
 *
 *     file    sectors ── [durable, version, version, … seen]     a crash keeps any one of each
 *             size    ── [durable, …, seen]
 *     names   journal of creations, renames, removals            a crash keeps any prefix
 *
 * `sync` makes a file's seen sectors and size the durable ones; `syncDirectory` commits the journal.
 * That is what POSIX grants and journalling file systems keep: metadata in order, data in any order
 * and by whole sectors (T. Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
 */
import { assert } from '../env/assert.ts';
import { type DiskErrorCode, namesIn } from '../env/disk.ts';
import type { Digest } from '../sched/digest.ts';

const SECTOR_BYTES = 512;

/** Versions kept of one sector or size since the last sync; the oldest in between go first. */
const VERSIONS_MAX = 8;

/** Thrown by operations on a volume; the port adds path and time. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
  readonly code: DiskErrorCode;

  constructor(code: DiskErrorCode) {
    super(code);
    this.code = code;
  }
}

/** What a crash leaves of a file that was not synced. `0` is the calmest answer to each question. */
export interface CrashChoices {
  /** 0 all that was written stays, 1 all of it is lost, 2 each sector for itself. */
  file(path: string): 0 | 1 | 2;
  /** Which of `versions` of a sector or size stays: 0 the newest. */
  version(versions: number): number;
  /** How many of the last `operations` on names are lost. */
  names(operations: number): number;
}

const ZEROS = new Uint8Array(SECTOR_BYTES);

/**
 * A copy that no program may see: it lies in memory shared with others of its kind, which is three
 * times as quick to get as memory of its own.
 */
export function privateCopy(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafe(bytes.length);
  copy.set(bytes);
  return copy;
}

export class FileNode {
  readonly kind = 'file';
  /** By sector number, the durable version first, the seen one last. Missing: zeros. */
  private readonly sectors = new Map<number, Uint8Array[]>();
  private sizes: number[] = [0];
  private dirty = new Set<number>();

  get bytes(): number {
    return this.sizes[this.sizes.length - 1]!;
  }

  read(at: number, bytes: number): Uint8Array {
    const end = Math.min(at + bytes, this.bytes);
    const out = new Uint8Array(Math.max(0, end - at));
    for (let from = at; from < end; ) {
      const sector = Math.floor(from / SECTOR_BYTES);
      const skip = from - sector * SECTOR_BYTES;
      const take = Math.min(SECTOR_BYTES - skip, end - from);
      out.set(this.seen(sector).subarray(skip, skip + take), from - at);
      from += take;
    }
    return out;
  }

  write(at: number, bytes: Uint8Array): void {
    // POSIX: a write of no bytes does not extend the file.
    if (bytes.length === 0) return;
    for (let from = 0; from < bytes.length; ) {
      const sector = Math.floor((at + from) / SECTOR_BYTES);
      const skip = at + from - sector * SECTOR_BYTES;
      const take = Math.min(SECTOR_BYTES - skip, bytes.length - from);
      const version = privateCopy(this.seen(sector));
      version.set(take === bytes.length ? bytes : bytes.subarray(from, from + take), skip);
      this.addVersion(sector, version);
      from += take;
    }
    if (at + bytes.length > this.bytes) this.resize(at + bytes.length);
  }

  truncate(bytes: number): void {
    if (bytes < this.bytes) {
      const keep = Math.ceil(bytes / SECTOR_BYTES);
      for (const sector of [...this.sectors.keys()].sort((a, b) => a - b)) {
        if (sector >= keep) this.addVersion(sector, ZEROS);
      }
      const skip = bytes % SECTOR_BYTES;
      if (skip > 0) {
        const version = privateCopy(this.seen(keep - 1));
        version.fill(0, skip);
        this.addVersion(keep - 1, version);
      }
    }
    this.resize(bytes);
  }

  sync(): void {
    for (const sector of this.dirty) {
      const versions = this.sectors.get(sector)!;
      if (versions.length > 1) versions.splice(0, versions.length - 1);
    }
    this.dirty.clear();
    if (this.sizes.length > 1) this.sizes.splice(0, this.sizes.length - 1);
  }

  /** Only what a crash leaves stays. */
  crash(choices: CrashChoices, path: string): void {
    if (this.dirty.size === 0 && this.sizes.length === 1) return;
    const fate = choices.file(path);
    const keep = (versions: number): number => {
      if (versions === 1 || fate === 0) return versions - 1;
      return fate === 1 ? 0 : versions - 1 - choices.version(versions);
    };
    for (const sector of [...this.dirty].sort((a, b) => a - b)) {
      const versions = this.sectors.get(sector)!;
      this.sectors.set(sector, [versions[keep(versions.length)]!]);
    }
    this.dirty.clear();
    this.sizes = [this.sizes[keep(this.sizes.length)]!];
  }

  /** All that programs see, and all that a crash could leave. */
  mixInto(digest: Digest): void {
    for (const size of this.sizes) digest.mixInteger(size);
    for (const sector of [...this.sectors.keys()].sort((a, b) => a - b)) {
      digest.mixInteger(sector);
      for (const version of this.sectors.get(sector)!) digest.mixBytes(version);
    }
  }

  private seen(sector: number): Uint8Array {
    const versions = this.sectors.get(sector);
    return versions === undefined ? ZEROS : versions[versions.length - 1]!;
  }

  private addVersion(sector: number, version: Uint8Array): void {
    let versions = this.sectors.get(sector);
    if (versions === undefined) this.sectors.set(sector, (versions = [ZEROS]));
    versions.push(version);
    if (versions.length > VERSIONS_MAX) versions.splice(1, 1);
    this.dirty.add(sector);
  }

  private resize(bytes: number): void {
    if (bytes === this.bytes) return;
    this.sizes.push(bytes);
    if (this.sizes.length > VERSIONS_MAX) this.sizes.splice(1, 1);
  }
}

class DirectoryNode {
  readonly kind = 'directory';
  readonly entries: Map<string, FileNode | DirectoryNode> = new Map();
}

/** One change of names, with what undoes it. */
interface Change {
  undo(): void;
}

export class Volume {
  private readonly root = new DirectoryNode();
  private journal: Change[] = [];

  /** @throws VolumeError `not-found`, `not-directory`, `is-directory` */
  file(path: string): FileNode {
    const node = this.find(path);
    if (node === undefined) throw new VolumeError('not-found');
    if (node.kind === 'directory') throw new VolumeError('is-directory');
    return node;
  }

  exists(path: string): boolean {
    return this.find(path) !== undefined;
  }

  /** @throws VolumeError `exists`, `not-found`, `not-directory` */
  createFile(path: string): FileNode {
    const file = new FileNode();
    this.create(path, file);
    return file;
  }

  makeDirectory(path: string): void {
    this.create(path, new DirectoryNode());
  }

  list(path: string): string[] {
    const node = this.find(path);
    if (node === undefined) throw new VolumeError('not-found');
    if (node.kind === 'file') throw new VolumeError('not-directory');
    return [...node.entries.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  rename(from: string, to: string): void {
    const source = this.parentOf(from);
    const target = this.parentOf(to);
    const moved = source.directory.entries.get(source.name);
    if (moved === undefined) throw new VolumeError('not-found');
    const replaced = target.directory.entries.get(target.name);
    if (replaced === moved) return;
    if (replaced !== undefined) this.checkReplaceable(moved, replaced);
    if (moved.kind === 'directory' && `${to}/`.startsWith(`${from}/`)) {
      throw new VolumeError('invalid');
    }
    source.directory.entries.delete(source.name);
    target.directory.entries.set(target.name, moved);
    this.journal.push({
      undo: () => {
        if (replaced === undefined) target.directory.entries.delete(target.name);
        else target.directory.entries.set(target.name, replaced);
        source.directory.entries.set(source.name, moved);
      },
    });
  }

  remove(path: string): void {
    const { directory, name } = this.parentOf(path);
    const node = directory.entries.get(name);
    if (node === undefined) throw new VolumeError('not-found');
    if (node.kind === 'directory' && node.entries.size > 0) throw new VolumeError('not-empty');
    directory.entries.delete(name);
    this.journal.push({ undo: () => directory.entries.set(name, node) });
  }

  /** Commits names; `path` must be a directory. */
  syncDirectory(path: string): void {
    const node = this.find(path);
    if (node === undefined) throw new VolumeError('not-found');
    if (node.kind === 'file') throw new VolumeError('not-directory');
    this.journal = [];
  }

  crash(choices: CrashChoices): void {
    if (this.journal.length > 0) {
      let lost = choices.names(this.journal.length);
      assert(lost <= this.journal.length, 'a crash loses at most all of the journal');
      while (lost-- > 0) this.journal.pop()!.undo();
      this.journal = [];
    }
    for (const [path, file] of this.files()) file.crash(choices, path);
  }

  /** All that programs see, and all that a crash could leave. */
  mixInto(digest: Digest): void {
    digest.mixInteger(this.journal.length);
    for (const [path, file] of this.files()) {
      digest.mixText(path);
      file.mixInto(digest);
    }
  }

  /** Every file with its path, in the order of paths. */
  *files(): Generator<[path: string, file: FileNode]> {
    yield* filesBelow(this.root, '');
  }

  private create(path: string, node: FileNode | DirectoryNode): void {
    const { directory, name } = this.parentOf(path);
    if (directory.entries.has(name)) throw new VolumeError('exists');
    directory.entries.set(name, node);
    this.journal.push({ undo: () => directory.entries.delete(name) });
  }

  private checkReplaceable(moved: FileNode | DirectoryNode, old: FileNode | DirectoryNode): void {
    if (old.kind === 'directory' && moved.kind === 'file') throw new VolumeError('is-directory');
    if (old.kind === 'file' && moved.kind === 'directory') throw new VolumeError('not-directory');
    if (old.kind === 'directory' && old.entries.size > 0) throw new VolumeError('not-empty');
  }

  private find(path: string): FileNode | DirectoryNode | undefined {
    let node: FileNode | DirectoryNode | undefined = this.root;
    for (const name of partsOf(path)) {
      if (node === undefined) return undefined;
      if (node.kind === 'file') throw new VolumeError('not-directory');
      node = node.entries.get(name);
    }
    return node;
  }

  private parentOf(path: string): { directory: DirectoryNode; name: string } {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) throw new VolumeError('invalid');
    const directory = this.find(parts.join('/'));
    if (directory === undefined) throw new VolumeError('not-found');
    if (directory.kind === 'file') throw new VolumeError('not-directory');
    return { directory, name };
  }
}

function partsOf(path: string): string[] {
  const names = namesIn(path);
  if (names === undefined) throw new VolumeError('invalid');
  return names;
}

function* filesBelow(directory: DirectoryNode, prefix: string): Generator<[string, FileNode]> {
  for (const name of [...directory.entries.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const node = directory.entries.get(name)!;
    const path = prefix === '' ? name : `${prefix}/${name}`;
    if (node.kind === 'file') yield [path, node];
    else yield* filesBelow(node, path);
  }
}
