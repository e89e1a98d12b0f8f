/**
 * The course of a whole run: what is known of every step without making the run again.
 *
 *     step n    ran at a moment, on behalf of an actor, at a site, because of step `cause(n)` < n
 *
 * The first sets all up and has no cause: step 1 of a world, step 0 of a program of threads, whose
 * steps have no moments either.
 */
import type { Fit } from '../choice/replay.ts';
import { site, siteAt } from '../choice/site.ts';
import { msOfNs } from '../time/units.ts';
import type { RunResult } from '../trace/run.ts';
import type { Passage } from './passage.ts';

const FIRST_STEPS = 4096;
const BEGIN = site('world.begin');

/** Columns of `rows`. */
const COLUMNS = 5;
const CAUSE = 0;
const ACTOR = 1;
const SITE = 2;
const LO = 3;
const HI = 4;

/** Where a passage stands. */
type Moment = Pick<Passage, 'step' | 'nowNs' | 'who'>;

export class Course {
  private rows = new Int32Array(FIRST_STEPS * COLUMNS);
  private moments = new Float64Array(FIRST_STEPS);
  /** The first and the last step that can be gone to. */
  readonly first: 0 | 1;
  steps: number;
  readonly timed: boolean;
  /** By number. */
  actors: readonly string[] = [];
  /** Names of the nodes, in their order. */
  nodes: readonly string[] = [];
  result!: RunResult;
  /** How much of the recorded decisions the run has met; undefined for the run of a seed. */
  fit: Fit | undefined;
  /** The digest after each chunk of steps, low lane first. */
  chunks: readonly number[] = [];

  constructor(timed: boolean) {
    this.timed = timed;
    this.first = timed ? 1 : 0;
    this.steps = this.first;
    this.rows[this.first * COLUMNS + SITE] = BEGIN.index;
  }

  /** The step that begins now. */
  add({ step, nowNs, who }: Moment, cause: number, siteName: string): void {
    if (step >= this.moments.length) this.grow();
    const { rows } = this;
    const at = step * COLUMNS;
    rows[at + CAUSE] = cause;
    rows[at + ACTOR] = who.actor;
    rows[at + SITE] = site(siteName).index;
    rows[at + LO] = who.lo;
    rows[at + HI] = who.hi;
    this.moments[step] = nowNs;
    this.steps = Math.max(this.steps, step);
  }

  cause(step: number): number {
    return this.rows[step * COLUMNS + CAUSE]!;
  }

  /** Virtual; undefined where steps have no moments. */
  atMs(step: number): number | undefined {
    return this.timed ? msOfNs(this.moments[step]!) : undefined;
  }

  /** The name of who runs it: a node, a link as `from>to`, a thread, `faults`. */
  actor(step: number): string {
    if (step < 1) return 'program';
    return this.actors[this.rows[step * COLUMNS + ACTOR]!]!;
  }

  site(step: number): string {
    return siteAt(this.rows[step * COLUMNS + SITE]!).name;
  }

  /** The step's identity, in 53 of its 64 bits: enough to tell steps of two runs apart. */
  identity(step: number): number {
    const at = step * COLUMNS;
    return (this.rows[at + HI]! & 0x1fffff) * 2 ** 32 + (this.rows[at + LO]! >>> 0);
  }

  /** Whether another run stands after the same step, at the same moment. */
  isAt({ step, nowNs, who }: Moment): boolean {
    if (step === this.first) return true;
    const { rows, moments } = this;
    const at = step * COLUMNS;
    return (
      step <= this.steps &&
      moments[step] === nowNs &&
      rows[at + LO] === who.lo &&
      rows[at + HI] === who.hi
    );
  }

  /** The last step that ran at this moment or before. */
  stepAt(atNs: number): number {
    let from: number = this.first;
    let to = this.steps;
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      if (this.moments[middle]! <= atNs) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  private grow(): void {
    const size = this.moments.length * 2;
    const rows = new Int32Array(size * COLUMNS);
    const moments = new Float64Array(size);
    rows.set(this.rows);
    moments.set(this.moments);
    this.rows = rows;
    this.moments = moments;
  }
}
