// Operations as bars, one lane a process, from call to return. Time is drawn by its order alone: each
// moment at which something begins or ends takes as much room as the words in the bars need, however
// long it was. The times themselves stand below.
//
// An operation that never came back is open to the right. Orders of operations are drawn as lines
// through the moments at which they take effect; the page shows one of them at a time.

import { element, escaped } from '../../trace/markup.ts';
import { firstFrom } from '../ascending.ts';
import { grouped } from '../grouped.ts';
import type { History, Operation } from '../history.ts';
import type { Mark } from '../read/recorded.ts';
import { callInWords, operationInWords } from '../words.ts';

export interface TimelineOptions {
  /** The operations to show, as indices into the history. */
  readonly shown: readonly number[];
  /** Those that the anomaly is made of. */
  readonly involved: ReadonlySet<number>;
  readonly marks: readonly Mark[];
  /** Orders in which operations may have taken effect. */
  readonly orders: readonly (readonly number[])[];
}

const LANE_PX = 30;
const BAR_PX = 22;
const MOMENT_PX = 44;
const LEFT_PX = 110;
const TOP_PX = 26;
const AXIS_PX = 22;
/** A letter of 12 px, a little more than most take. */
const LETTER_PX = 7;
/** So much of a call stands in its bar; all of it in the title. */
const WORDS_MAX = 48;

export function timeline(
  history: History,
  { shown, involved, marks, orders }: TimelineOptions,
): string {
  const scale = new Scale(shown.map((i) => history[i]!));
  const lanes = lanesOf(history, shown);
  const width = scale.width + LEFT_PX;
  const bottom = TOP_PX + lanes.rows * LANE_PX + 8;
  const height = bottom + AXIS_PX;
  const barTop = (i: number) => TOP_PX + lanes.rowOf.get(i)! * LANE_PX;
  const parts = [
    ...lanes.names.map(({ process, row }) =>
      element('text', { x: 8, y: TOP_PX + row * LANE_PX + 15, class: 'process' }, escaped(process)),
    ),
    ...scale.marksIn(marks).map((mark) => markLine(mark, LEFT_PX + scale.x(mark.at), bottom)),
    axis(scale, bottom),
    ...shown.map((i) =>
      bar(history[i]!, { scale, top: barTop(i), involved: involved.has(i), index: i }),
    ),
    ...orders.map((order, number) =>
      orderLine(
        history,
        order.filter((i) => lanes.rowOf.has(i)),
        { scale, barTop, number },
      ),
    ),
  ];
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    ...parts,
  );
}

/** Moments by their order, each so far from those before that the words between them fit. */
class Scale {
  readonly moments: readonly number[];
  readonly width: number;
  readonly #at: readonly number[];

