/** How a run is made again, from its start: as often as is asked, the same each time. */
import { Prefix } from '../choice/prefix.ts';
import { RandomWalk } from '../choice/random.ts';
import { Replay } from '../choice/replay.ts';
import { keysOf } from '../choice/seed.ts';
import type { Strategy } from '../choice/strategy.ts';
import type { RunSpec } from '../explore/subject.ts';
import { ThreadsSubject } from '../explore/threads-subject.ts';
import { WorldSubject } from '../explore/world-run.ts';
import type { RunEvent } from '../trace/event.ts';
import { DecisionRecord } from '../trace/record.ts';
import { Course } from './course.ts';
import { DebugError } from './debug-error.ts';
import { inSlices, type Pace } from './pace.ts';
import type { Change, Passage } from './passage.ts';
import { ThreadsPassage } from './threads-passage.ts';
import { WorldPassage } from './world-passage.ts';

/** What can be travelled in. */
export type Travelled = WorldSubject | ThreadsSubject<unknown>;

export function canTravelIn(subject: object): subject is Travelled {
  return subject instanceof WorldSubject || subject instanceof ThreadsSubject;
}

/** From a step on, the draws of another seed. */
export interface Redrawn {
  readonly step: number;
  readonly seed: string;
  /** What was decided up to that step, at this virtual time. */
  readonly decided: DecisionRecord;
  readonly atNs: number;
}

export interface RouteOptions {
  readonly subject: Travelled;
  readonly spec: Pick<RunSpec, 'seed' | 'strategy' | 'faults' | 'plan'>;
  /** In place of the seed's. */
  readonly decisions?: DecisionRecord | undefined;
  /** In the order of their steps. */
  readonly changes?: readonly Change[];
  /** In place of what the seed or the decisions say. */
  readonly redrawn?: Redrawn | undefined;
}

/** Steps between two looks at the real clock. */
export const SHARE_STEPS = 2_000;

/** One world lives at a time, so one record serves all. */
const spare = new DecisionRecord();

export class Route {
  readonly options: RouteOptions;
  readonly changes: readonly Change[];

  constructor(options: RouteOptions) {
    this.options = options;
    this.changes = options.changes ?? [];
  }

  /** Called where worlds can run. */
  begin(onEvent?: (event: RunEvent) => void): Passage {
    const { subject, spec } = this.options;
    const of: RunSpec = { ...spec, record: spare, replay: this.replay(), onEvent };
    return subject instanceof WorldSubject
      ? new WorldPassage(subject, of, this.changes)
      : new ThreadsPassage(subject, of, this.changes);
  }

  private replay(): Strategy | undefined {
    const { subject, decisions, redrawn } = this.options;
    const scheduling = subject instanceof WorldSubject ? 'placed' : 'picked';
    if (redrawn === undefined) return decisions && new Replay(decisions, scheduling);
    const { decided: record, atNs: cutNs, seed } = redrawn;
    return new Prefix({
      record,
      entries: record.count,
      cutNs,
      fresh: new RandomWalk(keysOf(seed)),
    });
  }

  /** Makes the whole run, and notes its course. @throws DebugError when stopped */
  async survey(pace: Pace): Promise<Course> {
    const course = new Course(this.options.subject instanceof WorldSubject);
    let passage: Passage | undefined;
    const end = await inSlices(() => {
      if (passage === undefined) {
        const under = this.begin();
        under.survey((cause, site) => course.add(under, cause, site));
        passage = under;
      }
      if (!passage.towards(Infinity, SHARE_STEPS)) return false;
      course.result = passage.run.result();
      return true;
    }, pace);
    if (end === 'stopped' || passage === undefined) throw stopped();
    const { run } = passage;
    if (end === 'hung') {
      course.result = run.hung(pace.hangMs);
      course.steps = Math.max(course.first, course.steps - 1);
    }
    course.actors = run.actors;
    course.nodes = passage.nodes;
    course.chunks = run.chunks;
    const { replay } = run.spec;
    course.fit = replay instanceof Replay ? replay.fit() : undefined;
    return course;
  }

  /**
   * Makes the run for as long as `visit`, called after each step, returns false.
   *
   * @throws DebugError when stopped, or when a step or visit does not end
   */
  async walk(
    visit: (passage: Passage) => boolean,
    pace: Pace,
    onEvent?: (event: RunEvent) => void,
  ): Promise<void> {
    let passage: Passage | undefined;
    let over = false;
    const end = await inSlices(() => {
      passage ??= this.begin(onEvent);
      passage.visit = () => {
        if (over) return;
        over = visit(passage!);
        if (over) passage!.pause();
      };
      if (passage.towards(Infinity, SHARE_STEPS) || over) {
        passage.close();
        return true;
      }
      return false;
    }, pace);
    if (end === 'stopped') throw stopped();
    if (end === 'hung') throw hung(passage?.step ?? 1, pace);
  }
}

export function stopped(): DebugError {
  return new DebugError('stopped', 'stopped');
}

export function hung(step: number, { hangMs }: Pace): DebugError {
  return new DebugError('hung', `step ${step} or what was asked there took over ${hangMs} ms`);
}
