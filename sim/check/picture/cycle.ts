// A cycle of transactions: boxes in lanes by process, and an arrow for each edge with its kind.

import type { Plain } from '../../env/net.ts';
import { element, escaped } from '../../trace/markup.ts';
import type { History } from '../history.ts';
import { isList, print } from '../plain.ts';
import type { CycleEdge } from '../verdict.ts';

/** Larger cycles are told in words only. */
export const DRAWN_MAX = 24;

const BOX = { width: 220, height: 30 };
const COLUMN_PX = 250;
const LANE_PX = 86;
const LEFT_PX = 110;
const TOP_PX = 40;

export function cyclePicture(history: History, edges: readonly CycleEdge[], id: string): string {
  const txns = [...new Set(edges.map(({ from }) => from))].sort(
    (a, b) => history[a]!.called - history[b]!.called || a - b,
  );
  const processes = [...new Set(txns.map((t) => history[t]!.process))];
  const place = (txn: number) => ({
    x: LEFT_PX + txns.indexOf(txn) * COLUMN_PX,
    y: TOP_PX + processes.indexOf(history[txn]!.process) * LANE_PX,
  });
  const width = LEFT_PX + txns.length * COLUMN_PX;
  const height = TOP_PX + processes.length * LANE_PX + 20;
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', class: 'cycle' },
    ...processes.map((process, lane) =>
      element(
        'text',
        { x: 8, y: TOP_PX + lane * LANE_PX + 20, class: 'process' },
        escaped(process),
      ),
    ),
    ...txns.map((txn) => box(history, txn, place(txn))),
    ...edges.map((edge, i) => arrow(edge, place(edge.from), place(edge.to), `${id}-${i}`)),
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function box(history: History, txn: number, { x, y }: Point): string {
  const { input, output } = history[txn]!;
  const micro = output ?? input;
  const list = isList(micro)
    ? micro.map((one) => (isList(one) ? microInWords(one) : print(one)))
    : [print(micro)];
  const words = `T${txn}: ${list.join(', ')}`;
  return element(
    'g',
    { class: 'operation ok' },
    element('title', {}, escaped(words)),
    element('rect', { x, y, ...BOX, rx: 3 }),
    element('svg', { x, y, ...BOX }, element('text', { x: 6, y: 19 }, escaped(words))),
  );
}

function microInWords([kind, ...parts]: readonly Plain[]): string {
  return [String(kind), ...parts.map(print)].join(' ');
}

/** An arc from box to box, above them to the right and below them to the left. */
function arrow({ kind, because }: CycleEdge, from: Point, to: Point, id: string): string {
  const forward = to.x > from.x;
  const middle = BOX.width / 2;
  const side = forward ? 0 : BOX.height;
  const start = { x: from.x + middle + (forward ? 20 : -20), y: from.y + side };
  const end = { x: to.x + middle + (forward ? -20 : 20), y: to.y + side };
  const bend = forward ? -34 : 34;
  const top = forward ? Math.min(start.y, end.y) : Math.max(start.y, end.y);
  const control = { x: (start.x + end.x) / 2, y: top + bend };
  // The middle of the curve, and a little away from it.
  const label = {
    x: (start.x + 2 * control.x + end.x) / 4 + 4,
    y: (start.y + 2 * control.y + end.y) / 4 + (forward ? -5 : 14),
  };
  const head = `head-${id}`;
  return element(
    'g',
    { class: `edge ${kind}` },
    element('title', {}, escaped(`because ${because}`)),
    element(
      'marker',
      {
        id: head,
        viewBox: '0 0 8 8',
        refX: 7,
        refY: 4,
        markerWidth: 7,
        markerHeight: 7,
        orient: 'auto',
      },
      element('path', { d: 'M0 0L8 4L0 8z' }),
    ),
    element('path', {
      d: `M${start.x} ${start.y}Q${control.x} ${control.y} ${end.x} ${end.y}`,
      'marker-end': `url(#${head})`,
    }),
    element('text', { x: label.x, y: label.y }, kind),
  );
}
