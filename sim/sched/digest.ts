/**
 * The fingerprint of a run: a 64-bit hash chain over everything observable, in order. Two lanes of
 * 32 bits; each mixed word passes through both. The chain's value is kept after every
 * {@link CHUNK_STEPS} steps, so that the first difference between two runs is found by bisection.
 */
import { hexWord } from '../trace/hex-word.ts';

export const CHUNK_STEPS = 1024;

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

export class Digest {
  private a = 0x243f6a88;
  private b = 0x13198a2e;
  private aBefore = this.a;
  private bBefore = this.b;
  /** The chain's value after each chunk of steps, low lane first. */
  readonly chunks: number[] = [];

  /** A step begins: who runs it, and when. */
  beginStep(lo: number, hi: number, actor: number, nowNs: number): void {
    this.aBefore = this.a;
    this.bBefore = this.b;
    this.mix(lo);
    this.mix(hi);
    this.mix(nowNs);
    this.mix(Math.floor(nowNs / 2 ** 32));
    this.mix(actor);
  }

  /** An int32, or any number of which the low 32 bits matter. */
  mix(word: number): void {
    const a = Math.imul(this.a ^ word, 0x9e3779b1);
    this.a = a ^ (a >>> 15);
    const b = Math.imul(this.b + this.a, 0x85ebca6b);
    this.b = b ^ (b >>> 13) ^ word;
  }

  /** A whole number up to 2^53 in size. */
  mixInteger(value: number): void {
    this.mix(value | 0);
    this.mix(Math.floor(value / 2 ** 32));
  }

  /** All 64 bits. */
  mixNumber(value: number): void {
    float[0] = value;
    this.mix(words[0]!);
    this.mix(words[1]!);
  }

  mixBytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.mix(length);
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const low = bytes[at]! | (bytes[at + 1]! << 8);
      this.mix(low | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    }
    for (; at < length; at++) this.mix(bytes[at]!);
  }

  mixText(text: string): void {
    const { length } = text;
    this.mix(length);
    let at = 0;
    for (; at + 2 <= length; at += 2) {
      this.mix(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    }
    if (at < length) this.mix(text.charCodeAt(at));
  }

  /** Does `mixing`; when that throws, nothing of it was mixed. */
  attempt(mixing: () => void): void {
    const { a, b } = this;
    try {
      mixing();
    } catch (error) {
      this.a = a;
      this.b = b;
      throw error;
    }
  }

  endChunk(): void {
    this.chunks.push(this.a, this.b);
  }

  /** The chain's value before the step that began last: of one that is cut off, how far it got is chance. */
  hexBeforeStep(): string {
    return hexWord(this.bBefore) + hexWord(this.aBefore);
  }

  /** Half of the chain's value now: an int32. */
  get word(): number {
    return this.a;
  }

  /** The chain's value now, 16 hexadecimal digits. */
  hex(): string {
    return hexWord(this.b) + hexWord(this.a);
  }
}
