/**
 * Travelling in the time of one run. A journey stands after a step of it; wherever it goes, the run is
 * made again up to there, since a seed or a record makes the same run each time. Whoever looks at a
 * world may change it by looking, so each look is at a world of its own.
 *
 *     survey   the whole run, once: its steps, causes, moments and outcome
 *     scout    a run with a question asked after each of its steps
 *     look     a run up to one step, and a question asked there
 *
 * A change makes a branch: the same run, in which at the end of one step something is done that nobody
 * in it does.
 */
import { assert } from '../env/assert.ts';
import type { RunEvent } from '../trace/event.ts';
import type { Course } from './course.ts';
import { DebugError } from './debug-error.ts';
import { inSlices, type Pace } from './pace.ts';
import type { Change, Passage } from './passage.ts';
import { hung, type Redrawn, Route, type RouteOptions, SHARE_STEPS, stopped } from './route.ts';
import type { Scene } from './scene.ts';
import { LISTENED, type Said } from './tidings.ts';

/** A step of the run, and what is told of it. */
export interface Place {
  readonly step: number;
  /** Undefined where steps have no moments. */
  readonly atMs: number | undefined;
  /** Who runs it: a node, a link as `from>to`, a thread, `faults`, `world`. */
  readonly actor: string;
  readonly site: string;
  /** The step that made it, or of threads the latest that it comes after; 0 for the first. */
  readonly cause: number;
  readonly said: readonly Said[];
}

/** The place where a journey now stands. */
export interface Arrival extends Place {
  /** Of all that was observable up to here. */
  readonly digest: string;
}

export interface Branch {
  /** 0 is the run as it was. */
  readonly number: number;
  readonly changes: readonly Change[];
  /** In the order of their steps; the last holds. */
  readonly redrawn: readonly Redrawn[];
  readonly course: Course;
}

/** How a branch is to be another run than that of the seed or the record. */
type Turns = Pick<Branch, 'changes' | 'redrawn'>;

export class Journey {
  readonly pace: Pace;
  readonly branches: Branch[] = [];
  /** The step after which it stands. */
  step = 1;
  private readonly options: Omit<RouteOptions, 'changes'>;
  private current!: Branch;
  private route!: Route;
  /** A world on its way that nobody has looked at, which goes on where the next step lies ahead. */
  private passage: Passage | undefined;
  /** Of the present branch: steps passed on the way, so that those near are gone to at once. */
  private readonly arrivals = new Map<number, Arrival>();

  private constructor(options: Omit<RouteOptions, 'changes'>, pace: Pace) {
    this.options = options;
    this.pace = pace;
  }

  /** Stands at the step that failed, or at the last one. @throws DebugError when stopped */
  static async open(options: Omit<RouteOptions, 'changes'>, pace: Pace): Promise<Journey> {
    const journey = new Journey(options, pace);
    await journey.branchOff({ changes: [], redrawn: [] });
    const { result, steps, first } = journey.course;
    journey.step = Math.min(steps, Math.max(first, result.failure?.step ?? steps));
    return journey;
  }

  get spec(): RouteOptions['spec'] {
    return this.options.spec;
  }

  get branch(): Branch {
    return this.current;
  }

  get course(): Course {
    return this.current.course;
  }

  /** @throws DebugError, and stays where it is */
  async goto(step: number): Promise<Arrival> {
    this.checkStep(step);
    let arrival = this.arrivals.get(step);
    if (arrival === undefined) {
      for (const far of this.arrivals.keys()) {
        if (Math.abs(far - step) >= NEAR) this.arrivals.delete(far);
      }
      await this.at(step, () => {}, 'told');
      arrival = this.arrivals.get(step);
      assert(arrival !== undefined, 'a step that was gone to is noted');
    }
    this.step = step;
    return arrival;
  }

  /** Where it stands. @throws DebugError */
  here(): Promise<Arrival> {
    return this.goto(this.step);
  }

