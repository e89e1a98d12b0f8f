/**
 * Step identities: who made the step, where, and as the how-manieth.
 *
 *     root(node, incarnation) ── site, ordinal ──► step ── site, ordinal ──► step …
 *
 * 64 bits in two int32 lanes. Identities do not contain the seed, so the same step has the same
 * identity in every run, and a step added elsewhere changes no other step's. For a given site and
 * ordinal the way from parent to child is injective: long chains lose no bits.
 */
import { GOLDEN, hashName, scramble } from './mix.ts';

export function childLo(parentLo: number, siteHash: number, ordinal: number): number {
  return scramble(parentLo ^ (siteHash + Math.imul(ordinal + 1, GOLDEN)));
}

/** The high lane of the child whose low lane is `lo`. */
export function childHi(parentHi: number, siteHash: number, lo: number): number {
  return scramble(parentHi + Math.imul(lo ^ siteHash, GOLDEN));
}

export interface Identity {
  readonly lo: number;
  readonly hi: number;
}

export function childOf(parent: Identity, siteHash: number, ordinal: number): Identity {
  const lo = childLo(parent.lo, siteHash, ordinal);
  return { lo, hi: childHi(parent.hi, siteHash, lo) };
}

export function rootIdentity(name: string, incarnation: number): Identity {
  const lo = childLo(hashName(name), GOLDEN, incarnation);
  return { lo, hi: childHi(hashName(`${name}/root`), GOLDEN, lo) };
}
