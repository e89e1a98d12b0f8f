/** `npm run bench -- [part ...] [--json]` and `npm run score -- [part ...] [--budget 10m] [--json]`. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import Table from 'cli-table3';
import { pc } from '../tell/colour.ts';
import { count } from '../tell/words.ts';
import type { BenchRow, MeasuredRow, Rows } from '../trace/bench-row.ts';
import { hintTo } from '../trace/did-you-mean.ts';
import { EXIT, UsageError } from './exit.ts';

/** What a reference machine does in `kernel/bare-async`, in steps a second. */
const REFERENCE = 2_500_000;
const REFERENCE_ROW = 'kernel/bare-async';

export type Part = (options: { readonly budgetMs: number }) => Rows;

interface Judged extends MeasuredRow {
  /** Normalised to the reference machine. */
  readonly value: number;
  readonly met?: boolean;
}

/**
 * Runs the named parts, or all; prints rows as they come, or one JSON object. `reference` measures
 * this machine, for runs without the part that has its row.
 */
export async function bench(
  parts: { readonly [name: string]: Part },
  reference: () => Promise<number>,
  options: { readonly names: readonly string[]; readonly json: boolean; readonly budgetMs: number },
): Promise<number> {
  const names = options.names.length === 0 ? Object.keys(parts) : options.names;
  const unknown = names.find((name) => parts[name] === undefined);
  if (unknown !== undefined) {
    throw new UsageError(`no part is named '${unknown}'${hintTo(unknown, Object.keys(parts))}`);
  }
  const rows: (Judged | Exclude<BenchRow, MeasuredRow>)[] = [];
  const measured = names.some((name) => REFERENCE_ROW.startsWith(`${name}/`));
  let speed = measured ? 1 : (await reference()) / REFERENCE;
  for (const name of names) {
    for await (const row of parts[name]!({ budgetMs: options.budgetMs })) {
      if ('raw' in row && row.name === REFERENCE_ROW) speed = row.raw / REFERENCE;
      const judged = 'raw' in row ? judge(row, speed) : row;
      rows.push(judged);
      if (!options.json) process.stderr.write(pc.dim(`${progressOf(judged)}\n`));
    }
  }
  process.stdout.write(options.json ? `${JSON.stringify(report(rows))}\n` : tableOf(rows));
  return EXIT.passed;
}

function judge(row: MeasuredRow, speed: number): Judged {
  const scale = row.scales === 'rate' ? 1 / speed : row.scales === 'time' ? speed : 1;
  const value = row.raw * scale;
  return row.target === undefined
    ? { ...row, value }
    : { ...row, value, met: meets(value, row.target) };
}

/** Whether a value meets `>= 3,000,000`, `<= 5 %`, `0`. */
function meets(value: number, target: string): boolean {
  const parts = /^(>=|<=)?\s*([\d.,]+)/.exec(target);
  if (parts === null) throw new Error(`a target is written '>= 3', not '${target}'`);
  const limit = Number(parts[2]!.replaceAll(',', ''));
  if (parts[1] === '>=') return value >= limit;
  return parts[1] === '<=' ? value <= limit : value === limit;
}

function report(rows: readonly unknown[]): object {
  const { model } = cpus()[0]!;
  const machine = `${cpus().length} x ${model}`;
  return { machine, node: process.version, commit: commit(), rows };
}

function commit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: 'pipe' })
      .toString()
      .trim();
  } catch {
    return null;
  }
}

function progressOf(row: Judged | Exclude<BenchRow, MeasuredRow>): string {
  return 'skipped' in row ? `${row.name} skipped` : `${row.name} ${number(row.value)} ${row.unit}`;
}

function tableOf(rows: readonly (Judged | Exclude<BenchRow, MeasuredRow>)[]): string {
  const table = new Table({
    head: ['row', 'value', 'raw', 'unit', 'target', ''],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    if ('skipped' in row) {
      table.push([row.name, { colSpan: 5, content: `skipped: ${row.skipped}` }]);
    } else {
      const met = row.met === undefined ? '' : row.met ? pc.green('met') : pc.red('missed');
      table.push([row.name, number(row.value), number(row.raw), row.unit, row.target ?? '', met]);
    }
  }
  return `${table.toString()}\n`;
}

function number(value: number): string {
  return Math.abs(value) >= 100 ? count(value) : String(Number(value.toPrecision(3)));
}
