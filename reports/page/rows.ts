/** A drawing as a list: beside each sentence its row of the picture, an SVG of its own. */
import { element, escaped } from '../../sim/trace/markup.ts';
import { boundedLine } from '../../sim/trace/told.ts';
import { grouped, oneLine } from '../text.ts';
import type { Told } from '../told.ts';
import { type Arrow, type Drawing, type Row, STATES, type State } from './drawing.ts';

const LANE_PX = 76;
const ROW_PX = 34;
const MIDDLE_PX = ROW_PX / 2;
/** An arrow ends before the mark that it leads to. */
const GAP_PX = 5;
const HEAD_PX = 8;
const NS_PER_MS = 1e6;

/** Around the point where the path is. */
const DOT = 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z';
const DIAMOND = 'm0 -7l7 7l-7 7l-7 -7z';
const CROSS = 'm-4 -4l8 8m0 -8l-8 8';

/** `id` begins the names of the rows; `hint` says where a fold's sentences are. */
export function rowsOf(
  { lanes, rows }: Drawing,
  page: { readonly id: string; readonly hint: string },
): string {
  const width = widthOf(lanes);
  const names = lanes.map((name) => {
    const shown = oneLine(name);
    return element('span', { class: 'lane', title: shown }, escaped(shown));
  });
  return [
    element('div', { class: 'lanes', 'aria-hidden': 'true' }, ...names),
    element('ol', {}, ...rows.map((row) => rowOf(row, { ...page, width }))),
  ].join('\n');
}

/** The last row: what failed, on the nodes that it failed on. */
export function endOf({ lanes, rows }: Drawing, { result }: Pick<Told, 'result'>): string {
  const { failure, verdict, reason } = result;
  const words = failure ? `${failure.property}: ${failure.message}` : `${verdict}: ${reason ?? ''}`;
  const states = rows.at(-1)?.after ?? [];
  const marks = (failure?.nodes ?? []).map((name) => lanes.indexOf(name)).filter((at) => at >= 0);
  const picture = element(
    'svg',
    { width: widthOf(lanes), height: ROW_PX, 'aria-hidden': 'true' },
    ...strokes({ before: states, after: states }),
    ...marks.map((lane) => markAt(lane, DIAMOND)),
  );
  const ms = failure === undefined ? '' : inMs(failure.atNs);
  const row = element(
    'li',
    { class: 'end' },
    picture,
    element('span', { class: 'sign' }, '✗'),
    element('span', { class: 'ms' }, ms),
    element('p', {}, escaped(oneLine(boundedLine(words)))),
  );
  return element('ol', { class: 'end' }, row);
}

function widthOf(lanes: readonly string[]): number {
  return Math.max(1, lanes.length) * LANE_PX;
}

function inMs(ns: number): string {
  return `${(ns / NS_PER_MS).toFixed(3)} ms`;
}

function markAt(lane: number, shape: string): string {
  return element('path', { class: 'mark', d: `M${xOf(lane)} ${MIDDLE_PX}${shape}` });
}

const LEGEND_PX = 22;

/** What the lines and marks mean. */
export const LEGEND: string = element(
  'p',
  { class: 'legend' },
  ...(
    [
      ['well', 'M0 9h22', 'runs'],
      ['down', 'M0 9h22', 'is down'],
      ['cut', 'M0 9h22', 'is cut off from some'],
      ['strained', 'M0 9h22', 'is under another fault'],
      ['arrow', 'M0 9h22', 'a packet that arrives'],
      ['arrow lost', `M0 9h14${CROSS}`, 'one that does not'],
    ] as const
  ).map(([name, d, words]) => {
    const size = { width: LEGEND_PX, height: 18, 'aria-hidden': 'true' };
    return `${element('svg', size, element('path', { class: name, d }))} ${words} `;
  }),
);

interface Page {
  readonly id: string;
  readonly hint: string;
  /** Of the picture, in px. */
  readonly width: number;
}

function rowOf(row: Row, { id, hint, width }: Page): string {
  const picture = element(
    'svg',
    { width, height: ROW_PX, 'aria-hidden': 'true' },
    ...strokes(row),
    ...marksOf(row),
  );
  const { sentence, folded } = row;
  if (sentence === undefined) {
    const are = folded === 1 ? 'sentence is' : 'sentences are';
    const words = `${grouped(folded)} ${are} left out${hint}`;
    return element('li', { class: 'fold' }, picture, element('p', {}, escaped(words)));
  }
  const { number, text, event } = sentence;
  const name = `${id}-${number}`;
  const shown = oneLine(boundedLine(text));
  return element(
    'li',
    { id: name, class: event.kind },
    picture,
    element('a', { href: `#${name}` }, String(number)),
    element('span', { class: 'ms' }, inMs(event.atNs)),
    element('p', { title: shown }, escaped(shown)),
  );
}

function xOf(lane: number): number {
  return lane * LANE_PX + LANE_PX / 2;
}

/** The lanes' lines, those of one state in one path. */
function strokes({ before, after }: Pick<Row, 'before' | 'after'>): string[] {
  const paths = new Map<State, string>();
  const add = (state: State, path: string): void => {
    paths.set(state, `${paths.get(state) ?? ''}${path}`);
  };
  for (const [lane, state] of before.entries()) {
    if (state === after[lane]) {
      add(state, `M${xOf(lane)} 0v${ROW_PX}`);
    } else {
      add(state, `M${xOf(lane)} 0v${MIDDLE_PX}`);
      add(after[lane]!, `M${xOf(lane)} ${MIDDLE_PX}v${MIDDLE_PX}`);
    }
  }
  return STATES.flatMap((state) => {
    const d = paths.get(state);
    return d === undefined ? [] : [element('path', { class: state, d })];
  });
}

function marksOf({ sentence, marks, arrow }: Row): string[] {
  if (sentence === undefined) return [];
  const shape = sentence.event.kind === 'fault' ? DIAMOND : DOT;
  const parts = marks.map((lane) => markAt(lane, shape));
  if (arrow !== undefined) parts.unshift(arrowOf(arrow));
  const lane = marks[0] ?? arrow?.from;
  if (lane !== undefined) {
    const place = { x: xOf(lane) + 9, y: MIDDLE_PX - 6 };
    parts.push(element('text', place, String(sentence.number)));
  }
  return parts;
}

function arrowOf({ from, to, rows, arrives }: Arrow): string {
  const [start, end] = [xOf(from), xOf(to)];
  if (!arrives) {
    const x = Math.round(start + (end - start) * 0.6);
    const d = `M${start} ${MIDDLE_PX}L${x} ${MIDDLE_PX}${CROSS}`;
    return element('path', { class: 'arrow lost', d });
  }
  const top = MIDDLE_PX - Math.round(rows * ROW_PX);
  const length = Math.hypot(end - start, MIDDLE_PX - top);
  // Along the arrow, in px.
  const [x, y] = [(end - start) / length, (MIDDLE_PX - top) / length];
  const at = (back: number, aside: number): string =>
    `${(end - back * x - aside * y).toFixed(1)} ${(MIDDLE_PX - back * y + aside * x).toFixed(1)}`;
  const line = `M${start} ${top}L${at(GAP_PX, 0)}`;
  const head = `M${at(GAP_PX, 0)}L${at(GAP_PX + HEAD_PX, HEAD_PX / 2)}L${at(GAP_PX + HEAD_PX, -HEAD_PX / 2)}z`;
  return [
    element('path', { class: 'arrow', d: line }),
    element('path', { class: 'head', d: head }),
  ].join('');
}
