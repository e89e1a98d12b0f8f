/**
 * A summary in Markdown (GitHub's flavour): a table with a row for each scenario, then each bug with
 * the command that replays it. Whatever programs and people have named or said stands as code, so it
 * cannot change the page around it.
 */
import { type Bug, bugsOf, type Explored } from './explored.ts';
import { explanation, grouped, oneLine, printable, secondsOf } from './text.ts';

const SIGNS: { readonly [Verdict in Explored['verdict']]: string } = {
  passed: '✅',
  violated: '❌',
  diverged: '❌',
  inconclusive: '⚠️',
  vacuous: '⚠️',
};

const HEAD = ['', 'scenario', 'verdict', 'seeds', 'virtual s', 'real s'];
const ALIGNED = ['---', '---', '---', '---:', '---:', '---:'];

export function markdown(explored: readonly Explored[]): string {
  const table = [row(HEAD), row(ALIGNED), ...explored.map(rowOf)];
  const parts = ['## Groundhog', table.join('\n'), ...explored.flatMap(notesOf)];
  for (const one of explored) parts.push(...bugsOf(one).map((bug) => sectionOf(bug, one)));
  return `${parts.join('\n\n')}\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function rowOf({ name, verdict, runs, virtualMs, wallMs }: Explored): string {
  const numbers = [grouped(runs), secondsOf(virtualMs), secondsOf(wallMs)];
  // In a table even code gives way to the mark between cells.
  return row([SIGNS[verdict], code(name).replaceAll('|', '\\|'), verdict, ...numbers]);
}

function notesOf({ name, reason, neverSeen }: Explored): string[] {
  const notes: string[] = [];
  if (reason !== undefined) notes.push(`${code(name)}: ${code(reason)}`);
  if (neverSeen.length > 0) {
    notes.push(`${code(name)}: sometimes, but never seen: ${neverSeen.map(code).join(', ')}`);
  }
  return notes;
}

function sectionOf({ title, message, runs }: Bug, { name }: Explored): string {
  const [first, ...more] = runs;
  const also = more.length === 0 ? '' : ` and ${grouped(more.length)} more`;
  return [
    `### ${code(name)}: ${code(title)}`,
    code(message),
    `Seed ${code(first.result.seed)}${also}; see it again:`,
    fenced(printable(first.replay), 'sh'),
    '<details><summary>What failed</summary>',
    fenced(explanation(first), 'text'),
    '</details>',
  ].join('\n\n');
}

/** Code on one line: nothing in it is markup, a mention or a link. */
function code(text: string): string {
  const line = oneLine(text) || '-';
  const ticks = '`'.repeat(longestTicks(line) + 1);
  const blank = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${blank}${line}${blank}${ticks}`;
}

/** Lines between fences longer than any in them. */
function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestTicks(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}
