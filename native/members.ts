// One pool for several members of a process, each with rights, limits and a quality of service.
//
//   best effort   takes from the common region, what is left of it
//   guaranteed    has a region of its own, whose pages are there from the start; what does not fit
//                 comes from the common one
//   real time     has a region of its own, pinned, on a NUMA node if one is named; nothing else is
//                 ever asked, so that no page and no other member is waited for
//
// A block is a number: its offset, and 2^32 for each region before the one that it lies in. Any
// member may be handed it; its rights say what it may do with it. The bytes that a member allocated
// count as its own until somebody frees them.
//
// This keeps members from doing by accident what they may not. Who has a view of one block can get
// at the whole region behind it, so a real wall is only between those who write and those who see
// through a window: a second mapping, which cannot change what is there.

import type { Grants, LiveBlock, OnWrite, PoolOptions } from './binding.ts';
import { type Clock, machineClock, NativeError } from './errors.ts';
import type { NativePool } from './pool.ts';
import { type Bucket, fullBucket, type Rate, taken, waitMs } from './rate.ts';

/** To see bytes; to change them; to take blocks and give them back. */
export type Right = 'read' | 'write' | 'allocate';

export type Quality =
  | { readonly tier: 'best-effort' }
  | { readonly tier: 'guaranteed'; readonly reservedBytes: number }
  | { readonly tier: 'real-time'; readonly reservedBytes: number; readonly node?: number };

export interface MemberOptions {
  /** Names the member in tags, errors and reports: one member a role. */
  readonly role: string;
  readonly rights: readonly Right[];
  readonly quality?: Quality;
  /** Live bytes at most, as they are asked for. */
  readonly quotaBytes?: number;
  /** Of allocation. */
  readonly rate?: Rate;
  /**
   * With the right to read alone, `view` shows the bytes through a window of this kind. The common
   * region must be a memory file.
   */
  readonly window?: OnWrite;
}

export interface MemberReport {
  readonly role: string;
  readonly tier: Quality['tier'];
  readonly liveBytes: number;
  readonly liveBlocks: number;
  readonly peakBytes: number;
  /** Allocations that were refused, for whatever reason. */
  readonly refused: number;
  /** What became of what its own region was asked to be. */
  readonly grants: Grants | undefined;
}

/**
 * - `forbidden`: the role has not the right
 * - `over-quota`: the member would have more live bytes than it may
 * - `over-rate`: it allocates faster than it may; the message says when it may again
 * - `taken`: there is a member of that role already
 * - `left`: the member has left
 */
export type MemberErrorCode = 'forbidden' | 'over-quota' | 'over-rate' | 'taken' | 'left';

export class MemberError extends Error {
  override readonly name = 'MemberError';
  readonly code: MemberErrorCode;
  /** In milliseconds on the pool's clock. */
  readonly atMs: number;

  constructor(code: MemberErrorCode, message: string, atMs: number) {
    super(message);
    this.code = code;
    this.atMs = atMs;
  }
}

type Open = (options: PoolOptions) => NativePool;

const REGION = 2 ** 32;
const COMMON = 0;

export class SharedPool {
  readonly #open: Open;
  readonly #options: PoolOptions;
  readonly #nowMs: Clock;
  /** By number; a member that left takes its region along. */
  readonly #regions: (NativePool | undefined)[];
  readonly #members = new Map<string, Member>();
  /** Who allocated the blocks with a tag. */
  readonly #ownerOfTag = new Map<string, Member>();

  constructor(open: Open, options: PoolOptions) {
    this.#open = open;
    this.#options = options;
    this.#nowMs = options.nowMs ?? machineClock;
    this.#regions = [open(options)];
  }