  /** Of all that is observable up to after a step; goes nowhere. @throws DebugError */
  digestAt(step: number): Promise<string> {
    return this.at(step, ({ digest }) => digest);
  }

  /** Looks at the run as it is after the present step. What `work` does to it is lost. */
  look<Result>(work: (scene: Scene) => Result): Promise<Result> {
    return this.glance(({ scene }) => work(scene));
  }

  private async glance<Result>(work: (passage: Passage) => Result): Promise<Result> {
    try {
      return await this.at(this.step, work);
    } finally {
      await this.close();
    }
  }

  /** Makes the run of this branch with `visit` called after each step, until it returns true. */
  async scout(
    visit: (passage: Passage) => boolean,
    onEvent?: (event: RunEvent) => void,
  ): Promise<void> {
    await this.close();
    await this.route.walk(visit, this.pace, onEvent);
  }

  /** Makes the run up to here with something done around the present step, however long it takes. */
  async remake(before: () => void, after: () => void): Promise<void> {
    await this.close();
    const visit = ({ step }: Passage): boolean => {
      if (step === this.step - 1) before();
      if (step >= this.step) after();
      return step >= this.step;
    };
    await this.route.walk(visit, { ...this.pace, hangMs: Infinity });
  }

  /** The run of another seed, without changes; this journey's world has ended. */
  async elsewhere(seed: string): Promise<Route> {
    await this.close();
    const spec = { ...this.options.spec, seed };
    return new Route({ ...this.options, decisions: undefined, spec });
  }

  /** A branch that is the present one up to here, with one more change. @throws DebugError */
  async change(change: Change): Promise<Branch> {
    assert(change.step === this.step, 'changes are made where one stands');
    const { step } = this;
    const refused = await this.glance((passage) => passage.refusal(change));
    if (refused !== undefined) throw new DebugError('over', `after step ${step} ${refused}`);
    const { changes, redrawn } = this.turnsSoFar();
    return this.branchOff({ changes: [...changes, change], redrawn });
  }

  /** A branch that is the present one up to here and goes on with other draws. @throws DebugError */
  async redraw(seed: string): Promise<Branch> {
    const { step } = this;
    const now = await this.glance(({ run: { record }, nowNs: atNs, isOver }) => {
      return isOver ? undefined : { decided: record.filtered(() => true), atNs };
    });
    if (now === undefined)
      throw new DebugError('over', `after step ${step} nothing is left to draw`);
    const { changes, redrawn } = this.turnsSoFar();
    const before = redrawn.filter((each) => each.step < step);
    return this.branchOff({ changes, redrawn: [...before, { step, seed, ...now }] });
  }

  /** Goes on in another branch, at the same step or its last one. @throws DebugError */
  async switchTo(number: number): Promise<Branch> {
    const branch = this.branches[number];
    if (branch === undefined) {
      const last = this.branches.length - 1;
      const known = last === 0 ? 'there is only 0, the run as it was' : `there are 0 to ${last}`;
      throw new DebugError('no-such', `there is no branch ${number}; ${known}`);
    }
    await this.close();
    this.arrivals.clear();
    this.current = branch;
    this.route = this.routeOf(branch);
    this.step = Math.min(this.step, branch.course.steps);
    return branch;
  }

  /** Ends the world that is on its way. */
  async close(): Promise<void> {
    if (this.passage === undefined) return;
    await inSlices(() => this.leave(), { ...this.pace, stopped: () => false });
  }

  private async branchOff(turns: Turns): Promise<Branch> {
    await this.close();
    const course = await this.routeOf(turns).survey(this.pace);
    this.branches.push({ number: this.branches.length, ...turns, course });
    return this.switchTo(this.branches.length - 1);
  }

  private routeOf({ changes, redrawn }: Turns): Route {
    return new Route({ ...this.options, changes, redrawn: redrawn.at(-1) });
  }

