/**
 * Where two runs part that should have been the same. The chains of their digests tell the chunk of
 * steps in which they do; both are made again, with a digest that notes what goes into it there, and
 * from which line of the program.
 */
import { stepKey } from '../choice/overheard.ts';
import { FRAMES_MAX, programFrames } from '../node/guard/stack-trace.ts';
import { CHUNK_STEPS, Digest } from '../sched/digest.ts';
import type { MadeStep } from '../sched/kernel.ts';
import type { RunEvent } from '../trace/event.ts';
import type { Failure, RunResult, RunVerdict } from '../trace/run.ts';
import { type Culprit, culpritOf, type Globals, globalsNow } from './culprit.ts';
import { type FrameAt, frameIn } from './frame-text.ts';
import { type FinishedRun, type RunnerOptions, runOne } from './runner.ts';
import type { RunSpec, Subject } from './subject.ts';

/** What one of the runs did at the first difference. */
export interface Deed {
  /** What went into the digest: a text, a number, bytes; for a step its moment. */
  readonly what: string;
  /** The program's frames, the innermost first, `buy (shop.ts:15:21)`; none where none was running. */
  readonly frames: readonly string[];
  readonly step: number;
  /** Undefined where steps have no moments. */
  readonly atNs: number | undefined;
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
  /** What probably made them differ. */
  readonly culprit: Culprit | undefined;
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
    const [a, b] =
      subject.timed === false
        ? [new NotingEvents(), new NotingEvents()]
        : [new NotingDigest(chunk), new NotingDigest(chunk)];
    const before = globalsNow();
    const first = await runOne(subject, { ...alone(spec()), ...a.hooks }, options);
    const globals = [before, globalsNow()] as const;
    const second = await runOne(other, { ...alone(spec()), ...b.hooks }, options);
    if (isSame(first.result, second.result)) continue;
    const parted = firstDifferentChunk(a.chunks, b.chunks);
    if (a instanceof NotingEvents || parted === chunk) {
      return compared([a.notes, b.notes], [first, second], globals);
    }
    chunk = parted;
  }
  return undefined;
}

function isSame(a: RunResult, b: RunResult): boolean {
  return a.digest === b.digest && a.failure?.signature === b.failure?.signature;
}

function alone(spec: RunSpec): RunSpec {
  return { ...spec, compared: undefined };
}

interface Note extends Omit<Deed, 'actor'> {
  readonly actor: number;
  /** Equal for two runs that have done the same up to here. */
  readonly key: string;
}

type Notes = readonly Note[];

function compared(
  [a, b]: readonly [Notes, Notes],
  [first, second]: readonly [FinishedRun, FinishedRun],
  globals: readonly [Globals, Globals],
): Parting {
  const at = a.findIndex(({ key }, i) => key !== b[i]?.key);
  const place = at < 0 ? a.length : at;
  const parted = { first: partedOf(a[place], first), second: partedOf(b[place], second) };
  const told = [first, second].map(({ result: { failure } }) => failure?.message ?? '');
  const deeds = [parted.first.deed, parted.second.deed];
  const frames = [
    ...deeds.flatMap((deed) => deed?.frames ?? []),
    ...[first, second].flatMap(({ result: { failure } }) => framesOf(failure)),
    ...[a, b].flatMap((notes) => before(notes, place)),
  ];
  const culprit = culpritOf({
    frames: frames.map(frameIn).filter((frame): frame is FrameAt => frame !== undefined),
    globals,
    told: [...told, ...deeds.map((deed) => deed?.what ?? '')],
  });
  return { ...parted, culprit };
}

function framesOf(failure: Failure | undefined): readonly string[] {
  return [failure?.stack, failure?.details].flatMap((text) => text?.split('\n') ?? []);
}

/** Frames of what was done last before, the latest first. */
function before(notes: Notes, place: number): readonly string[] {
  return notes
    .slice(0, place)
    .toReversed()
    .flatMap(({ frames }) => frames)
    .slice(0, BEFORE_MAX);
}