  /**
   * @throws MemberError `taken`
   * @throws RangeError when a limit is no positive number
   * @throws NativeError `out-of-memory`, `invalid-size` when its region is refused
   */
  join(options: MemberOptions): Member {
    const { role } = options;
    if (this.#members.has(role)) {
      throw new MemberError('taken', `there is a member '${role}' already`, this.#nowMs());
    }
    mustBePositive('quotaBytes', options.quotaBytes);
    mustBePositive('bytesPerSecond', options.rate?.bytesPerSecond);
    mustBePositive('burstBytes', options.rate?.burstBytes);
    const region = this.#regionFor(options.quality);
    const member = new Member(this, options, region, this.#nowMs);
    this.#members.set(role, member);
    return member;
  }

  /** In the order in which they joined. */
  reports(): MemberReport[] {
    return [...this.#members.values()].map((member) => member.report());
  }

  /** All regions go, and members can do nothing any more. A second call does nothing. */
  close(): void {
    for (const region of this.#regions) region?.close();
  }

  /** For members. */
  region(number: number): NativePool | undefined {
    return this.#regions[number];
  }

  /** For members: which is to be told of a free. */
  ownerOf(block: number): Member | undefined {
    const { region, offset } = this.place(block);
    return this.#ownerOfTag.get(region.tag(offset));
  }

  /** For members. */
  tagOf(owner: Member, tag: string): string {
    const whole = `${owner.role}/${tag}`;
    this.#ownerOfTag.set(whole, owner);
    return whole;
  }

  /** @throws NativeError `invalid-offset` where there is no such region */
  place(block: number): { region: NativePool; offset: number } {
    const region = this.#regions[Math.floor(block / REGION)];
    if (!region) {
      throw new NativeError('invalid-offset', `no region has the block ${block}`, this.#nowMs());
    }
    return { region, offset: block % REGION };
  }

  /** For members: frees all that it holds, and answers with it. */
  left(member: Member, own: number): LiveBlock[] {
    const held: LiveBlock[] = [];
    for (const number of own === COMMON ? [COMMON] : [COMMON, own]) {
      const region = this.#regions[number]!;
      for (const block of region.liveBlocks()) {
        if (block.tag === undefined || this.#ownerOfTag.get(block.tag) !== member) continue;
        held.push({ ...block, offset: block.offset + number * REGION });
        if (block.intact) region.free(block.offset);
      }
    }
    if (own !== COMMON) {
      this.#regions[own]!.close();
      this.#regions[own] = undefined;
    }
    this.#members.delete(member.role);
    return held;
  }

  #regionFor(quality: Quality | undefined): number {
    if (quality === undefined || quality.tier === 'best-effort') return COMMON;
    const isRealTime = quality.tier === 'real-time';
    const backing = {
      ...this.#options.backing,
      populated: true,
      pinned: isRealTime,
      ...(isRealTime && quality.node !== undefined && { node: quality.node }),
    };
    const capacityBytes = quality.reservedBytes;
    return this.#regions.push(this.#open({ ...this.#options, capacityBytes, backing })) - 1;
  }
}

/** A role's way into a shared pool: `SharedPool.join` makes it. */
export class Member {
  readonly role: string;
  readonly #pool: SharedPool;
  readonly #rights: ReadonlySet<Right>;
  readonly #tier: Quality['tier'];
  readonly #quotaBytes: number;
  readonly #rate: Rate | undefined;
  readonly #window: OnWrite | undefined;
  readonly #region: number;
  readonly #nowMs: Clock;
  #bucket: Bucket | undefined;
  #hasLeft = false;
  #liveBytes = 0;
  #liveBlocks = 0;
  #peakBytes = 0;
  #refused = 0;

  constructor(pool: SharedPool, options: MemberOptions, region: number, nowMs: Clock) {
    this.role = options.role;
    this.#pool = pool;
    this.#rights = new Set(options.rights);
    this.#tier = options.quality?.tier ?? 'best-effort';
    this.#quotaBytes = options.quotaBytes ?? Infinity;
    this.#rate = options.rate;
    this.#window = options.window;
    this.#region = region;
    this.#nowMs = nowMs;
    this.#bucket = options.rate && fullBucket(options.rate, nowMs());
  }

  /**
   * A block, which any member may be handed. In reports its tag is `role/tag`.
   *
   * @throws MemberError `forbidden`, `over-quota`, `over-rate`, `left`
   * @throws NativeError `out-of-memory`, `invalid-size`, `closed`
   */
  allocate(bytes: number, tag: string): number {
    this.#must('allocate');
    try {
      const bucket = this.#admitted(bytes);
      const block = this.#take(bytes, this.#pool.tagOf(this, tag));
      this.#bucket = bucket;
      this.#liveBytes += bytes;
      this.#liveBlocks += 1;
      this.#peakBytes = Math.max(this.#peakBytes, this.#liveBytes);
      return block;
    } catch (error) {
      this.#refused += 1;
      throw error;
    }
  }

  /**
   * Of whichever member: the bytes go back to who allocated them.
   *
   * @throws MemberError `forbidden`, `left`
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  free(block: number): void {
    this.#must('allocate');
    const { region, offset } = this.#pool.place(block);
    const bytes = region.blockBytes(offset);
    const owner = this.#pool.ownerOf(block);
    region.free(offset);
    if (owner) owner.#released(bytes);
  }

  /**
   * The bytes themselves, not a copy. Who may not write sees them through a window, if the member
   * was given one; else it takes the right to read and to write.
   *
   * @throws MemberError `forbidden`, `left`
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`, `unavailable`
   */
  view(block: number): Uint8Array {
    this.#must('read');
    const { region, offset } = this.#pool.place(block);
    if (this.#window !== undefined && !this.#rights.has('write')) {
      return region.window(offset, this.#window);
    }
    this.#must('write');
    return region.view(offset);
  }

  /** A copy of the bytes. Throws as `view` does. */
  read(block: number): Uint8Array {
    this.#must('read');
    const { region, offset } = this.#pool.place(block);
    return region.view(offset).slice();
  }

  /**
   * Puts `bytes` into the block, from its byte `at` on. Throws as `view` does, and
   *
   * @throws RangeError when they reach beyond it
   */
  write(block: number, bytes: Uint8Array, at = 0): void {
    this.#must('write');
    const { region, offset } = this.#pool.place(block);
    const view = region.view(offset);
    if (!(at >= 0 && at + bytes.length <= view.length)) {
      const what = `${bytes.length} bytes from ${at} on`;
      throw new RangeError(`${what} do not fit into a block of ${view.length}`);
    }
    view.set(bytes, at);
  }

  report(): MemberReport {
    return {
      role: this.role,
      tier: this.#tier,
      liveBytes: this.#liveBytes,
      liveBlocks: this.#liveBlocks,
      peakBytes: this.#peakBytes,
      refused: this.#refused,
      grants: this.#region === COMMON ? undefined : this.#pool.region(this.#region)?.grants(),
    };
  }

  /** Frees what it still holds, and answers with that. Its region goes. */
  leave(): LiveBlock[] {
    if (this.#hasLeft) return [];
    this.#hasLeft = true;
    return this.#pool.left(this, this.#region);
  }

  #must(right: Right): void {
    if (this.#hasLeft) throw new MemberError('left', `'${this.role}' has left`, this.#nowMs());
    if (this.#rights.has(right)) return;
    throw new MemberError('forbidden', `'${this.role}' may not ${right}`, this.#nowMs());
  }

  /** What is in the bucket if so many bytes may be taken. */
  #admitted(bytes: number): Bucket | undefined {
    if (!(bytes > 0)) return this.#bucket; // the region has an error for it
    const nowMs = this.#nowMs();
    const { role } = this;
    if (this.#liveBytes + bytes > this.#quotaBytes) {
      const held = `it holds ${this.#liveBytes} of ${this.#quotaBytes}`;
      throw new MemberError('over-quota', `${bytes} bytes for '${role}': ${held}`, nowMs);
    }
    if (!this.#bucket || !this.#rate) return undefined;
    const left = taken(this.#bucket, bytes, nowMs, this.#rate);
    if (left) return left;
    const waits = waitMs(this.#bucket, bytes, nowMs, this.#rate);
    const when =
      waits === Infinity
        ? `a burst has ${this.#rate.burstBytes} at most`
        : `there will be as many in ${Math.ceil(waits)} ms`;
    throw new MemberError('over-rate', `${bytes} bytes for '${role}': ${when}`, nowMs);
  }

  /** From its own region first, if it has one. */
  #take(bytes: number, tag: string): number {
    if (this.#region !== COMMON) {
      try {
        return this.#pool.region(this.#region)!.allocate(bytes, tag) + this.#region * REGION;
      } catch (error) {
        const isFull = error instanceof NativeError && FULL.has(error.code);
        if (!isFull || this.#tier === 'real-time') throw error;
      }
    }
    return this.#pool.region(COMMON)!.allocate(bytes, tag);
  }

  #released(bytes: number): void {
    this.#liveBytes -= bytes;
    this.#liveBlocks -= 1;
  }
}

/** What a region that is too small answers. */
const FULL: ReadonlySet<string> = new Set(['out-of-memory', 'invalid-size']);

function mustBePositive(name: string, limit: number | undefined): void {
  if (limit === undefined || limit > 0) return;
  throw new RangeError(`${name} is a positive number, not ${limit}`);
}
