/**
 * The course of a whole run: what is known of every step without making the run again.
 *
 *     step n    ran at a moment, on behalf of an actor, at a site, because of step `cause(n)` < n
 *
 * Step 1 sets the world up; it has no cause.
 */
import type { Fit } from '../choice/replay.ts';
import { site, siteAt } from '../choice/site.ts';
import type { Kernel } from '../sched/kernel.ts';
import { msOfNs } from '../time/units.ts';
import type { RunResult } from '../trace/run.ts';

const FIRST_STEPS = 4096;
const BEGIN = site('world.begin');

/** Columns of `rows`. */
const COLUMNS = 5;
const CAUSE = 0;
const ACTOR = 1;
const SITE = 2;
const LO = 3;
const HI = 4;

export class Course {
  private rows = new Int32Array(FIRST_STEPS * COLUMNS);
  private moments = new Float64Array(FIRST_STEPS);
  /** The last step that can be gone to. */
  steps = 1;
  /** By number. */
  actors: readonly string[] = [];
  /** Names of the nodes, in their order. */
  nodes: readonly string[] = [];
  result!: RunResult;
  /** How much of the recorded decisions the run has met; undefined for the run of a seed. */
  fit: Fit | undefined;
  /** The digest after each chunk of steps, low lane first. */
  chunks: readonly number[] = [];

  constructor() {
    this.rows[COLUMNS + SITE] = BEGIN.index;
  }

  /** The step that begins now. */
  add({ steps: step, nowNs, choices: { asker } }: Kernel, cause: number, siteName: string): void {
    if (step >= this.moments.length) this.grow();
    const { rows } = this;
    const at = step * COLUMNS;
    rows[at + CAUSE] = cause;
    rows[at + ACTOR] = asker.actor;
    rows[at + SITE] = site(siteName).index;
    rows[at + LO] = asker.lo;
    rows[at + HI] = asker.hi;
    this.moments[step] = nowNs;
    this.steps = step;
  }

  cause(step: number): number {
    return this.rows[step * COLUMNS + CAUSE]!;
  }

  atMs(step: number): number {
    return msOfNs(this.moments[step]!);
  }

  /** The name of who runs it: a node, a link as `from>to`, a thread, `faults`. */
  actor(step: number): string {
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

  /** Whether the world of another run stands after the same step, at the same moment. */
  isAt({ steps: step, nowNs, choices: { asker } }: Kernel): boolean {
    if (step === 1) return true;
    const { rows, moments } = this;
    const at = step * COLUMNS;
    return (
      step <= this.steps &&
      moments[step] === nowNs &&
      rows[at + LO] === asker.lo &&
      rows[at + HI] === asker.hi
    );
  }

  /** The last step that ran at this moment or before. */
  stepAt(atNs: number): number {
    let from = 1;
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
