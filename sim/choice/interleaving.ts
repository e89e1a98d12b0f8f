/**
 * The class of a run: equal for two that only swap steps which commute (A. Mazurkiewicz, 1977).
 *
 * Such runs agree, for each object, on the order of its writes and on which reads come between
 * which two of them. So each step is hashed with the write before it on its object, a write also with
 * the reads since that one, and the class is the sum over all steps. Two words of 26 bits: among a
 * million classes, two fall together with a chance of 1 in 9,000.
 */
import { type DecisionRecord, STEP } from '../trace/record.ts';
import { GOLDEN, scramble } from './mix.ts';

export class Interleaving {
  private a = 0;
  private b = 0;
  /** By object: the hash of its last write, and the sum over reads since. */
  private readonly writes: number[] = [];
  private readonly reads: number[] = [];

  clear(): void {
    this.a = 0;
    this.b = 0;
    this.writes.length = 0;
    this.reads.length = 0;
  }

  /** A step with this identity has touched an object, from 1; 0 and below stand for none. */
  touch(lo: number, object: number, wrote: boolean): void {
    if (object <= 0) return;
    const { writes, reads } = this;
    while (writes.length <= object) {
      writes.push(0);
      reads.push(0);
    }
    if (wrote) {
      const word = scramble(lo ^ scramble(writes[object]! + Math.imul(reads[object]!, GOLDEN)));
      writes[object] = word;
      reads[object] = 0;
      this.add(word);
    } else {
      const word = scramble(lo + scramble(writes[object]! ^ GOLDEN));
      reads[object] = (reads[object]! + word) | 0;
      this.add(word);
    }
  }

  /** A decision of the step with this identity, beside which steps run. */
  decide(lo: number, outcome: number): void {
    this.add(scramble(lo ^ Math.imul(outcome + 1, GOLDEN)));
  }

  /** The class, a whole number below 2^52. */
  get value(): number {
    return (this.a >>> 6) * 2 ** 26 + (this.b >>> 6);
  }

  private add(word: number): void {
    this.a = (this.a + word) | 0;
    this.b = (this.b + scramble(word ^ 0x2c1b3c6d)) | 0;
  }
}

/**
 * The class of a world's run, from its record before the world is closed. `places` has by actor whose
 * state its steps change, from 1; steps that change another's commute.
 */
export function interleavingOf(record: DecisionRecord, places: readonly number[]): number {
  const interleaving = new Interleaving();
  for (let entry = 0; entry < record.count; entry++) {
    if (record.kind(entry) !== STEP) continue;
    interleaving.touch(record.lo(entry), places[record.actor(entry)]!, true);
  }
  return interleaving.value;
}
