/**
 * A node's disk as its programs use it. Each call is two steps, as on a real machine: the effect,
 * and later the completion that the caller sees; a read between the two of another call may see
 * either state. Calls made side by side may take effect in any order.
 */
import { hashName } from '../choice/mix.ts';
import { uniform } from '../choice/shape.ts';
import { type Site, site } from '../choice/site.ts';
import { weights } from '../choice/strategy.ts';
import {
  type Disk,
  DiskError,
  type DiskErrorCode,
  type DiskFile,
  type OpenMode,
} from '../env/disk.ts';
import { failLate } from '../env/fail-late.ts';
import {
  checkBytes,
  checkMode,
  checkPath,
  checkRange,
  checkRename,
  refused,
} from '../env/given.ts';
import type { Target } from '../sched/agenda.ts';
import type { Digest } from '../sched/digest.ts';
import { never } from '../sched/ended.ts';
import type { Kernel, Owner } from '../sched/kernel.ts';
import type { NodeClock } from '../time/clock.ts';
import { msOfNs } from '../time/units.ts';
import { type CrashChoices, type FileNode, privateCopy, Volume, VolumeError } from './volume.ts';

const EFFECT = site('disk.effect');
const COMPLETION = site('disk.completion');
/** Where a search places errors of the device. */
export const DISK_POINT: Site = site('disk.point');
export const CRASH_FILE: Site = site('disk.crash.file');
const CRASH_VERSION = site('disk.crash.version');
const CRASH_NAMES = site('disk.crash.names');

/** What any call meets on any disk. */
export interface DiskConditions {
  latencyNsMin: number;
  latencyNsMax: number;
  /** Whether a crash may lose or tear what was not synced. */
  losesUnsynced: boolean;
  /** Each call may be where a search places an error. */
  points: boolean;
}

export const QUIET_DISK: DiskConditions = {
  latencyNsMin: 100_000,
  latencyNsMax: 100_000,
  losesUnsynced: false,
  points: false,
};

const ALL_OR_NOTHING_OR_MIXED = weights(2, 1, 2);
/** Placed, never drawn. */
const FAILS = weights(1, 0);

/** The drive itself: it outlives the processes that use it. */
export class Drive {
  readonly volume: Volume = new Volume();
  /** Added to every call's latency by faults on this drive. */
  slowNs = 0;
  private readonly kernel: Kernel;
  private readonly conditions: DiskConditions;

  readonly node: string;

  constructor(kernel: Kernel, conditions: DiskConditions, node: string) {
    this.kernel = kernel;
    this.node = node;
    this.conditions = conditions;
  }

  /** What was not synced survives as the running step's choices say. */
  crash(): void {
    const { choices } = this.kernel;
    const lossy: CrashChoices = {
      file: (path) => {
        const fate = choices.branch(CRASH_FILE, ALL_OR_NOTHING_OR_MIXED) as 0 | 1 | 2;
        if (fate > 0) {
          const what = fate === 1 ? 'loses what' : 'loses parts of what';
          this.kernel.tell('device', this.node, () => `the crash ${what} ${path} had not synced`);
        }
        return fate;
      },
      version: (versions) => choices.value(CRASH_VERSION, uniform(0, versions - 1)),
      names: (operations) => choices.value(CRASH_NAMES, uniform(0, operations)),
    };
    const kind: CrashChoices = { file: () => 0, version: () => 0, names: () => 0 };
    this.volume.crash(this.conditions.losesUnsynced ? lossy : kind);
  }

  /** Mixes all content into the digest. */
  digest(): void {
    const { digest } = this.kernel;
    for (const [path, file] of this.volume.files()) {
      digest.mixText(path);
      digest.mixBytes(file.read(0, file.bytes));
    }
  }
}

/** The drive as one incarnation sees it. */
export class MountedDisk implements Disk {
  private readonly kernel: Kernel;
  private readonly drive: Drive;
  private readonly conditions: DiskConditions;
  private readonly owner: Owner;
  private readonly actor: number;
  private readonly clock: NodeClock;
  /** Calls under way: they keep the node running. */
  busy = 0;

  constructor(options: {
    kernel: Kernel;
    drive: Drive;
    conditions: DiskConditions;
    owner: Owner;
    actor: number;
    clock: NodeClock;
  }) {
    this.kernel = options.kernel;
    this.drive = options.drive;
    this.conditions = options.conditions;
    this.owner = options.owner;
    this.actor = options.actor;
    this.clock = options.clock;
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    checkMode(mode);
    const node = await this.call(`open ${mode}`, path, (volume) => {
      if (mode === 'create') return volume.createFile(path);
      if (mode === 'open-or-create' && !volume.exists(path)) return volume.createFile(path);
      return volume.file(path);
    });
    return new OpenFile(this, path, node, mode !== 'read');
  }

