/** What any report says of a failure, and the characters that it can say it with. */
import { stripVTControlCharacters } from 'node:util';
import { bounded, framesOf } from '../sim/trace/told.ts';
import type { FailedRun } from './explored.ts';

/** What XML 1.0 and pages cannot hold: control characters, halves of surrogate pairs, non-characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu;

/** Without terminal colours; what no format can hold becomes U+FFFD. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(UNPRINTABLE, '\ufffd');
}

/** On one line, without blanks at its ends. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/** All that is known of a failed run but its replay: lines of plain text. */
export function explanation({ result }: FailedRun): string {
  const { seed, strategy, verdict, failure, reason } = result;
  const under = strategy === 'random' ? '' : ` (strategy ${strategy})`;
  const lines = [`seed ${seed} ${verdict}${under}`];
  if (failure === undefined) {
    lines.push(reason ?? 'no reason is known');
  } else {
    const { property, message, nodes, details, stack } = failure;
    const where = nodes.length === 0 ? '' : ` (${nodes.join(', ')})`;
    lines.push(`${property}${where}: ${bounded(message)}`);
    if (details !== undefined) lines.push(bounded(details));
    lines.push(...framesOf({ message, stack }));
  }
  lines.push(
    `after ${result.steps} steps, virtual ${result.virtualMs} ms, digest ${result.digest}`,
  );
  return printable(lines.join('\n'));
}

/** `1,234`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Seconds with three digits, as `1.234`. */
export function secondsOf(ms: number): string {
  return (ms / 1000).toFixed(3);
}
