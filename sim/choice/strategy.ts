/**
 * A strategy answers the three questions of a run: which step is next (`pick`), which outcome is
 * taken (`branch`), and how much (`value`).
 *
 * The first has a fast form. A `placed` strategy says at which moment of its window a step runs as
 * soon as the step becomes the head of its lane (`place`), with a priority among equal moments; one
 * heap does the rest. A `picked` strategy is shown the candidates at each step and chooses. What is
 * recorded is the same: the step taken, and its moment.
 */
import type { Spread } from './shape.ts';
import type { Site } from './site.ts';

/** The step that asks, and how often it has asked at this site before. */
export interface Asker {
  lo: number;
  hi: number;
  ordinal: number;
  /** Who runs the step: a node, a link, a thread. */
  actor: number;
}

/** Whole-number weights; an outcome of weight 0 is never drawn, only forced by a record. */
export interface Weights {
  readonly of: readonly number[];
  readonly total: number;
  /** The outcomes are places in a line, the first in line first. */
  readonly line?: true;
}

export function weights(...of: readonly number[]): Weights {
  return { of, total: of.reduce((sum, weight) => sum + weight, 0) };
}

const perMilleTable: Weights[] = [];

/** Outcome 1 with a chance of `chance` in 1,000, else 0. */
export function perMille(chance: number): Weights {
  return (perMilleTable[chance] ??= weights(1000 - chance, chance));
}

/** The object of a step that depends on whatever others change. */
export const EVERYTHING: number = -(2 ** 30);

/**
 * Steps that may run next, as parallel columns of which the first `count` rows count. The columns
 * belong to the scheduler and are overwritten for the next question.
 */
export interface Candidates {
  count: number;
  /**
   * The row of the calmest: the step longest pending; among threads the next of the one that just
   * ran, or of the first one where that cannot go on.
   */
  calmest: number;
  actor: Int32Array;
  lo: Int32Array;
  hi: Int32Array;
  /**
   * What the step will touch, as far as is known before: an object's number, from 1, for threads,
   * fibers and devices, with `access` telling what it does with it; 0 for nothing that others
   * can touch; for a program's step -1, which stands for all of its actor. Below -1 stand threads
   * themselves: -2 - n is the thread with actor number n, which is started, ended or joined on.
   * {@link EVERYTHING} is what a pause looks at: any change by another thread.
   */
  object: Int32Array;
  /** A sum of {@link WRITES}, {@link MAY_WAIT} and {@link GIVES_WAY}. */
  access: Uint8Array;
}

/** The step may change its object. */
export const WRITES = 1;
/** The step is one that has to wait in some states of its object. */
export const MAY_WAIT = 2;
/** The step ends a waiting of others for its object, and could not come after their steps. */
export const GIVES_WAY = 4;

export interface Strategy {
  readonly name: string;
  readonly scheduling: 'placed' | 'picked';

  /**
   * Told of actors as they come, before any of their steps. Draws about one depend on `key`, which
   * is the same in every run, and not on its number, which changes when others come earlier.
   */
  meets?(actor: number, name: string, key: number): void;

  /**
   * The moment in [fromNs, toNs] at which a step runs; the earliest is the calmest. Asked when the
   * step becomes pending (`placed`) or when it was picked (`picked`).
   */
  momentNs(lo: number, hi: number, fromNs: number, toNs: number, spread: Spread): number;

  /** Among equal moments the lowest runs first (`placed`); a whole number. */
  priority(lo: number, hi: number): number;

  /**
   * The row of the candidate that runs next (`picked`, and threads, which have no moments). Of
   * threads also -1: none is worth running, as when all that follows was seen before, and the
   * execution is given up.
   */
  pick(candidates: Candidates): number;

  /**
   * What the step picked did touch, and whether it wrote: told by threads before the next question,
   * for the object declared, where a failed compare-exchange has not written after all, then for plain
   * data; and, in whatever order, for each thread that the step has started, woken or ended.
   */
  touched?(actor: number, object: number, wrote: boolean): void;

  /**
   * Told by threads of the step that one has come to and cannot take yet, before the next question:
   * what it will touch once it can.
   */
  blocked?(actor: number, object: number, access: number): void;

  branch(site: Site, asker: Asker, weights: Weights): number;

  /** A whole number from `min` to `max`; `max` is larger than `min`. */
  value(site: Site, asker: Asker, min: number, max: number, spread: Spread): number;
}
