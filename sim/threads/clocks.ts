/**
 * Data races by happens-before: FastTrack (Flanagan and Freund, PLDI 2009, sections 3 and 4).
 *
 *     slot 0      none
 *     slot 1 …    one vector clock each: of a thread, of an object through which threads order
 *                 themselves, or of the readers of a plain object that several have read
 *
 * A thread's clock counts, for each thread, up to where that one's past is in its own. A plain
 * object remembers its last write as (thread, count), and its reads likewise while a single epoch
 * says enough. An access races with an earlier one whose count is above what its thread knows.
 *
 * Departures: an atomic store replaces the cell's clock, as in the memory model of ECMAScript,
 * where only the write that is read from counts; the paper's volatiles accumulate. A condition
 * orders nothing by itself, its mutex does.
 */
import { ThreadsError } from './errors.ts';
import type { SharedPlain } from './objects.ts';
import { nameOf, type SharedObject } from './operation.ts';
import { placeOf } from './stack.ts';
import type { ThreadState } from './thread.ts';

type Access = 'reads' | 'writes';

/** In place of a thread's index. */
const NOBODY = -1;
/** The reads are in the clock of the plain object. */
const SEVERAL = -2;

const FIRST_SLOTS = 64;
const FIRST_WIDTH = 8;

export class Clocks {
  private words = new Int32Array(FIRST_SLOTS * FIRST_WIDTH);
  /** Threads that a clock has room for. */
  private width = FIRST_WIDTH;
  private slots = 1;
  private threads: ThreadState[] = [];

  /** For another execution, which shares no object with the last. */
  clear(): void {
    this.slots = 1;
    this.threads.length = 0;
  }

  /** A thread begins; what `creator` has done so far comes before all of it. */
  begin(thread: ThreadState, creator: ThreadState | undefined): void {
    const { index } = thread;
    if (index >= this.width) this.widen(index);
    // The next thread of an index goes on counting where the last one has ended.
    thread.clock = this.threads[index]?.clock ?? this.newSlot();
    this.threads[index] = thread;
    if (creator !== undefined) {
      this.join(thread.clock, creator.clock);
      this.advance(creator);
    }
    this.advance(thread);
  }

  /** What was passed on through `object` comes before what `thread` does from here on. */
  acquire(thread: ThreadState, object: SharedObject): void {
    if (object.clock !== 0) this.join(thread.clock, object.clock);
  }

  /** What `thread` has done so far, and nothing else, is passed on through `object`. */
  release(thread: ThreadState, object: SharedObject): void {
    if (object.clock === 0) object.clock = this.newSlot();
    const { words, width } = this;
    const from = thread.clock * width;
    words.copyWithin(object.clock * width, from, from + width);
    this.advance(thread);
  }

  /** What `thread` has done so far is passed on besides what others have. */
  releaseInto(thread: ThreadState, object: SharedObject): void {
    if (object.clock === 0) object.clock = this.newSlot();
    this.join(object.clock, thread.clock);
    this.advance(thread);
  }

  /** @throws ThreadsError `data-race` */
  read(thread: ThreadState, plain: SharedPlain<unknown>): void {
    const { index } = thread;
    const now = this.at(thread.clock, index);
    if (thread.stack !== undefined) keepStack(plain, thread, 'reads');
    if (this.unknown(thread, plain.writer, plain.writtenAt)) {
      throw this.race(plain, plain.writer, 'writes', thread, 'reads');
    }
    if (plain.reader === SEVERAL) {
      this.words[plain.clock * this.width + index] = now;
    } else if (plain.reader === index || !this.unknown(thread, plain.reader, plain.readAt)) {
      plain.reader = index;
      plain.readAt = now;
    } else {
      const readers = this.readersOf(plain);
      this.words[readers + plain.reader] = plain.readAt;
      this.words[readers + index] = now;
      plain.reader = SEVERAL;
    }
  }