  /** Of the present branch, up to here. */
  private turnsSoFar(): Turns {
    const isPast = ({ step }: { readonly step: number }): boolean => step <= this.step;
    const { changes, redrawn } = this.current;
    return { changes: changes.filter(isPast), redrawn: redrawn.filter(isPast) };
  }

  private checkStep(step: number): void {
    const { first, steps } = this.course;
    if (Number.isInteger(step) && step >= first && step <= steps) return;
    const there = `the run has steps ${first} to ${steps}`;
    throw new DebugError('no-such', `there is no step ${step}: ${there}`);
  }

  /** What `work` returns when it is called after this step, which is noted with those near when `told`. */
  private async at<Result>(
    step: number,
    work: (passage: Passage) => Result,
    how: 'told' | 'quiet' = 'quiet',
  ): Promise<Result> {
    const told = new Told();
    const { hear } = told;
    const quietUntil = how === 'quiet' ? Infinity : step - LISTENED;
    let result: { readonly of: Result } | undefined;
    const visit = (passage: Passage): void => {
      if (passage.step === quietUntil) passage.listen(hear);
      if (how === 'told' && passage.step > step - NEAR) this.note(passage, told.of(passage.step));
      if (passage.step !== step) return;
      this.checkSame(passage);
      result = { of: work(passage) };
    };
    const travel = (): boolean => {
      const isThere = this.passage?.step === step && how === 'quiet';
      if (this.passage !== undefined && this.passage.step >= step && !isThere) this.leave();
      this.passage ??= this.route.begin(quietUntil <= 0 ? hear : undefined);
      const { passage } = this;
      if (isThere) {
        visit(passage);
        return true;
      }
      passage.visit = visit;
      if (passage.step >= quietUntil) passage.listen(hear);
      const isOver = passage.towards(step, SHARE_STEPS);
      passage.listen(undefined);
      return isOver;
    };
    const end = await inSlices(travel, this.pace).catch(async (error: unknown) => {
      await this.close();
      throw error;
    });
    if (end === 'hung') this.passage = undefined;
    // What is left of the turn may hang, or the time be up: it does not matter any more.
    if (result !== undefined) return result.of;
    await this.close();
    if (end === 'done') throw diverged();
    throw end === 'stopped' ? stopped() : hung(step, this.pace);
  }

  private note(passage: Passage, said: readonly Said[]): void {
    const { course } = this;
    const { step, digest } = passage;
    if (step > course.steps || !course.isAt(passage)) return;
    this.arrivals.set(step, { ...placeIn(course, step, said), digest });
  }

  private leave(): true {
    this.passage?.close();
    this.passage = undefined;
    return true;
  }

  /** The run made again is the run that was surveyed. */
  private checkSame(passage: Passage): void {
    const { course } = this;
    const { chunks } = course;
    const same = passage.run.chunks.every((lane, at) => lane === chunks[at]);
    if (!same || !course.isAt(passage)) throw diverged();
  }
}

/** So many steps before one that is gone to are noted on the way, and forgotten further away. */
const NEAR = 1_000;

/** What is told of the step that runs. */
class Told {
  private step = 0;
  private said: Said[] = [];

  readonly hear = ({ step, kind, node, text }: RunEvent): void => {
    if (step !== this.step) this.said = [];
    this.step = step;
    this.said.push({ kind, node, text });
  };

  of(step: number): readonly Said[] {
    return step === this.step ? [...this.said] : [];
  }
}

/** What a course knows of a step, with what is told of it. */
export function placeIn(course: Course, step: number, said: readonly Said[]): Place {
  return {
    step,
    atMs: course.atMs(step),
    actor: course.actor(step),
    site: course.site(step),
    cause: course.cause(step),
    said,
  };
}

function diverged(): DebugError {
  const what = 'made again, the run became another: something in it does not come from the seed';
  return new DebugError('diverged', `${what} (groundhog replay --twice says more)`);
}