const BEFORE_MAX = 50;

function partedOf(note: Note | undefined, run: FinishedRun): Parted {
  return { verdict: run.result.verdict, deed: deedOf(note, run) };
}

function deedOf(note: Note | undefined, { actors }: FinishedRun): Deed | undefined {
  if (note === undefined) return undefined;
  const { key: _, actor, ...rest } = note;
  return { ...rest, actor: actors[actor] ?? '' };
}

/** Notes all that threads do: their runs are short. */
class NotingEvents {
  readonly notes: Note[] = [];
  readonly chunks: readonly number[] = [];
  private actor = 0;
  private frames: readonly string[] = [];

  get hooks(): Pick<RunSpec, 'onEvent' | 'watcher'> {
    return {
      watcher: {
        began: ({ actor, frames = [] }) => {
          this.actor = actor;
          this.frames = frames;
        },
      },
      onEvent: (event) => this.heard(event),
    };
  }

  private heard({ step, text }: RunEvent): void {
    const { actor, frames } = this;
    // Its place is the first of the frames, and who does it is told before.
    const what = text.replace(/^[^:]*: /, '').replace(/, at [^,]*$/, '');
    this.notes.push({ what, frames, step, atNs: undefined, actor, key: `${step} ${text}` });
  }
}

/** Where the program asked for a step. */
interface Maker {
  readonly what: string | undefined;
  readonly frames: readonly string[];
}

/** Notes all that goes into one chunk of steps. */
class NotingDigest extends Digest {
  readonly notes: Note[] = [];
  private readonly chunk: number;
  /** By step. */
  private readonly makers = new Map<string, Maker>();
  private step = 0;
  private atNs = 0;
  private actor = 0;
  /** What is mixed is part of something noted as a whole. */
  private within = false;

  constructor(chunk: number) {
    super();
    this.chunk = chunk;
  }

  get hooks(): Pick<RunSpec, 'digest' | 'watcher'> {
    const made = ({ lo, hi, what, leader }: MadeStep): void => {
      const key = stepKey(lo, hi);
      if (!this.isNear || this.makers.has(key)) return;
      const led = leader && this.makers.get(stepKey(leader.lo, leader.hi));
      this.makers.set(key, led ?? { what, frames: programFrames(FRAMES_MAX) });
    };
    return { digest: this, watcher: { began: () => {}, made } };
  }

  override beginStep(lo: number, hi: number, actor: number, nowNs: number): void {
    this.step++;
    this.actor = actor;
    this.atNs = nowNs;
    const key = stepKey(lo, hi);
    const { what, frames = [] } = this.makers.get(key) ?? {};
    this.makers.delete(key);
    const mix = (): void => super.beginStep(lo, hi, actor, nowNs);
    if (frames.length === 0) this.whole('runs a step', mix);
    else
      this.whole(
        what === undefined ? 'runs a step that was made' : `runs the ${what} set`,
        mix,
        frames,
      );
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

  private whole(what: string, mix: () => void, frames?: readonly string[]): void {
    this.within = true;
    mix();
    this.within = false;
    if (this.chunks.length / 2 !== this.chunk) return;
    const { step, atNs, actor } = this;
    this.notes.push({
      what,
      frames: frames ?? programFrames(FRAMES_MAX),
      step,
      atNs,
      actor,
      key: this.hex(),
    });
  }

  /** In the chunk, or before it as far as steps are made that run there. */
  private get isNear(): boolean {
    const ahead = this.chunk - this.chunks.length / 2;
    return ahead >= 0 && ahead * CHUNK_STEPS <= MADE_BEFORE_MAX;
  }
}

/** So many steps before one that is told, what makes it is noted: stacks take time. */
const MADE_BEFORE_MAX = 10_000;
const BYTES_SHOWN = 64;
const TEXT_SHOWN = 80;

function shortened(text: string): string {
  return text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN)}…`;
}
