/** What the turns of a loop call: each with the identity of the step that runs it. */
import { type Site, site } from '../choice/site.ts';
import type { Timer } from '../env/timers.ts';

export const IMMEDIATE: Site = site('immediate');

export abstract class Callback {
  readonly lo: number;
  readonly hi: number;
  readonly span: number;
  readonly turn: number;
  /** The step that made it. */
  readonly cause: number;
  abstract readonly site: Site;
  /** Turns planned for it so far: each has an identity of its own. */
  led = 0;
  callback: (() => void) | undefined;

  constructor(
    lo: number,
    hi: number,
    span: number,
    turn: number,
    cause: number,
    callback: () => void,
  ) {
    this.lo = lo;
    this.hi = hi;
    this.span = span;
    this.turn = turn;
    this.cause = cause;
    this.callback = callback;
  }
}

export class Immediate extends Callback implements Timer {
  get site(): Site {
    return IMMEDIATE;
  }

  cancel(): void {
    this.callback = undefined;
  }
}
