/** How soon each strategy finds each program of the suite, as a table for people. */
import type { Entry } from '../../../scenarios/sctbench/variant.ts';
import { SEEDED_STRATEGIES, type SeededStrategy } from '../../choice/seeded.ts';
import { count } from '../../tell/words.ts';
import { firstFinds, spreadOf } from './first-find.ts';

const REPETITIONS = 20;
const EXECUTIONS = 10_000;

/** Cells by program and strategy; those that there was no time for are missing. */
export class SctbenchTable {
  private readonly cells = new Map<string, Map<SeededStrategy, readonly number[]>>();

  /** Measures a column, program by program, as long as there is time; false when that was up. */
  measure(strategy: SeededStrategy, entries: readonly Entry[], until: number): boolean {
    for (const { name, program } of entries) {
      if (performance.now() > until) return false;
      const hunt = { program: program('bug'), strategy, executionsMax: EXECUTIONS };
      const first = firstFinds({ ...hunt, repetitions: 1 });
      const row = this.cells.get(name) ?? new Map<SeededStrategy, readonly number[]>();
      this.cells.set(name, row);
      // What is not found in the first repetition takes too long to be tried 20 times.
      const finds =
        first[0] === Infinity ? first : firstFinds({ ...hunt, repetitions: REPETITIONS });
      row.set(strategy, finds);
    }
    return true;
  }

  /** Programs that this strategy found in its first repetition. */
  found(strategy: SeededStrategy): number {
    const first = [...this.cells.values()].map((row) => row.get(strategy)?.[0] ?? Infinity);
    return first.filter(Number.isFinite).length;
  }

  /** In Markdown. */
  text(): string {
    const head = ['program', ...SEEDED_STRATEGIES];
    const lines = [head, head.map((_, column) => (column === 0 ? '---' : '--:'))];
    for (const [name, row] of this.cells) {
      lines.push([name, ...SEEDED_STRATEGIES.map((strategy) => cellOf(row.get(strategy)))]);
    }
    return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
  }
}

function cellOf(finds: readonly number[] | undefined): string {
  if (finds === undefined) return '';
  const { median, from, to } = spreadOf(finds);
  if (median === Infinity) return '–';
  if (to === 1) return '1';
  return `${count(Math.round(median))} (${count(from)}–${to === Infinity ? '' : count(to)})`;
}
