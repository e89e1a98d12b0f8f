/**
 * The loop of coverage-guided fuzzing. An input is kept when it takes an edge that none before took,
 * or takes one by a power of two more often; new inputs are made from those kept.
 *
 * For a number of executions all of it depends on the target, the corpus it begins with and the seed.
 * Real time only decides when a slice ends, and that an input which never returns is a finding.
 */
import { underWatch } from '../sim/sched/watchdog.ts';
import type { LoadedTarget } from './bundle.ts';
import { type MutationSource, mutated } from './mutations.ts';
import { FuzzRandom } from './random.ts';
import { smaller } from './smaller.ts';

export interface FuzzOptions {
  readonly seed: string;
  /** Inputs to begin with; at least one is made up. */
  readonly corpus: readonly Uint8Array[];
  /** `blind` keeps nothing: the same mutations, of what it began with. To compare with. */
  readonly guidance: 'edges' | 'blind';
  /** Real ms that an execution may take. Default 10,000. */
  readonly hangMs?: number;
}

/** An input that the target mishandles. */
export interface Finding {
  readonly is: 'error' | 'hang';
  readonly input: Uint8Array;
  /** `RangeError: …`; what tells it from other findings is {@link signatureOf} this. */
  readonly message: string;
  readonly stack: string;
}

const HANG_MS = 10_000;
const ATTEMPTS_MAX = 20_000;

const now = performance.now.bind(performance);
const encoder = new TextEncoder();

export class Fuzzer {
  runs = 0;
  finding: Finding | undefined;
  readonly corpus: Uint8Array[] = [];
  private readonly loaded: LoadedTarget;
  private readonly options: FuzzOptions;
  private readonly random: FuzzRandom;
  private readonly coverage: Coverage;
  private readonly source: MutationSource;
  private readonly begin: readonly Uint8Array[];

  constructor(loaded: LoadedTarget, options: FuzzOptions) {
    const { target, edges } = loaded;
    this.loaded = loaded;
    this.options = options;
    this.random = new FuzzRandom(options.seed);
    this.coverage = new Coverage(edges);
    const words = target.words.map((word) => encoder.encode(word));
    this.source = { words, bytesMax: target.bytesMax, corpus: this.corpus };
    this.begin = [new Uint8Array(0), ...target.starts, ...options.corpus];
  }

  /** Edges taken so far. */
  get edges(): number {
    return this.coverage.edges;
  }

  get edgesMax(): number {
    return this.loaded.edges.length;
  }

  /**
   * Runs until `runsMax` are made altogether, something is found, or `forMs` of real time have gone.
   * True when there is more to do.
   */
  slice(runsMax: number, forMs: number): boolean {
    const { hangMs = HANG_MS } = this.options;
    const untilMs = now() + forMs;
    let input: Uint8Array = new Uint8Array(0);
    const outcome = underWatch(Math.ceil(forMs + hangMs), () =>
      withoutStacks(() => {
        while (this.finding === undefined && this.runs < runsMax) {
          input = this.next();
          this.runs++;
          this.attempt(input);
          if (now() >= untilMs) break;
        }
      }),
    );
    if (outcome === 'hung') {
      this.finding = { is: 'hang', input, message: `does not return in ${hangMs} ms`, stack: '' };
    }
    return this.finding === undefined && this.runs < runsMax;
  }

  /** The finding with an input from which nothing can be taken. */
  smallest(): Finding {
    const { target } = this.loaded;
    const found = this.finding!;
    // To try whether less of it hangs would take the same time, each time.
    if (found.is === 'hang') return found;
    const signature = signatureOf(found.message);
    const input = smaller(found.input, ATTEMPTS_MAX, (candidate) => {
      const failure = failureOf(target, candidate);
      return failure !== undefined && signatureOf(failure.message) === signature;
    });
    return failureOf(target, input) ?? found;
  }

  private next(): Uint8Array {
    const given = this.begin[this.runs];
    if (given !== undefined) return new Uint8Array(given.subarray(0, this.source.bytesMax));
    return mutated(this.pick(), this.random, this.source);
  }

  /** Later ones more often: they reach what is less known. */
  private pick(): Uint8Array {
    const { corpus, random } = this;
    const one = random.below(corpus.length);
    return corpus[random.chance(2) ? one : Math.max(one, random.below(corpus.length))]!;
  }

  private attempt(input: Uint8Array): void {
    this.loaded.edges.fill(0);
    this.finding = failureOf(this.loaded.target, input);
    if (this.finding !== undefined) return;
    const isNew = this.coverage.add();
    const kept = this.options.guidance === 'edges' ? isNew : this.runs <= this.begin.length;
    if (kept || this.corpus.length === 0) this.corpus.push(input);
  }
}

/** Errors are half of what targets do, and a stack is most of an error's cost. */
function withoutStacks(body: () => void): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    body();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** What the target throws at this input, if anything. */
export function failureOf(target: LoadedTarget['target'], input: Uint8Array): Finding | undefined {
  try {
    // A target that changes its input does not change the corpus.
    target.run(new Uint8Array(input));
    return undefined;
  } catch (error) {
    const { name, message, stack } = Object(error) as Partial<Error>;
    const what = message === undefined ? `threw ${String(error)}` : `${name}: ${message}`;
    return { is: 'error', input, message: what.split('\n', 1)[0]!, stack: String(stack) };
  }
}

/** The message without what differs from input to input. */
export function signatureOf(message: string): string {
  return message
    .replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '…')
    .replace(/-?\d+(\.\d+)?/g, '#')
    .slice(0, 60);
}

/** Which edges were ever taken, and how often at most in one run, by powers of two. */
class Coverage {
  edges = 0;
  private readonly counts: Uint8Array;
  /** By edge: a bit for each power of two that was seen. */
  private readonly seen: Uint8Array;

  constructor(counts: Uint8Array) {
    this.counts = counts;
    this.seen = new Uint8Array(counts.length);
  }

  /** Adds the counts of the run that has ended; whether they say something new. */
  add(): boolean {
    const { counts, seen } = this;
    let isNew = false;
    for (let edge = 0; edge < counts.length; edge++) {
      const count = counts[edge]!;
      if (count === 0) continue;
      const bit = 1 << (31 - Math.clz32(count));
      const before = seen[edge]!;
      if ((before & bit) !== 0) continue;
      if (before === 0) this.edges++;
      seen[edge] = before | bit;
      isNew = true;
    }
    return isNew;
  }
}
