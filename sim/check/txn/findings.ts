import type { Anomaly, CycleEdge } from '../verdict.ts';

export const LEVELS = ['rc', 'ra', 'causal', 'si', 'ser', 'session-ser', 'strict-ser'] as const;

/**
 * Isolation levels from weak to strong. What breaks one breaks all that follow it, apart from
 * `causal` and the two with session or real-time order, which `si` and `ser` do not imply.
 */
export type Level = (typeof LEVELS)[number];

/**
 * The levels that a finding which breaks `weakest` breaks. With ordered sessions, `si` and `ser`
 * have the order of sessions in them, and so they include causality.
 */
export function breaks(weakest: Level, level: Level, sessions: Sessions): boolean {
  switch (weakest) {
    case 'rc':
      return true;
    case 'ra':
      return level !== 'rc';
    case 'causal':
      if (level === 'si' || level === 'ser') return sessions === 'ordered';
      return level !== 'rc' && level !== 'ra';
    case 'si':
      return level !== 'rc' && level !== 'ra' && level !== 'causal';
    case 'ser':
      return level === 'ser' || level === 'session-ser' || level === 'strict-ser';
    case 'session-ser':
      return level === 'session-ser' || level === 'strict-ser';
    case 'strict-ser':
      return level === 'strict-ser';
  }
}

/** Whether the order of a session's transactions is a part of every level, or only of some. */
export type Sessions = 'ordered' | 'unordered';

/** An anomaly and the weakest level that rules it out. */
export interface Finding extends Anomaly {
  readonly breaks: Level;
}

/** At most this many anomalies of one name are put into words; the rest are counted. */
const WORDED_MAX = 16;

/** Collects anomalies; words are asked for only when they will be kept. */
export class Findings {
  readonly list: Finding[] = [];
  readonly counts: Map<string, number> = new Map();

  add(
    name: string,
    breaks: Level,
    operations: readonly number[],
    words: () => string | CycleWords,
  ): void {
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    if (count > WORDED_MAX) return;
    const said = words();
    this.list.push({
      name,
      breaks,
      operations,
      ...(typeof said === 'string' ? { message: said } : said),
    });
  }
}

/** A cycle in words, and edge by edge. */
export interface CycleWords {
  readonly message: string;
  readonly edges: readonly CycleEdge[];
}
