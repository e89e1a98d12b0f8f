import { getSystemErrorName } from 'node:util';
import {
  type Binding,
  type Grant,
  type Grants,
  type LateWrite,
  type LiveBlock,
  type MemoryMap,
  ON_WRITE,
  type OnWrite,
  open,
  type PoolOptions,
  type PoolStats,
} from './binding.ts';
import { CLOSED_FAULT, type Clock, machineClock, NativeError, refusal } from './errors.ts';
import { keepHere } from './keep-here.ts';
import { AllocationStacks, type Leak, leaksOf } from './leaks.ts';
import { type MagazineParts, Magazines } from './magazines.ts';
import { Tags } from './tags.ts';

/**
 * Blocks of native memory in one region. All that it answers depends on the sequence of calls
 * alone; places are byte offsets from the region's start.
 */
export class NativePool {
  readonly capacityBytes: number;
  readonly #binding: Binding;
  readonly #nowMs: Clock;
  readonly #buffer: ArrayBuffer;
  readonly #parts: MagazineParts | undefined;
  readonly #windows = new Map<OnWrite, ArrayBuffer>();
  readonly #tags = new Tags();
  readonly #stacks: AllocationStacks | undefined;
  readonly #onLeaks: PoolOptions['onLeaks'];
  #magazines: Magazines | undefined;
  #lastTag: string | undefined;
  #lastTagNumber = 0;
  #id: number;

