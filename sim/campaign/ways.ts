/** Runs of a search of a world that are made apart from the search: each departs as it is told to. */
import {
  Departures,
  type DeviationsOptions,
  type Place,
  stepsOf,
  type Way,
} from '../choice/deviations.ts';
import { type FinishedRun, runEach } from '../explore/runner.ts';
import type { RunSpec, Subject } from '../explore/subject.ts';
import { now } from '../sched/real-clock.ts';

/** Question and outcome by turns, the first departure first; none of the run that all depart from. */
export type Path = readonly number[];

export interface WaysSettings {
  readonly spec: Pick<RunSpec, 'seed' | 'strategy' | 'faults'>;
  /** Whether there are to be runs with one departure more. */
  readonly goesOn: boolean;
  readonly hangMs: number;
}

/** One run, and the places that it has come to; a path leads to several, that differ in what a departure does. */
export interface WayRun {
  readonly path: Path;
  readonly run: FinishedRun;
  readonly places: readonly Place[];
  /** It has come to places where it may not depart. */
  readonly limited: boolean;
}

/** What came of paths: those from `done` on were not followed. */
export interface WaysRun {
  readonly runs: readonly WayRun[];
  readonly done: number;
  /** Real ms, without what it took to start a process and to send them. */
  readonly tookMs: number;
}

export async function runWays(
  subject: Subject,
  paths: readonly Path[],
  search: DeviationsOptions,
  { spec, goesOn, hangMs }: WaysSettings,
  forMs: number,
): Promise<WaysRun> {
  let places: Place[] = [];
  let limited = false;
  const replay = new Departures(search, {
    place: (_, place) => places.push(place),
    limited: () => {
      limited = true;
    },
  });
  const began = now();
  const until = began + forMs;
  const notes: Omit<WayRun, 'run'>[] = [];
  const runs: WayRun[] = [];
  let done = 0;
  let cut = false;
  function* specs(): Generator<RunSpec> {
    for (const path of paths) {
      if (done > 0 && now() >= until) return;
      replay.begin(wayOf(path), goesOn);
      do {
        places = [];
        limited = false;
        const ended: RunSpec['ended'] = ({ verdict }) => {
          cut = verdict !== 'passed';
          notes.push({ path: pathOf(replay.present), places, limited });
        };
        yield { ...spec, replay, ended };
      } while (replay.aside(cut));
      done++;
    }
  }
  for await (const run of runEach(subject, specs(), { hangMs })) {
    runs.push({ ...notes[runs.length]!, run });
  }
  return { runs, done, tookMs: now() - began };
}

export function pathOf(way: Way | undefined): Path {
  return stepsOf(way).flatMap(({ question, outcome }) => [question, outcome]);
}

export function wayOf(path: Path): Way | undefined {
  let way: Way | undefined;
  for (let at = 0; at < path.length; at += 2) {
    way = { before: way, question: path[at]!, outcome: path[at + 1]! };
  }
  return way;
}
