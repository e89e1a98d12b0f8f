/** All that a run did: each step as it began, and what was told of it. */
import type { RunEvent } from './event.ts';

/** A step as it began. A turn of a loop that runs several timers has several of one number. */
export interface RecordedStep {
  /** From 1. */
  readonly number: number;
  /** Its identity. */
  readonly lo: number;
  readonly hi: number;
  /** Empty among threads. */
  readonly site: string;
  /** The number of the step that made it pending; 0 for none. */
  readonly cause: number;
  /** A node, a link as `from>to`, a thread. */
  readonly actor: string;
  /** Nanoseconds since the run's start; never less than that of the step before. */
  readonly atNs: number;
  /** Half of the digest of all that happened before it: an int32. */
  readonly before: number;
}

export interface FullRecord {
  readonly steps: Steps;
  readonly events: readonly RunEvent[];
}

/** Those of {@link RecordedStep} that are numbers. */
const WORDS = 7;
const FIRST_STEPS = 1024;

/** Any number of steps in typed arrays. */
export class Steps {
  count = 0;
  private words = new Int32Array(FIRST_STEPS * WORDS);
  private times = new Float64Array(FIRST_STEPS);
  private readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  push(step: RecordedStep): void {
    const { number, lo, hi, site, cause, actor, atNs, before } = step;
    if (this.count === this.times.length) this.grow();
    const row = [number, lo, hi, this.numberOf(site), cause, this.numberOf(actor), before];
    this.words.set(row, this.count * WORDS);
    this.times[this.count++] = atNs;
  }

  at(index: number): RecordedStep {
    const [number, lo, hi, site, cause, actor, before] = this.words.subarray(index * WORDS);
    return {
      number: number!,
      lo: lo!,
      hi: hi!,
      site: this.names[site!]!,
      cause: cause!,
      actor: this.names[actor!]!,
      atNs: this.times[index]!,
      before: before!,
    };
  }

  *[Symbol.iterator](): Generator<RecordedStep> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }

  private numberOf(name: string): number {
    let number = this.numbers.get(name);
    if (number === undefined) this.numbers.set(name, (number = this.names.push(name) - 1));
    return number;
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    const times = new Float64Array(this.times.length * 2);
    times.set(this.times);
    this.times = times;
  }
}

/** Where two runs part. */
export interface FirstDifference {
  /** How many steps are the same: the index of the first that is not. */
  readonly index: number;
  /** Undefined where the run has ended before. */
  readonly a: RecordedStep | undefined;
  readonly b: RecordedStep | undefined;
  /** The same step ran, and did something else. */
  readonly does: boolean;
}

/** The first step that is another one, or does something else; undefined when all are the same. */
export function firstDifference(a: Steps, b: Steps): FirstDifference | undefined {
  const both = Math.min(a.count, b.count);
  for (let index = 0; index < both; index++) {
    const [one, other] = [a.at(index), b.at(index)];
    // What differs before this step is what the step before it has done.
    if (one.before !== other.before && index > 0) {
      return { index: index - 1, a: a.at(index - 1), b: b.at(index - 1), does: true };
    }
    const same = one.lo === other.lo && one.hi === other.hi && one.atNs === other.atNs;
    if (!same || one.actor !== other.actor) return { index, a: one, b: other, does: false };
  }
  if (a.count === b.count) return undefined;
  const [one, other] = [a, b].map((steps) => (steps.count > both ? steps.at(both) : undefined));
  return { index: both, a: one, b: other, does: false };
}
