/** The step at which a run leaves the one that was recorded in full, in words. */
import { subjectOf } from '../shrink/narrative.ts';
import { msOfNs } from '../time/units.ts';
import type { RunEvent } from '../trace/event.ts';
import { type FullRecord, firstDifference, type RecordedStep } from '../trace/full-record.ts';
import { boundedLine } from '../trace/told.ts';
import { count } from './words.ts';

/** Of two runs with different digests; several lines. */
export function partedInWords(recorded: FullRecord, made: FullRecord): string[] {
  const parting = firstDifference(recorded.steps, made.steps) ?? toldOtherwise(recorded, made);
  if (parting === undefined) {
    return ['it leaves the recorded run in what its last step does, or in what is left at the end'];
  }
  const { a, b, does } = parting;
  const at = (a ?? b)!;
  const [before, now] = [textsIn(recorded, a), textsIn(made, b)];
  // Of one step only what differs is of interest.
  const same = does ? before.findIndex((text, i) => text !== now[i]) : 0;
  const first = same < 0 ? before.length : same;
  const lines = [
    `it leaves the recorded run ${does ? 'in what it does at' : 'at'} step ${count(at.number)}, ${inMs(at.atNs)}:`,
    `  recorded  ${stepInWords(a, before.slice(first))}`,
    `  now       ${stepInWords(b, now.slice(first))}`,
  ];
  if (does && lines[1]!.slice(WHICH) === lines[2]!.slice(WHICH)) {
    lines.push(
      '  what differs is told of nowhere: bytes that are sent or stored, or what a node shows',
    );
  }
  return lines;
}

/** Characters before what may be the same of both. */
const WHICH = '  recorded  '.length;
/** Of what a step does: more is for the story. */
const TEXTS_MAX = 3;

/** The first step of which something else is told: a digest may have that at the end alone. */
function toldOtherwise(recorded: FullRecord, made: FullRecord): ReturnType<typeof firstDifference> {
  const [a, b] = [recorded.events, made.events];
  const at = a.findIndex((event, i) => placeless(event) !== (b[i] && placeless(b[i])));
  const number = (a[at] ?? b[a.length])?.step;
  if (number === undefined) return undefined;
  const index = [...recorded.steps].findIndex((step) => step.number === number);
  if (index < 0) return undefined;
  return { index, a: recorded.steps.at(index), b: made.steps.at(index), does: true };
}

/** Lines of a program are numbered otherwise after any edit. */
function placeless({ step, kind, node, text }: RunEvent): string {
  return `${step} ${kind} ${node} ${text.replace(/:\d+:\d+/g, '')}`;
}

function textsIn({ events }: FullRecord, step: RecordedStep | undefined): string[] {
  const told = events.filter((event) => event.step === step?.number);
  return told.map((event) => boundedLine(`${subjectOf(event)}${event.text}`));
}

function stepInWords(step: RecordedStep | undefined, texts: readonly string[]): string {
  if (step === undefined) return 'the run has ended';
  const { actor, site, atNs } = step;
  const who = [actor, site].filter((part) => part !== '').join(', ');
  const shown = texts.slice(0, TEXTS_MAX);
  if (texts.length > shown.length) shown.push(`and ${texts.length - shown.length} more`);
  return `${who}, ${inMs(atNs)}${shown.length === 0 ? '' : `: ${shown.join('; ')}`}`;
}

function inMs(ns: number): string {
  return `${msOfNs(ns).toFixed(3)} ms`;
}
