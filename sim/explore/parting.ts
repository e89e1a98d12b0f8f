/**
 * Where two runs part that should have been the same. The chains of their digests tell the chunk of
 * steps in which they do; both are made again, with a digest that notes what goes into it there, and
 * from which line of the program.
 */
import { programPlace } from '../node/guard/stack-trace.ts';
import { Digest } from '../sched/digest.ts';
import type { RunVerdict } from '../trace/run.ts';
import { type FinishedRun, type RunnerOptions, runOne } from './runner.ts';
import type { RunSpec, Subject } from './subject.ts';

/** What one of the runs did at the first difference. */
export interface Deed {
  /** What went into the digest: a text, a number, bytes; for a step its moment. */
  readonly what: string;
  /** The program's line, `buy (shop.ts:15:21)`; empty where no program was running. */
  readonly place: string;
  readonly step: number;
  readonly atNs: number;
  /** Who ran the step. */
  readonly actor: string;
}

/** One of the two runs: how it ended, and what it did there. */
interface Parted {
  readonly verdict: RunVerdict;
  /** Undefined when the run ended before. */
  readonly deed: Deed | undefined;
}

/** Of two runs made for this: neither need end as one did that was made before. */
export interface Parting {
  readonly first: Parted;
  readonly second: Parted;
}

/** A pair of runs may happen to be the same, or to part elsewhere. */
const PAIRS_MAX = 4;

/** The chunk in which two runs part, from 0; they are the same when that is none of theirs. */
export function firstDifferentChunk(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const both = Math.min(a.length, b.length);
  let at = 0;
  while (at < both && a[at] === b[at]) at++;
  return at >> 1;
}

/**
 * Undefined when the runs do not part again. With shared modules the second one has fresh modules.
 * `spec` makes each run's own.
 */
export async function partingOf(
  subject: Subject,
  spec: () => RunSpec,
  options: RunnerOptions,
): Promise<Parting | undefined> {
  const other = subject.fresh ?? subject;
  let chunk = -1;
  for (let pair = 0; pair < PAIRS_MAX; pair++) {
    const [a, b] = [new NotingDigest(chunk), new NotingDigest(chunk)];
    const first = await runOne(subject, { ...alone(spec()), digest: a }, options);
    const second = await runOne(other, { ...alone(spec()), digest: b }, options);
    if (first.result.digest === second.result.digest) continue;
    const parted = firstDifferentChunk(a.chunks, b.chunks);
    if (parted === chunk) return compared(a.notes, b.notes, first, second);
    chunk = parted;
  }
  return undefined;
}

function alone(spec: RunSpec): RunSpec {
  return { ...spec, compared: undefined };
}

interface Note extends Omit<Deed, 'actor'> {
  readonly actor: number;
  /** The chain's value after it. */
  readonly hex: string;
}

function compared(
  a: readonly Note[],
  b: readonly Note[],
  first: FinishedRun,
  second: FinishedRun,
): Parting {
  const at = a.findIndex(({ hex }, i) => hex !== b[i]?.hex);
  const place = at < 0 ? a.length : at;
  return { first: partedOf(a[place], first), second: partedOf(b[place], second) };
}

function partedOf(note: Note | undefined, run: FinishedRun): Parted {
  return { verdict: run.result.verdict, deed: deedOf(note, run) };
}

function deedOf(note: Note | undefined, { actors }: FinishedRun): Deed | undefined {
  if (note === undefined) return undefined;
  const { hex: _, actor, ...rest } = note;
  return { ...rest, actor: actors[actor] ?? '' };
}

/** Notes all that goes into one chunk of steps. */
class NotingDigest extends Digest {
  readonly notes: Note[] = [];
  private readonly chunk: number;
  private step = 0;
  private atNs = 0;
  private actor = 0;
  /** What is mixed is part of something noted as a whole. */
  private within = false;

  constructor(chunk: number) {
    super();
    this.chunk = chunk;
  }

  override beginStep(lo: number, hi: number, actor: number, nowNs: number): void {
    this.step++;
    this.actor = actor;
    this.atNs = nowNs;
    this.whole('runs a step', () => super.beginStep(lo, hi, actor, nowNs));
  }

  override mix(word: number): void {
    if (this.within) super.mix(word);
    else this.whole(String(word), () => super.mix(word));
  }

  override mixInteger(value: number): void {
    this.whole(String(value), () => super.mixInteger(value));
  }

  override mixNumber(value: number): void {
    this.whole(String(value), () => super.mixNumber(value));
  }

  override mixText(text: string): void {
    this.whole(JSON.stringify(shortened(text)), () => super.mixText(text));
  }

  override mixBytes(bytes: Uint8Array): void {
    const shown = Buffer.from(bytes.subarray(0, BYTES_SHOWN)).toString('hex');
    this.whole(`${bytes.length} bytes ${shortened(shown)}`, () => super.mixBytes(bytes));
  }

  private whole(what: string, mix: () => void): void {
    this.within = true;
    mix();
    this.within = false;
    if (this.chunks.length / 2 !== this.chunk) return;
    const { step, atNs, actor } = this;
    this.notes.push({ what, place: programPlace(), step, atNs, actor, hex: this.hex() });
  }
}

const BYTES_SHOWN = 64;
const TEXT_SHOWN = 80;

function shortened(text: string): string {
  return text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN)}…`;
}