  constructor(binding: Binding, options: PoolOptions) {
    const zeroed = options.zeroed ?? true;
    const id = open(binding, options, zeroed);
    this.#nowMs = options.nowMs ?? machineClock;
    if (id < 0) throw this.#refusal(id, `a pool of ${options.capacityBytes} bytes was refused`);
    this.#binding = binding;
    this.#stacks = options.stacks ? new AllocationStacks() : undefined;
    this.#onLeaks = options.onLeaks;
    this.#id = id;
    this.#buffer = binding.buffer(id);
    keepHere(this.#buffer);
    this.capacityBytes = this.#buffer.byteLength;
    // Stacks are kept on the longer way.
    this.#parts = options.stacks ? undefined : binding.magazines(id);
    if (this.#parts) this.#magazines = new Magazines(this.#parts, this.#buffer, zeroed);
  }

  /**
   * The offset of a block. `tag` names its purpose in reports.
   *
   * @throws NativeError `out-of-memory`, `invalid-size`, `closed`
   */
  allocate(bytes: number, tag: string): number {
    // As little as can be, so that it is compiled into the caller.
    if (tag === this.#lastTag && this.#magazines !== undefined) {
      const offset = this.#magazines.allocate(bytes, this.#lastTagNumber);
      if (offset >= 0) return offset;
    }
    return this.#allocateSlowly(bytes, tag);
  }

  /**
   * A corrupt block stays live, so that `liveBlocks` shows it.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  free(offset: number): void {
    if (this.#magazines?.free(offset)) return;
    if (this.#binding.free(this.#id, offset) < 0) throw this.#refusedFree(offset);
    this.#stacks?.freed(offset);
  }

  /**
   * A block for each of `sizes`, whose offsets are put into `offsets`: all of them or none. From
   * some 16 blocks on this takes less time than as many calls of `allocate`.
   *
   * @throws NativeError `out-of-memory`, `invalid-size`, `closed`
   * @throws RangeError when `offsets` is shorter than `sizes`
   */
  allocateAll(sizes: Uint32Array, tag: string, offsets: Uint32Array): void {
    if (offsets.length < sizes.length) {
      throw new RangeError(`${sizes.length} sizes want as many offsets, not ${offsets.length}`);
    }
    let done = this.#binding.allocateAll(this.#openId(), sizes, this.#numberOf(tag), offsets);
    try {
      for (; done < sizes.length; done += 1) offsets[done] = this.#taken(sizes[done]!, tag);
      if (this.#stacks) this.#allocatedAll(offsets.subarray(0, done));
    } catch (error) {
      this.freeAll(offsets.subarray(0, done));
      throw error;
    }
  }

  /**
   * Frees the blocks in the order of the array. At one that cannot be freed it stops and says which
   * it is: the blocks before it are free, it and those behind it are as they were.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  freeAll(offsets: Uint32Array): void {
    const done = this.#binding.freeAll(this.#openId(), offsets);
    if (this.#stacks) for (const offset of offsets.subarray(0, done)) this.#stacks.freed(offset);
    if (done < offsets.length) throw this.#refusedFree(offsets[done]!);
  }

  /**
   * The size of a live block, as it was asked for.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  blockBytes(offset: number): number {
    const bytes = this.#binding.blockBytes(this.#id, offset);
    if (bytes < 0) throw this.#refusal(bytes, `there is no live block at ${offset}`);
    return bytes;
  }

  /** @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed` */
  tag(offset: number): string {
    const tag = this.#binding.blockTag(this.#id, offset);
    if (tag < 0) throw this.#refusal(tag, `there is no live block at ${offset}`);
    return this.#tags.nameOf(tag)!;
  }

  /**
   * The bytes of a live block themselves, not a copy. After the free it shows whatever comes to
   * lie there; after `close` it is empty.
   *
   * @throws NativeError `invalid-offset`, `double-free`, `corrupt`, `closed`
   */
  view(offset: number): Uint8Array {
    return new Uint8Array(this.#buffer, offset, this.blockBytes(offset));
  }

  /**
   * The bytes of a live block, seen through a second mapping of the region: whoever has this view
   * can change nothing in the pool. `onWrite` says what a write does instead. The pool's memory must
   * be a memory file.
   *
   * @throws NativeError `unavailable` where it is none, and as `view` does
   */
  window(offset: number, onWrite: OnWrite): Uint8Array {
    const bytes = this.blockBytes(offset);
    let buffer = this.#windows.get(onWrite);
    if (!buffer) {
      buffer = this.#openWindow(onWrite);
      this.#windows.set(onWrite, buffer);
    }
    return new Uint8Array(buffer, offset, bytes);
  }

  #openWindow(onWrite: OnWrite): ArrayBuffer {
    const buffer = this.#binding.window(this.#id, ON_WRITE[onWrite]);
    if (typeof buffer !== 'number') {
      keepHere(buffer);
      return buffer;
    }
    if (this.grants().memoryFile === 'granted') throw this.#refusal(buffer, 'there is no window');
    const what = 'a window needs a pool that was opened with backing: { memoryFile: true }';
    throw new NativeError('unavailable', `${what}: ${this.grants().memoryFile}`, this.#nowMs());
  }

  /** @throws NativeError `closed` */
  stats(): PoolStats {
    const { liveBytes, liveBlocks } = this.#binding.stats(this.#openId());
    const { bytes, blocks } = this.#magazines ?? { bytes: 0, blocks: 0 };
    return { liveBytes: liveBytes + bytes, liveBlocks: liveBlocks + blocks };
  }

  /**
   * All live blocks in the order of their offsets: before `close`, these are the leaks.
   *
   * @throws NativeError `closed`
   */
  liveBlocks(): LiveBlock[] {
    return this.#tags.blocksOf(this.#binding.live(this.#openId()));
  }

  /**
   * The live blocks by tag, and by where they were allocated if the pool was opened with `stacks`.
   * The largest come first.
   *
   * @throws NativeError `closed`
   */
  leaks(): Leak[] {
    return leaksOf(this.liveBlocks(), this.#stacks);
  }

  /**
   * Blocks that were written to after their free, as far as they have left the quarantine; each is
   * told once.
   *
   * @throws NativeError `closed`
   */
  lateWrites(): LateWrite[] {
    return this.#rows(this.#binding.lateWrites(this.#openId()), 3).map(([offset, bytes, tag]) => ({
      offset: offset!,
      bytes: bytes!,
      tag: this.#tags.nameOf(tag!),
    }));
  }

  /**
   * What became of what was asked of the memory.
   *
   * @throws NativeError `closed`
   */
  grants(): Grants {
    const answers = this.#binding.grants(this.#openId());
    const name = (answer: number): Grant =>
      answer === 0
        ? 'not asked'
        : answer === 1
          ? 'granted'
          : `refused: ${getSystemErrorName(answer)}`;
    return {
      memoryFile: name(answers.memoryFile),
      hugePages: name(answers.hugePages),
      transparentHugePages: name(answers.transparentHugePages),
      pinned: name(answers.pinned),
      populated: name(answers.populated),
      bound: name(answers.bound),
    };
  }

  /**
   * Overwrites freed blocks whose wiping was deferred, the oldest first, until it has done `bytesMax`
   * or more; how many bytes it did. None: all are wiped.
   *
   * @throws NativeError `closed`
   * @throws RangeError when `bytesMax` is not a whole number from 1 to 2^32
   */
  wipe(bytesMax: number = WIPE_BYTES_MAX): number {
    if (!(Number.isInteger(bytesMax) && bytesMax >= 1 && bytesMax <= WIPE_BYTES_MAX)) {
      throw new RangeError(`a step wipes 1 to 2^32 bytes, not ${bytesMax}`);
    }
    return this.#binding.wipe(this.#openId(), bytesMax);
  }

  /**
   * Where the memory is in use, as plain data for JSON: offsets and sizes only. `cells` is how many
   * stretches the pool is cut into, 1 to 65,536; they are whole pages, so there may be fewer.
   *
   * @throws NativeError `closed`
   * @throws RangeError when `cells` is out of its range
   */
  map(cells = 1024): MemoryMap {
    if (!(Number.isInteger(cells) && cells >= 1 && cells <= CELLS_MAX)) {
      throw new RangeError(`a map has 1 to ${CELLS_MAX} cells, not ${cells}`);
    }
    const map = this.#binding.map(this.#openId(), cells);
    const { cellBytes, largeBytes, touchedBytes } = map;
    const classes = Array.from({ length: map.classes.length / 3 }, (_, row) => {
      const [blockBytes, slabs, usedBytes] = map.classes.subarray(row * 3);
      return { blockBytes: blockBytes!, slabs: slabs!, usedBytes: usedBytes! };
    });
    const { capacityBytes } = this;
    return { capacityBytes, touchedBytes, cellBytes, cells: [...map.cells], classes, largeBytes };
  }

  /**
   * 64 bits over the live blocks: their places, tags and bytes.
   *
   * @throws NativeError `closed`
   */
  contentHash(): bigint {
    return this.#binding.contentHash(this.#openId());
  }

  /** Gives the region back. Views into it are empty from now on. A second call does nothing. */
  close(): void {
    if (this.#id === CLOSED) return;
    const leaks = this.#onLeaks ? this.leaks() : [];
    const own = this.#parts ? [this.#buffer, this.#parts.ledger] : [this.#buffer];
    this.#binding.close(this.#id, [...own, ...this.#windows.values()]);
    this.#magazines = undefined;
    this.#id = CLOSED;
    if (leaks.length > 0) this.#onLeaks?.(leaks);
  }

  #allocateSlowly(bytes: number, tag: string): number {
    const offset = this.#taken(bytes, tag);
    this.#stacks?.allocated(offset, AllocationStacks.capture(this.allocate));
    return offset;
  }

  #taken(bytes: number, tag: string): number {
    const number = this.#numberOf(tag);
    const cached = this.#magazines?.allocate(bytes, number) ?? -1;
    const offset = cached >= 0 ? cached : this.#binding.allocate(this.#id, bytes, number);
    if (offset < 0) throw this.#refusedAllocation(offset, bytes, tag);
    return offset;
  }

  #allocatedAll(offsets: Uint32Array): void {
    const stack = AllocationStacks.capture(this.allocateAll);
    for (const offset of offsets) this.#stacks!.allocated(offset, stack);
  }

