/**
 * Every schedule of a program, one execution each: plain depth-first search with no reduction. The
 * yardstick that the grade's tests hold primitives and strategies to; it ends only for programs of
 * a few steps.
 */
import type { Site } from '../../choice/site.ts';
import type { Asker, Candidates, Strategy, Weights } from '../../choice/strategy.ts';
import { assert } from '../../env/assert.ts';
import { type ExecutionEnd, ThreadsEngine } from '../engine.ts';
import type { ThreadsProgram } from '../program.ts';

/** Counts of what all schedules came to. */
export interface Enumeration {
  readonly executions: number;
  readonly ends: Readonly<Partial<Record<ExecutionEnd, number>>>;
  /** Of each violation, by property and first line. */
  readonly violations: ReadonlyMap<string, number>;
}

const EXECUTIONS_MAX = 1_000_000;

export function everySchedule<State>(program: ThreadsProgram<State>): Enumeration {
  const engine = new ThreadsEngine(program);
  const search = new DepthFirst();
  const ends: Partial<Record<ExecutionEnd, number>> = {};
  const violations = new Map<string, number>();
  let executions = 0;
  do {
    assert(executions++ < EXECUTIONS_MAX, 'a program to be enumerated has few schedules');
    const end = engine.execute(search);
    ends[end] = (ends[end] ?? 0) + 1;
    if (engine.violation === undefined) continue;
    const { property, message } = engine.violation;
    const key = `${property}: ${message.split('\n', 1)[0]}`;
    violations.set(key, (violations.get(key) ?? 0) + 1);
  } while (search.next());
  return { executions, ends, violations };
}

class DepthFirst implements Strategy {
  readonly name = 'every schedule';
  readonly scheduling = 'picked';
  /** The outcome taken at each depth, and of how many. */
  private readonly taken: number[] = [];
  private readonly of: number[] = [];
  private depth = 0;

  /** Moves on to the next schedule; false when that was the last one. */
  next(): boolean {
    assert(this.depth === this.taken.length, 'the same decisions lead to the same questions');
    this.depth = 0;
    while (this.taken.length > 0) {
      if (++this.taken[this.taken.length - 1]! < this.of.at(-1)!) return true;
      this.taken.pop();
      this.of.pop();
    }
    return false;
  }

  pick(candidates: Candidates): number {
    return (candidates.calmest + this.choose(candidates.count)) % candidates.count;
  }

  branch(_site: Site, _asker: Asker, weights: Weights): number {
    return this.choose(weights.of.length);
  }

  value(): number {
    throw new Error('threads draw no magnitudes');
  }

  momentNs(): number {
    throw new Error('threads have no moments');
  }

  priority(): number {
    throw new Error('threads have no moments');
  }

  private choose(count: number): number {
    const depth = this.depth++;
    if (depth === this.taken.length) {
      this.taken.push(0);
      this.of.push(count);
    }
    assert(this.of[depth] === count, 'the same decisions lead to the same questions');
    return this.taken[depth]!;
  }
}