  list(directory: string): Promise<readonly string[]> {
    return this.call('list', directory, (volume) => volume.list(directory));
  }

  makeDirectory(path: string): Promise<void> {
    return this.call('make directory', path, (volume) => volume.makeDirectory(path));
  }

  rename(paths: { from: string; to: string }): Promise<void> {
    if (typeof paths?.to !== 'string') return refused(() => checkRename(paths));
    const { from, to } = paths;
    return this.call('rename', from, (volume) => {
      this.kernel.digest.mixText(to);
      volume.rename(from, to);
    });
  }

  remove(path: string): Promise<void> {
    return this.call('remove', path, (volume) => volume.remove(path));
  }

  syncDirectory(directory: string): Promise<void> {
    return this.call('sync directory', directory, (volume) => volume.syncDirectory(directory));
  }

  /** Lets `effect` happen in a step of its own, and its result be seen in a later one. */
  call<Result>(what: string, path: string, effect: (volume: Volume) => Result): Promise<Result> {
    if (!this.owner.alive) return never();
    if (typeof path !== 'string') return refused(() => checkPath(path));
    this.busy++;
    this.kernel.digest.mixText(what);
    this.kernel.digest.mixText(path);
    return new Promise((resolve) => {
      this.later(EFFECT, () => {
        let answer: () => void;
        try {
          if (this.failsHere(path)) throw new VolumeError('io');
          const result = effect(this.drive.volume);
          answer = () => resolve(result);
        } catch (error) {
          if (!(error instanceof VolumeError)) throw error;
          answer = () => failLate(resolve, () => this.error(error.code, path));
        }
        this.later(COMPLETION, () => {
          this.busy--;
          answer();
        });
      });
    });
  }

  error(code: DiskErrorCode, path: string): DiskError {
    return new DiskError(code, path, msOfNs(this.clock.localNs()));
  }

  get digest(): Digest {
    return this.kernel.digest;
  }

  /** A search has placed an error at this call. */
  private failsHere(path: string): boolean {
    const { kernel, conditions, drive } = this;
    if (!conditions.points) return false;
    if (kernel.choices.placed(DISK_POINT, FAILS, hashName(`${drive.node} ${path}`)) === 0)
      return false;
    kernel.tell('device', drive.node, () => `a disk call on ${path} fails, and has done nothing`);
    return true;
  }

  private later(at: Site, happens: () => void): void {
    const { kernel, conditions } = this;
    const target: Target = {
      fire: () => {
        if (kernel.become(this.owner)) happens();
      },
    };
    const fromNs = kernel.nowNs + Math.floor(this.drive.slowNs / 2);
    kernel.schedule(target, undefined, at, this.actor, {
      earliestNs: fromNs + Math.floor(conditions.latencyNsMin / 2),
      latestNs: fromNs + Math.floor(conditions.latencyNsMax / 2),
      spread: 'exponential',
    });
  }
}

export class OpenFile implements DiskFile {
  readonly path: string;
  private readonly disk: MountedDisk;
  private readonly node: FileNode;
  private readonly writable: boolean;
  private closed = false;

  constructor(disk: MountedDisk, path: string, node: FileNode, writable: boolean) {
    this.disk = disk;
    this.path = path;
    this.node = node;
    this.writable = writable;
  }

  read(range: { at: number; bytes: number }): Promise<Uint8Array> {
    if (typeof range !== 'object') return refused(() => checkRange(range));
    const { at, bytes } = range;
    return this.checked('read', [at, bytes], () => this.node.read(at, bytes));
  }

  write(at: number, bytes: Uint8Array): Promise<void> {
    if (!(bytes instanceof Uint8Array)) return refused(() => checkBytes(bytes));
    const copy = privateCopy(bytes);
    this.disk.digest.mixBytes(copy);
    return this.changing('write', [at], () => this.node.write(at, copy));
  }

  size(): Promise<number> {
    return this.checked('size', [], () => this.node.bytes);
  }

  truncate(bytes: number): Promise<void> {
    return this.changing('truncate', [bytes], () => this.node.truncate(bytes));
  }

  sync(): Promise<void> {
    return this.checked('sync', [], () => this.node.sync());
  }

  close(): Promise<void> {
    const closing = this.checked('close', [], () => {});
    this.closed = true;
    return closing;
  }

  private changing(what: string, numbers: readonly number[], effect: () => void): Promise<void> {
    if (!this.writable) return Promise.reject(this.disk.error('invalid', this.path));
    return this.checked(what, numbers, effect);
  }

  private checked<Result>(
    what: string,
    numbers: readonly number[],
    effect: () => Result,
  ): Promise<Result> {
    if (this.closed) return Promise.reject(this.disk.error('closed', this.path));
    if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
      return Promise.reject(this.disk.error('invalid', this.path));
    }
    for (const number of numbers) this.disk.digest.mixInteger(number);
    return this.disk.call(what, this.path, effect);
  }
}