  /** @throws ThreadsError `data-race` */
  write(thread: ThreadState, plain: SharedPlain<unknown>): void {
    if (thread.stack !== undefined) keepStack(plain, thread, 'writes');
    if (this.unknown(thread, plain.writer, plain.writtenAt)) {
      throw this.race(plain, plain.writer, 'writes', thread, 'writes');
    }
    const reader = this.unknownReader(thread, plain);
    if (reader >= 0) throw this.race(plain, reader, 'reads', thread, 'writes');
    plain.writer = thread.index;
    plain.writtenAt = this.at(thread.clock, thread.index);
    plain.reader = NOBODY;
  }

  private at(slot: number, index: number): number {
    return this.words[slot * this.width + index]!;
  }

  /** Whether that access is not in the past of `thread`. */
  private unknown(thread: ThreadState, by: number, count: number): boolean {
    return by >= 0 && by !== thread.index && count > this.at(thread.clock, by);
  }

  private unknownReader(thread: ThreadState, plain: SharedPlain<unknown>): number {
    if (plain.reader !== SEVERAL) {
      return this.unknown(thread, plain.reader, plain.readAt) ? plain.reader : NOBODY;
    }
    for (let by = 0; by < this.threads.length; by++) {
      if (this.unknown(thread, by, this.at(plain.clock, by))) return by;
    }
    return NOBODY;
  }

  private race(
    plain: SharedPlain<unknown>,
    firstIndex: number,
    firstDoes: Access,
    second: ThreadState,
    secondDoes: Access,
  ): ThreadsError {
    const first = this.threads[firstIndex]!;
    const does = new Map([
      [first, firstDoes],
      [second, secondDoes],
    ]);
    // One race is one bug, whichever of the two came first.
    const [a, b] = first.index < second.index ? [first, second] : [second, first];
    const pair = `${nameOf(a)} ${does.get(a)} ${nameOf(plain)}, ${nameOf(b)} ${does.get(b)} it`;
    const details: string[] = [];
    for (const [thread, access] of does) {
      const stack = plain.stacks?.get(keyOf(thread, access));
      if (stack === undefined) continue;
      details.push(`${nameOf(thread)} ${access} it ${placeOf(stack)}`);
    }
    return new ThreadsError('data-race', `${pair}, and nothing orders the two`, {
      threads: [nameOf(a), nameOf(b)],
      details,
    });
  }

  /** Where the emptied clock of the plain object's readers begins. */
  private readersOf(plain: SharedPlain<unknown>): number {
    const { width } = this;
    if (plain.clock === 0) plain.clock = this.newSlot();
    else this.words.fill(0, plain.clock * width, (plain.clock + 1) * width);
    return plain.clock * width;
  }

  private advance(thread: ThreadState): void {
    this.words[thread.clock * this.width + thread.index]!++;
  }

  private join(into: number, from: number): void {
    const { words, width } = this;
    const a = into * width;
    const b = from * width;
    for (let i = 0; i < this.threads.length; i++) {
      if (words[b + i]! > words[a + i]!) words[a + i] = words[b + i]!;
    }
  }

  private newSlot(): number {
    const { width } = this;
    const slot = this.slots++;
    const end = (slot + 1) * width;
    if (end > this.words.length) {
      const words = new Int32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
    }
    this.words.fill(0, slot * width, end);
    return slot;
  }

  private widen(index: number): void {
    const { words, width } = this;
    while (this.width <= index) this.width *= 2;
    this.words = new Int32Array((words.length / width) * this.width);
    for (let slot = 1; slot < this.slots; slot++) {
      this.words.set(words.subarray(slot * width, (slot + 1) * width), slot * this.width);
    }
  }
}

function keepStack(plain: SharedPlain<unknown>, thread: ThreadState, does: Access): void {
  plain.stacks ??= new Map();
  plain.stacks.set(keyOf(thread, does), thread.stack!);
}

function keyOf(thread: ThreadState, does: Access): string {
  return `${thread.index} ${does}`;
}
