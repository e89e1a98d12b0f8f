// One page without anything from elsewhere: verdicts, their words, and pictures.

import { element, escaped } from '../../trace/markup.ts';
import { grouped } from '../grouped.ts';
import type { History, Operation } from '../history.ts';
import type { Failure } from '../linear/linearizable.ts';
import { isList, isRecord, print } from '../plain.ts';
import type { Mark } from '../read/recorded.ts';
import type { Anomaly, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { cyclePicture, DRAWN_MAX } from './cycle.ts';
import { timeline } from './timeline.ts';

export interface Pictured {
  readonly title: string;
  readonly history: History;
  readonly verdict: Verdict & { readonly failure?: Failure };
  /** Faults and other things that happened, on the order of the operations' times. */
  readonly marks?: readonly Mark[];
}

/** How a page begins, by which it is known again. */
export const PAGE_BEGINS = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="groundhog check">`;

/** A self-contained HTML page of verdicts and what led to them. */
export function picturePage(pictured: readonly Pictured[]): string {
  const title = pictured.map((one) => one.title).join(', ');
  return pageOf(
    title,
    pictured.map((one, i) => pageSection(one, `s${i}`)),
  );
}

export function pageOf(title: string, sections: readonly string[]): string {
  return `${PAGE_BEGINS}
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${PAGE_STYLE}${PICTURE_STYLE}</style>
</head>
<body>
${sections.join('\n')}
</body>
</html>
`;
}

/** What a page says of a file that was not judged. */
export function asideSection(title: string, message: string): string {
  const name = element(
    'h1',
    {},
    escaped(title),
    ' ',
    element('span', { class: 'aside' }, 'not judged'),
  );
  return element('section', {}, name, element('p', {}, escaped(message)));
}

const SHOWN_MAX = 200;
/** How many operations before an anomaly are shown with it. */
const CONTEXT = 24;
const ANOMALIES_MAX = 20;

/** `id` is the prefix of the identifiers in it. */
export function pageSection(pictured: Pictured, id: string): string {
  const { title, verdict } = pictured;
  const heading = element(
    'h1',
    {},
    escaped(title),
    ' ',
    element('span', { class: verdict.verdict }, verdict.verdict),
  );
  return element('section', {}, heading, verdictPicture(pictured, id));
}

/** What was found, in words and drawn; `id` begins the names in it. It looks as {@link PICTURE_STYLE} says. */
export function verdictPicture(
  { history, verdict, marks = [] }: Omit<Pictured, 'title'>,
  id: string,
): string {
  const { model, reason, operations, anomalies, failure } = verdict;
  const parts = [element('p', {}, escaped(`${model}, ${operations} operations. ${reason}`))];
  if (failure !== undefined)
    parts.push(failurePicture(history, failure, involvedIn(anomalies), marks, id));
  else {
    const distinct = [...grouped(anomalies, ({ message }) => message).values()];
    for (const [i, same] of distinct.slice(0, ANOMALIES_MAX).entries()) {
      parts.push(anomalyPicture(history, same, marks, `${id}-${i}`));
    }
    if (anomalies.length === 0) {
      const shown = history.slice(0, SHOWN_MAX).map((_, i) => i);
      if (shown.length < history.length) {
        const those = `The first ${shown.length} of ${history.length} operations:`;
        parts.push(element('p', {}, those));
      }
      parts.push(scrolled(timeline(history, { shown, involved: new Set(), marks, orders: [] })));
    }
  }
  return parts.join('');
}

function scrolled(picture: string): string {
  return element('div', { class: 'scrolled' }, picture);
}

function involvedIn(anomalies: readonly Anomaly[]): readonly number[] {
  return anomalies.flatMap(({ operations }) => operations);
}

/** The surviving orders, one of which is selected. */
function failurePicture(
  history: History,
  { part, blamed, orders }: Failure,
  others: readonly number[],
  marks: readonly Mark[],
  id: string,
): string {
  const involved = new Set([blamed, ...others]);
  const shown = around(
    history,
    new Set([...involved, ...(orders[0]?.order.slice(-CONTEXT) ?? [])]),
    part,
  );
  const choices = orders.map(({ order, state, refusal }, i) => {
    const name = `${id}-order-${i}`;
    const checked = i === 0 ? { checked: '' } : {};
    const words = `after ${order.length} operations, in the state ${state}, ${refusal}`;
    return [
      element('input', { type: 'radio', name: id, id: name, class: `choose-${i}`, ...checked }),
      element('label', { for: name }, escaped(words)),
      '<br/>',
    ].join('');
  });
  const picture = timeline(history, {
    shown,
    involved,
    marks,
    orders: orders.map(({ order }) => order),
  });
  const question = `Each order ends where ${operationInWords(history[blamed]!)} does not fit:`;
  return element(
    'div',
    { class: 'failure' },
    element('p', {}, escaped(question)),
    ...choices,
    scrolled(picture),
  );
}

function anomalyPicture(
  history: History,
  same: readonly Anomaly[],
  marks: readonly Mark[],
  id: string,
): string {
  const { message, operations, edges } = same[0]!;
  const names = same.map(({ name }) => name).join(', ');
  const drawn =
    edges !== undefined && edges.length <= DRAWN_MAX
      ? cyclePicture(history, edges, id)
      : timeline(history, {
          shown: around(history, new Set(operations)),
          involved: new Set(operations),
          marks,
          orders: [],
        });
  return element(
    'div',
    {},
    element('h2', {}, escaped(names)),
    element('pre', {}, escaped(message)),
    scrolled(drawn),
  );
}

/**
 * The operations, and others that overlap the time from the first to the last of them; of one object
 * only, where that is known.
 */
function around(
  history: History,
  involved: ReadonlySet<number>,
  part: string = '',
): readonly number[] {
  let from = Infinity;
  let to = Number.NEGATIVE_INFINITY;
  for (const i of involved) {
    const { called, returned } = history[i]!;
    from = Math.min(from, called);
    to = Math.max(to, Number.isFinite(returned) ? returned : called);
  }
  const isKnown = part !== '' && [...involved].every((i) => objectOf(history[i]!) === part);
  const others: number[] = [];
  for (const [i, operation] of history.entries()) {
    const { called, returned } = operation;
    if (others.length + involved.size >= SHOWN_MAX) break;
    if (involved.has(i) || called > to || returned < from) continue;
    if (!isKnown || objectOf(operation) === part) others.push(i);
  }
  return [...involved, ...others].sort((a, b) => history[a]!.called - history[b]!.called || a - b);
}

/** The key of an operation that has one, or else what it is about, printed as labels of parts are. */
function objectOf({ input }: Operation): string {
  if (isRecord(input) && input['key'] !== undefined) return print(input['key']);
  return print(isList(input) && input.length === 2 ? input[0]! : input);
}

const ORDERS_MAX = 16;

const PAGE_STYLE = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 24px; color: #222; background: #fff; }
h1 { font-size: 18px; } h2 { font-size: 15px; }
h1 span { padding: 2px 8px; border-radius: 4px; color: #fff; }
.valid { background: #2a7d3f; } .invalid { background: #b3261e; } .unknown { background: #8a6d00; }
.aside { background: #555; }
`;

export const PICTURE_STYLE: string = `
pre { white-space: pre-wrap; background: #f5f5f5; padding: 8px; }
.scrolled { overflow-x: auto; border: 1px solid #ddd; margin: 8px 0; }
svg text { font: 12px system-ui, sans-serif; fill: #222; }
.process { font-weight: 600; }
.axis line { stroke: #999; } .axis text { font-size: 10px; fill: #666; }
.operation rect { fill: #d6e4ff; stroke: #5b7fc7; }
.operation.unknown rect { fill: #fff3cd; stroke: #b58900; stroke-dasharray: 4 2; }
.operation.fail rect { fill: #eee; stroke: #999; }
.operation.involved rect { fill: #ffd9d6; stroke: #b3261e; stroke-width: 2; }
.mark line { stroke: #b58900; stroke-dasharray: 3 3; } .mark text { fill: #8a6d00; }
.order { display: none; } .order polyline { fill: none; stroke: #2a7d3f; } .order circle { fill: #2a7d3f; }
.edge path { fill: none; stroke-width: 1.6; } .edge marker path { stroke: none; }
${edgeStyle('ww', '#c02700')}
${edgeStyle('wr', '#c000a5')}
${edgeStyle('rw', '#5b00c0')}
${edgeStyle('realtime', '#0050c0')}
${edgeStyle('process', '#008a8a')}
${Array.from({ length: ORDERS_MAX }, (_, i) => `.choose-${i}:checked ~ .scrolled .order-${i} { display: inline; }`).join('\n')}
`;

function edgeStyle(kind: string, colour: string): string {
  return `.edge.${kind} path { stroke: ${colour}; } .edge.${kind} marker path, .edge.${kind} text { fill: ${colour}; }`;
}