  #openId(): number {
    if (this.#id === CLOSED) throw this.#refusal(CLOSED_FAULT, 'it cannot be asked');
    return this.#id;
  }

  #rows(words: Uint32Array, width: number): number[][] {
    return Array.from({ length: words.length / width }, (_, row) =>
      Array.from(words.subarray(row * width, (row + 1) * width)),
    );
  }

  #numberOf(tag: string): number {
    return tag === this.#lastTag ? this.#lastTagNumber : this.#tagNumber(tag);
  }

  #tagNumber(tag: string): number {
    this.#lastTagNumber = this.#tags.numberOf(tag);
    this.#lastTag = tag;
    return this.#lastTagNumber;
  }

  #refusedFree(offset: number): NativeError {
    const fault = this.#binding.free(this.#id, offset);
    return this.#refusal(fault, `the block at ${offset} cannot be freed`);
  }

  #refusedAllocation(fault: number, bytes: number, tag: string): NativeError {
    const { capacityBytes } = this;
    const what = `${bytes} bytes for '${tag}' were refused by a pool of ${capacityBytes}`;
    return this.#refusal(fault, what);
  }

  #refusal(fault: number, what: string): NativeError {
    return refusal(fault, what, this.#nowMs());
  }
}

const CELLS_MAX = 65_536;
const WIPE_BYTES_MAX = 2 ** 32;

/** The number of no pool. */
const CLOSED = -1;
