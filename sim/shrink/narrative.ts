/** A run in numbered sentences with virtual times: what a person reads of a story. */

import { grouped } from '../check/grouped.ts';
import { msOfNs } from '../time/units.ts';
import type { RunEvent } from '../trace/event.ts';
import { visible } from '../trace/told.ts';

export interface Sentence {
  /** From 1. */
  readonly number: number;
  readonly atNs: number;
  /** In which it happens, as the run counts them. */
  readonly step: number;
  readonly text: string;
  readonly event: RunEvent;
}

/** All that is told of a run, in its order. */
export function narrate(events: readonly RunEvent[]): Sentence[] {
  const told = events.filter(({ kind, text }) => kind !== 'note' || !EXPECTED.has(text));
  const callers = callersOf(told);
  return told.map((event, i) => {
    const { atNs, step, text } = event;
    return {
      number: i + 1,
      atNs,
      step,
      text: `${subjectOf(event)}${text}${callers.get(event) ?? ''}`,
      event,
    };
  });
}

/** `7.      1.000 ms  main fires …`, the numbers below each other. */
export function numbered(sentences: readonly Sentence[]): string[] {
  const width = String(sentences.length).length;
  return sentences.map(({ number, atNs, text }) => {
    const ms = msOfNs(atNs).toFixed(3);
    return `${String(number).padStart(width)}. ${ms.padStart(10)} ms  ${visible(text)}`;
  });
}

/** Who does it, before what is done. */
export function subjectOf({ kind, node }: Pick<RunEvent, 'kind' | 'node'>): string {
  if (node === '') return '';
  return kind === 'device' ? `${node}: ` : `${node} `;
}

/** What every node does. */
const EXPECTED = new Set(['starts', 'is done']);

/** Of events made at one line: the nearest callers by which they are told apart, in words. */
function callersOf(events: readonly RunEvent[]): ReadonlyMap<RunEvent, string> {
  const callers = new Map<RunEvent, string>();
  const tellApart = (alike: readonly RunEvent[], depth: number): void => {
    const groups = grouped(alike, ({ frames }) => frames?.[depth]);
    for (const [caller, group] of groups) {
      if (caller === undefined) continue;
      if (depth > 0 && groups.size > 1) {
        for (const event of group) {
          callers.set(event, `${callers.get(event) ?? ''}${callerInWords(caller)}`);
        }
      }
      tellApart(group, depth + 1);
    }
  };
  tellApart(events, 0);
  return callers;
}

/** ` by inc (nolock.js:2:30)`, ` from nolock.js:3:21`: the top level of a file has no name. */
function callerInWords(frame: string): string {
  const [, name, place] = /^(?:async )?(.*?) \((.*)\)$/.exec(frame) ?? [];
  if (place === undefined) return ` from ${frame.replace(/^async /, '')}`;
  return name!.endsWith('<anonymous>') ? ` from ${place}` : ` by ${name} (${place})`;
}
