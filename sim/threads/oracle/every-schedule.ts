/**
 * Every schedule of a program that a search goes through, one execution each. By plain depth-first
 * search this is the yardstick that the grade's tests hold primitives and strategies to; it ends only
 * for programs of a few steps.
 */
import { DepthFirst } from '../../choice/depth-first.ts';
import type { Search } from '../../choice/search.ts';
import { assert } from '../../env/assert.ts';
import { type ExecutionEnd, ThreadsEngine } from '../engine.ts';
import type { ThreadsProgram } from '../program.ts';

/** Counts of what all schedules came to. */
export interface Enumeration {
  readonly executions: number;
  readonly ends: Readonly<Partial<Record<ExecutionEnd, number>>>;
  /** Of each violation, by property and first line. */
  readonly violations: ReadonlyMap<string, number>;
  /** Of executions that passed, by class. */
  readonly classes: ReadonlyMap<number, number>;
}

const EXECUTIONS_MAX = 1_000_000;

export function everySchedule<State>(
  program: ThreadsProgram<State>,
  search: Search = new DepthFirst(),
): Enumeration {
  const engine = new ThreadsEngine(program, { classes: true });
  const ends: Partial<Record<ExecutionEnd, number>> = {};
  const violations = new Map<string, number>();
  const classes = new Map<number, number>();
  let executions = 0;
  let end: ExecutionEnd;
  do {
    assert(executions++ < EXECUTIONS_MAX, 'a program to be enumerated has few schedules');
    end = engine.execute(search);
    ends[end] = (ends[end] ?? 0) + 1;
    if (end === 'passed') {
      const { value } = engine.interleaving!;
      classes.set(value, (classes.get(value) ?? 0) + 1);
    }
    if (engine.violation === undefined) continue;
    const { property, message } = engine.violation;
    const key = `${property}: ${message.split('\n', 1)[0]}`;
    violations.set(key, (violations.get(key) ?? 0) + 1);
  } while (search.next(end === 'violated' || end === 'exhausted'));
  return { executions, ends, violations, classes };
}
