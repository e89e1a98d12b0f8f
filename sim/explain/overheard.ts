/** A strategy that notes from where in the program some of its questions come. */
import type { Spread } from '../choice/shape.ts';
import type { Site } from '../choice/site.ts';
import type { Asker, Candidates, Strategy, Weights } from '../choice/strategy.ts';
import { programFrames } from '../node/guard/stack-trace.ts';
import { BRANCH, VALUE } from '../trace/record.ts';
import { keyOf } from './entries.ts';

/** Of a stack, the innermost first. */
export const FRAMES_MAX = 6;

export class Overheard implements Strategy {
  readonly name: string;
  readonly scheduling: Strategy['scheduling'];
  private readonly strategy: Strategy;
  private readonly wanted: ReadonlySet<string>;
  private readonly heard: Map<string, readonly string[]>;

  constructor(
    strategy: Strategy,
    wanted: ReadonlySet<string>,
    heard: Map<string, readonly string[]>,
  ) {
    this.name = strategy.name;
    this.scheduling = strategy.scheduling;
    this.strategy = strategy;
    this.wanted = wanted;
    this.heard = heard;
  }

  meets(actor: number, name: string, key: number): void {
    this.strategy.meets?.(actor, name, key);
  }

  momentNs(lo: number, hi: number, fromNs: number, toNs: number, spread: Spread): number {
    return this.strategy.momentNs(lo, hi, fromNs, toNs, spread);
  }

  priority(lo: number, hi: number): number {
    return this.strategy.priority(lo, hi);
  }

  pick(candidates: Candidates): number {
    return this.strategy.pick(candidates);
  }

  branch(site: Site, asker: Asker, weights: Weights): number {
    this.hear(BRANCH, site, asker);
    return this.strategy.branch(site, asker, weights);
  }

  value(site: Site, asker: Asker, min: number, max: number, spread: Spread): number {
    this.hear(VALUE, site, asker);
    return this.strategy.value(site, asker, min, max, spread);
  }

  private hear(kind: number, { index }: Site, { lo, hi, ordinal, actor }: Asker): void {
    const key = keyOf({ kind, site: index, lo, hi, ordinal, actor, span: 0, outcome: 0 });
    if (this.wanted.has(key)) this.heard.set(key, programFrames(FRAMES_MAX));
  }
}
