/**
 * A page for people: one HTML file with nothing from elsewhere and no script, which opens from a disk and
 * prints. What programs and people have named or said stands in it as text alone.
 *
 *     h1        what came of it all; a table with a row for each scenario
 *     section   a scenario: what its runs covered, what was seen
 *       section   a bug: what failed, the command that replays it, the story
 */
import { element, escaped } from '../../sim/trace/markup.ts';
import { boundedLine } from '../../sim/trace/told.ts';
import { type Bug, bugsOf, type Explored } from '../explored.ts';
import { explanation, grouped, oneLine, printable, secondsOf } from '../text.ts';
import type { Told } from '../told.ts';
import { drawingOf } from './drawing.ts';
import { endOf, LEGEND, rowsOf } from './rows.ts';
import { STYLE } from './style.ts';

export interface PageOptions {
  /** When the first of them began. */
  readonly startedAt: Date;
  /** Of the package. */
  readonly version: string;
}

export function page(explored: readonly Explored[], { startedAt, version }: PageOptions): string {
  const title = titleOf(explored);
  const when = `${startedAt.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replace('T', ' ')} UTC`;
  const body = [
    element('h1', {}, escaped(title)),
    element('p', { class: 'dim' }, escaped(`groundhog ${version}, ${when}`)),
    table(explored),
    ...explored.map((one, index) => section(one, `s${index + 1}`)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<title>${escaped(title)}</title>
<style>${STYLE}${checkerStyle(explored)}</style>
</head>
<body>
<main>
${body.join('\n')}
</main>
</body>
</html>
`;
}

function titleOf(explored: readonly Explored[]): string {
  if (explored.length === 0) return 'nothing was run';
  const failed = explored.filter(({ verdict }) => verdict !== 'passed').length;
  const what = explored.length === 1 ? oneLine(explored[0]!.name) : `${explored.length} scenarios`;
  if (failed === 0) return `${what}: passed`;
  return explored.length === 1
    ? `${what}: ${explored[0]!.verdict}`
    : `${what}: ${failed} did not pass`;
}

/** That of the checker's pictures, for them alone. */
function checkerStyle(explored: readonly Explored[]): string {
  const styles = explored.flatMap(({ failures }) =>
    failures.flatMap(({ told }) => told?.picture?.style ?? []),
  );
  return [...new Set(styles)].map((style) => `.checker { ${style} }\n`).join('');
}

const NUMBER = { class: 'number' };

function table(explored: readonly Explored[]): string {
  const heads = ['scenario', 'verdict', 'seeds'].map((name) =>
    element('th', { scope: 'col' }, name),
  );
  const numbers = ['runs', 'steps', 'virtual s', 'real s'].map((name) =>
    element('th', { scope: 'col', ...NUMBER }, name),
  );
  const digest = element('th', { scope: 'col' }, 'digest');
  const rows = explored.map((one, index) => {
    const { name, verdict, seeds, runs, steps, virtualMs, wallMs } = one;
    const link = element('a', { href: `#s${index + 1}` }, escaped(oneLine(name) || '-'));
    const counts = [grouped(runs), grouped(steps), secondsOf(virtualMs), secondsOf(wallMs)];
    return element(
      'tr',
      {},
      element('td', {}, link),
      element('td', {}, verdictOf(verdict)),
      element('td', {}, escaped(oneLine(seeds))),
      ...counts.map((text) => element('td', NUMBER, text)),
      element('td', {}, element('code', {}, escaped(one.digest))),
    );
  });
  const head = element('thead', {}, element('tr', {}, ...heads, ...numbers, digest));
  const all = element('table', {}, head, element('tbody', {}, ...rows));
  return element('div', { class: 'scroll' }, all);
}

function verdictOf(verdict: Explored['verdict']): string {
  return element('span', { class: `verdict ${verdict}` }, verdict);
}

function section(one: Explored, id: string): string {
  const { name, verdict, reason, covered = [], sometimes = [] } = one;
  const heading = element('h2', {}, escaped(oneLine(name) || '-'), ' ', verdictOf(verdict));
  const sentences = [...(reason === undefined ? [] : [reason]), ...covered];
  const bugs = bugsOf(one).map((bug, index) => bugSection(bug, one, `${id}-${index + 1}`));
  return element(
    'section',
    { id },
    heading,
    ...sentences.map((text) => element('p', {}, escaped(printable(text)))),
    ...(sometimes.length === 0 ? [] : [sometimesTable(one, sometimes)]),
    ...bugs,
  );
}

/** Names of what should happen now and then, with how often it did. */
function sometimesTable({ runs }: Explored, sometimes: NonNullable<Explored['sometimes']>): string {
  const rows = sometimes.map(([name, seen]) => {
    const words =
      seen === 0
        ? element('span', { class: 'verdict vacuous' }, 'never seen')
        : `${grouped(seen)} of ${grouped(runs)} runs`;
    const said = element('td', {}, element('code', {}, escaped(oneLine(name) || '-')));
    return element('tr', {}, said, element('td', {}, words));
  });
  const head = ['sometimes', 'seen in'].map((name) => element('th', { scope: 'col' }, name));
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows),
  );
}

/** Seeds of one bug that are listed. */
const SEEDS_MAX = 100;

function bugSection({ title, message, runs }: Bug, { name }: Explored, id: string): string {
  const [first, ...more] = runs;
  const seeds = runs.slice(0, SEEDS_MAX).map(({ result }) => oneLine(result.seed));
  const rest = runs.length > seeds.length ? ` and ${grouped(runs.length - seeds.length)} more` : '';
  const which = more.length === 0 ? `seed ${seeds[0]}` : `seeds ${seeds.join(', ')}${rest}`;
  const { told } = first;
  return element(
    'section',
    { id, class: 'failure', 'aria-label': `a failure of ${oneLine(name)}` },
    element('h3', {}, escaped(boundedLine(`${oneLine(title)}: ${oneLine(message)}`))),
    element('p', {}, escaped(`Fails: ${which}. See it again:`)),
    element('pre', {}, element('code', {}, escaped(printable(first.replay)))),
    element('pre', {}, escaped(explanation(first))),
    ...(told === undefined ? [] : [story(told, id)]),
  );
}

function story(told: Told, id: string): string {
  const { title, command, without, picture } = told;
  const drawing = drawingOf(told);
  const hint = `; \`${oneLine(command)}\` tells them`;
  const list = [rowsOf(drawing, { id, hint }), endOf(drawing, told)].join('');
  const parts = [
    element('h3', {}, escaped(oneLine(title))),
    ...without.map((line) => element('p', {}, escaped(oneLine(line)))),
    element('p', {}, element('code', {}, escaped(oneLine(command)))),
  ];
  if (drawing.rows.length > 0) {
    parts.push(
      element(
        'div',
        { class: 'story', tabindex: 0, role: 'region', 'aria-label': 'the story, step by step' },
        element('div', {}, list),
      ),
      LEGEND,
    );
  }
  if (picture !== undefined) {
    parts.push(
      element('h3', {}, 'What the checker found'),
      element('div', { class: 'checker' }, picture.markup),
    );
  }
  return parts.join('\n');
}
