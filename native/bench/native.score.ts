/** The rows `native/…` of `npm run score`. */

import type { BenchRow, Rows } from '../../sim/trace/bench-row.ts';
import { armOf, linesOf } from './arms.ts';

const SCORES: readonly (Pick<BenchRow, 'name'> & {
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly target: string;
})[] = [
  { name: 'dpor-3x3', unit: 'executions', better: 'lower', target: '<= 1,680' },
  { name: 'dpor-readers', unit: 'executions', better: 'lower', target: '<= 512' },
  { name: 'aba', unit: 'schedules, median', better: 'lower', target: '<= 15' },
  { name: 'litmus', unit: 'of 200 seeds, the least', better: 'higher', target: '200' },
  { name: 'litmus-silent', unit: 'alarms', better: 'lower', target: '0' },
  { name: 'exhaustive', unit: 'of all programs', better: 'higher', target: '>= 1' },
];

export async function* rows(): Rows {
  const score = await armOf('score');
  for (const { name, ...row } of SCORES) {
    yield { name: `native/${name}`, raw: score(name)[0]!, scales: 'none', ...row };
  }
  const once = linesOf('score', 'replay');
  const again = linesOf('score', 'replay');
  yield {
    name: 'native/replay',
    raw: once.filter((line, at) => line.endsWith('differs') || line !== again[at]).length,
    unit: 'mismatches of 10,000',
    better: 'lower',
    scales: 'none',
    target: '0',
  };
}
