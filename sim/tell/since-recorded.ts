/** How the run that recorded decisions make now differs from the one that was recorded. */
import type { Fit } from '../choice/replay.ts';
import { firstDifferentChunk } from '../explore/parting.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { CHUNK_STEPS } from '../sched/digest.ts';
import { subjectOf } from '../shrink/narrative.ts';
import { msOfNs } from '../time/units.ts';
import { type Course, type CourseStep, firstDifference } from '../trace/course.ts';
import { boundedLine } from '../trace/told.ts';
import { count } from './words.ts';

/** What a file says of its run. */
export interface Was {
  /** Of the package that wrote it. */
  readonly version: string;
  /** Undefined when it did not fail by a violation. */
  readonly failure:
    | { readonly signature: string; readonly property: string; readonly message: string }
    | undefined;
  /** Undefined for stories: what they hold is not the whole run. */
  readonly whole:
    | {
        readonly digest: string;
        readonly chunks: Int32Array;
        /** Of one that was recorded in full. */
        readonly course: Course | undefined;
      }
    | undefined;
}

/** Sentences; none when all is as it was. */
export function sinceRecorded(
  was: Was,
  run: Pick<FinishedRun, 'result' | 'chunks' | 'course'>,
  fit: Fit,
): string[] {
  const { failure, digest, steps } = run.result;
  const told: string[] = [];
  if (was.failure !== undefined && was.failure.signature !== failure?.signature) {
    const how = failure === undefined ? 'it no longer fails' : 'it fails otherwise';
    told.push(`${how}; recorded was: ${was.failure.property}: ${boundedLine(was.failure.message)}`);
  }
  const { course, digest: before } = was.whole ?? {};
  const differs = before !== undefined && before !== digest;
  if (differs && course !== undefined && run.course !== undefined) {
    told.push(...stepsInWords(course, run.course));
  } else if (differs) {
    const chunk = firstDifferentChunk(was.whole!.chunks, run.chunks);
    const to = Math.min((chunk + 1) * CHUNK_STEPS, steps);
    told.push(
      `it leaves the recorded run within steps ${count(chunk * CHUNK_STEPS + 1)} to ${count(to)}`,
    );
  }
  const { used, total } = fit;
  if (used < total) {
    told.push(
      `${count(used)} of the ${count(total)} recorded decisions fit: ` +
        `the code has changed since (recorded with groundhog ${was.version})`,
    );
  }
  return told;
}

/** Where two runs of different digests part, in several lines. */
function stepsInWords(recorded: Course, made: Course): string[] {
  const parting = firstDifference(recorded.steps, made.steps);
  if (parting === undefined) {
    return ['it leaves the recorded run in what its last step does, or in what is left at the end'];
  }
  const { a, b, does } = parting;
  const at = (a ?? b)!;
  const what = does ? 'in what it does at' : 'at';
  const lines = [
    `it leaves the recorded run ${what} step ${count(at.number)}, ${inMs(at.atNs)}:`,
    ...stepInWords('recorded', recorded, a),
    ...stepInWords('now', made, b),
  ];
  // Nothing that is told of differs: some bytes, or what a node shows or stores.
  if (does && lines[1]!.slice(WHICH) === lines[2]!.slice(WHICH) && lines.length === 3) {
    lines.push('  the two send, print, store or show something that the story does not tell');
  }
  return lines;
}

/** Characters before what is the same of both. */
const WHICH = '  recorded  '.length;
/** Of what a step does: more is for the story. */
const EVENTS_MAX = 3;

function stepInWords(which: string, { events }: Course, step: CourseStep | undefined): string[] {
  const begin = `  ${which.padEnd(WHICH - 4)}  `;
  if (step === undefined) return [`${begin}the run has ended`];
  const { number, actor, site, atNs } = step;
  const who = [actor, site].filter((part) => part !== '').join(', ');
  const told = events.filter((event) => event.step === number);
  const texts = told.map((event) => boundedLine(`${subjectOf(event)}${event.text}`));
  const shown = texts.slice(0, EVENTS_MAX);
  if (texts.length > shown.length) shown.push(`and ${texts.length - shown.length} more`);
  return [`${begin}${who}, ${inMs(atNs)}${shown.length === 0 ? '' : `: ${shown.join('; ')}`}`];
}

function inMs(ns: number): string {
  return `${msOfNs(ns).toFixed(3)} ms`;
}