  constructor(operations: readonly Operation[]) {
    const all = operations.flatMap(({ called, returned }) => [called, returned]);
    this.moments = [...new Set(all.filter(Number.isFinite))].sort((a, b) => a - b);
    const ending = grouped(operations, ({ called, returned }) =>
      called === returned ? this.moments[this.#after(returned) + 1] : returned,
    );
    const at: number[] = [];
    const room = (operations: readonly Operation[], least: number): number =>
      operations.reduce((x, operation) => {
        const from = at[this.#after(operation.called)] ?? 0;
        return Math.max(x, from + wordsPx(operation));
      }, least);
    for (const [i, moment] of this.moments.entries()) {
      at.push(room(ending.get(moment) ?? [], i === 0 ? MOMENT_PX / 2 : at[i - 1]! + MOMENT_PX));
    }
    this.#at = at;
    const last = [...(ending.get(Infinity) ?? []), ...(ending.get(undefined) ?? [])];
    this.width = room(last, (at.at(-1) ?? 0) + MOMENT_PX) + 8;
  }

  /** Those between the first moment and the last, and the one before, whose fault may still last. */
  marksIn(marks: readonly Mark[]): readonly Mark[] {
    const [first = 0, last = 0] = [this.moments[0], this.moments.at(-1)];
    const before = marks.findLast(({ at }) => at < first);
    const within = marks.filter(({ at }) => at >= first && at <= last);
    if (before === undefined) return within;
    return [{ at: Number.NEGATIVE_INFINITY, label: `${before.label}, before` }, ...within];
  }

  x(moment: number): number {
    if (moment === Number.NEGATIVE_INFINITY) return 0;
    return this.#at[this.#after(moment)] ?? this.width - 8;
  }

  /** The position of the first moment that is not earlier. */
  #after(moment: number): number {
    return firstFrom(this.moments, moment);
  }
}

function wordsPx(operation: Operation): number {
  return wordsOf(operation).length * LETTER_PX + 16;
}

function wordsOf(operation: Operation): string {
  const words = callInWords(operation);
  return words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX)}…` : words;
}

/** The times of the moments, as many as there is room for. */
function axis(scale: Scale, y: number): string {
  let free = 0;
  const labels: string[] = [];
  for (const moment of scale.moments) {
    const x = LEFT_PX + scale.x(moment);
    labels.push(element('line', { x1: x, y1: y, x2: x, y2: y + 4 }));
    if (x < free) continue;
    const label = String(moment);
    labels.push(element('text', { x, y: y + 16 }, label));
    free = x + (label.length + 1) * LETTER_PX;
  }
  return element('g', { class: 'axis' }, ...labels);
}

interface Lanes {
  readonly rows: number;
  readonly rowOf: ReadonlyMap<number, number>;
  readonly names: readonly { readonly process: string; readonly row: number }[];
}

/** A process has more than one row while operations of unknown outcome are open. */
function lanesOf(history: History, shown: readonly number[]): Lanes {
  const byProcess = grouped(shown, (i) => history[i]!.process);
  const rowOf = new Map<number, number>();
  const names: { process: string; row: number }[] = [];
  let rows = 0;
  for (const [process, operations] of byProcess) {
    names.push({ process, row: rows });
    const busyUntil: number[] = [];
    for (const i of operations) {
      const { called, returned } = history[i]!;
      const free = busyUntil.findIndex((until) => until < called);
      const row = free === -1 ? busyUntil.length : free;
      busyUntil[row] = returned;
      rowOf.set(i, rows + row);
    }
    rows += busyUntil.length;
  }
  return { rows, rowOf, names };
}

function markLine({ label }: Mark, x: number, height: number): string {
  return element(
    'g',
    { class: 'mark' },
    element('line', { x1: x, y1: 14, x2: x, y2: height }),
    element('text', { x: x + 3, y: 11 }, escaped(label)),
  );
}

function bar(
  operation: Operation,
  { scale, top, involved, index }: { scale: Scale; top: number; involved: boolean; index: number },
): string {
  const from = LEFT_PX + scale.x(operation.called);
  const to = LEFT_PX + scale.x(operation.returned);
  const width = operation.called === operation.returned ? wordsPx(operation) : to - from;
  const kind = `${operation.outcome}${involved ? ' involved' : ''}`;
  return element(
    'g',
    { class: `operation ${kind}`, id: `operation-${index}` },
    element('title', {}, escaped(`T${index}: ${operationInWords(operation)}`)),
    element('rect', { x: from, y: top, width, height: BAR_PX, rx: 3 }),
    // A picture in the picture cuts its text off at the end of the bar.
    element(
      'svg',
      { x: from, y: top, width, height: BAR_PX },
      element('text', { x: 10, y: 15 }, escaped(wordsOf(operation))),
    ),
  );
}

function orderLine(
  history: History,
  order: readonly number[],
  { scale, barTop, number }: { scale: Scale; barTop: (i: number) => number; number: number },
): string {
  let x = 0;
  const points = order.map((i, position) => {
    const { called, returned } = history[i]!;
    const earliest = LEFT_PX + scale.x(called) + 4;
    const latest = LEFT_PX + scale.x(returned) - 2;
    x = Math.min(Math.max(x + 2, earliest), Math.max(latest, earliest));
    return { x, y: barTop(i) + BAR_PX / 2, position };
  });
  return element(
    'g',
    { class: `order order-${number}` },
    element('polyline', { points: points.map(({ x, y }) => `${x},${y}`).join(' ') }),
    ...points.map(({ x, y }) => element('circle', { cx: x, cy: y, r: 3 })),
  );
}
