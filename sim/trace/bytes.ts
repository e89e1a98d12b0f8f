/**
 * The parts that binary files are made of. Numbers of fixed size are little-endian.
 *
 *     varint    a whole number below 2^53: 7 bits a byte, the lowest first; the top bit of a byte
 *               says that another follows (LEB128). At most 8 bytes.
 *     text      its count of bytes as a varint, then UTF-8. Lone surrogates become U+FFFD.
 *     list      its count of items as a varint, then the items.
 *     flag      a byte: 0 no, 1 yes.
 *     optional  a flag, and where it says so the part.
 *
 * A reader believes no length: it refuses one that goes beyond the end before it makes room for it.
 */
import { assert } from '../env/assert.ts';

const FIRST_BYTES = 4096;
const VARINT_BYTES_MAX = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Appends parts to bytes that grow as needed. */
export class ByteWriter {
  length = 0;
  private bytes = new Uint8Array(FIRST_BYTES);
  private view = new DataView(this.bytes.buffer);

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  flag(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  u16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  i32(value: number): void {
    this.u32(value >>> 0);
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  varint(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'a varint is a whole number from 0');
    this.reserve(VARINT_BYTES_MAX);
    const { bytes } = this;
    let rest = value;
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) {
      bytes[this.length++] = (rest % 128) | 0x80;
    }
    for (; rest >= 0x80; rest >>>= 7) bytes[this.length++] = (rest & 0x7f) | 0x80;
    bytes[this.length++] = rest;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  text(text: string): void {
    const bytes = encoder.encode(text);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  optional<Part>(part: Part | undefined, write: (part: Part) => void): void {
    this.flag(part !== undefined);
    if (part !== undefined) write(part);
  }

  list<Item>(items: readonly Item[], each: (item: Item) => void): void {
    this.varint(items.length);
    for (const item of items) each(item);
  }

  texts(items: readonly string[]): void {
    this.list(items, (item) => this.text(item));
  }

  /** What was written; shares its memory with the writer. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** The bytes do not have the form that the reader was asked for. */
export class BytesError extends Error {
  override readonly name = 'BytesError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Takes parts off the front of bytes. Each of its methods throws BytesError. */
export class ByteReader {
  offset = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  fail(message: string): never {
    throw new BytesError(message, this.offset);
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  /** A number of one byte that is at most `max`; `what` names it in the error. */
  u8UpTo(max: number, what: string): number {
    const value = this.u8();
    if (value > max) this.fail(`${what} is ${value}, and at most ${max} is possible`);
    return value;
  }

  flag(): boolean {
    return this.u8UpTo(1, 'yes or no') === 1;
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  varint(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let unit = 128;
    for (let count = 1; count < VARINT_BYTES_MAX; count++, unit *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * unit;
      if (byte >= 0x80) continue;
      if (value > Number.MAX_SAFE_INTEGER) this.fail('a number is 2^53 or more');
      return value;
    }
    return this.fail('a number has more than 8 bytes');
  }

  /** As {@link u8UpTo}. */
  varintUpTo(max: number, what: string): number {
    const value = this.varint();
    if (value > max) this.fail(`${what} is ${value}, and at most ${max} is possible`);
    return value;
  }

  raw(count: number): Uint8Array {
    const from = this.take(count);
    return this.bytes.subarray(from, from + count);
  }

  text(): string {
    const bytes = this.raw(this.varint());
    try {
      return decoder.decode(bytes);
    } catch {
      return this.fail('a text is not UTF-8');
    }
  }

  optional<Part>(part: () => Part): Part | undefined {
    return this.flag() ? part() : undefined;
  }

  texts(): string[] {
    return this.list(() => this.text());
  }

  /** Items of at least one byte each. */
  list<Item>(each: () => Item): Item[] {
    const count = this.varintUpTo(this.left, 'the count of a list');
    const items: Item[] = [];
    for (let item = 0; item < count; item++) items.push(each());
    return items;
  }

  private take(count: number): number {
    if (count > this.left) this.fail(`${count} bytes should follow, and ${this.left} do`);
    const from = this.offset;
    this.offset += count;
    return from;
  }
}
