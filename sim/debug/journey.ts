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
import type { World } from '../node/world.ts';
import type { RunEvent } from '../trace/event.ts';
import type { Course } from './course.ts';
import { DebugError } from './debug-error.ts';
import { evaluateOn } from './look.ts';
import { inSlices, type Pace } from './pace.ts';
import type { Change, Passage } from './passage.ts';
import { hung, Route, type RouteOptions, SHARE_STEPS, stopped } from './route.ts';
import { LISTENED, type Said } from './tidings.ts';

/** A step of the run, and what is told of it. */
export interface Place {
  readonly step: number;
  readonly atMs: number;
  /** Who runs it: a node, a link as `from>to`, a thread, `faults`, `world`. */
  readonly actor: string;
  readonly site: string;
  /** The step that made it; 0 for the first. */
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
  readonly course: Course;
}

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

  private constructor(options: Omit<RouteOptions, 'changes'>, pace: Pace) {
    this.options = options;
    this.pace = pace;
  }

  /** Stands at the step that failed, or at the last one. @throws DebugError when stopped */
  static async open(options: Omit<RouteOptions, 'changes'>, pace: Pace): Promise<Journey> {
    const journey = new Journey(options, pace);
    await journey.branchOff([]);
    const { result, steps } = journey.course;
    journey.step = Math.min(steps, Math.max(1, result.failure?.step ?? steps));
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
    const said: Said[] = [];
    const digest = await this.at(step, ({ world }) => world.kernel.digest.hex(), said);
    this.step = step;
    return { ...placeIn(this.course, step, said), digest };
  }

  /** Where it stands. @throws DebugError */
  here(): Promise<Arrival> {
    return this.goto(this.step);
  }

  /** Looks at the world as it is after the present step. What `work` does to it is lost. */
  async look<Result>(work: (world: World) => Result): Promise<Result> {
    try {
      return await this.at(this.step, ({ world }) => work(world));
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
    const refused = await this.look((world) => refusal(world, change));
    if (refused !== undefined) throw new DebugError('over', `after step ${step} ${refused}`);
    const before = this.current.changes.filter(({ step }) => step <= this.step);
    return this.branchOff([...before, change]);
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
    this.current = branch;
    this.route = new Route({ ...this.options, changes: branch.changes });
    this.step = Math.min(this.step, branch.course.steps);
    return branch;
  }

  /** Ends the world that is on its way. */
  async close(): Promise<void> {
    if (this.passage === undefined) return;
    await inSlices(() => this.leave(), { ...this.pace, stopped: () => false });
  }

  private async branchOff(changes: readonly Change[]): Promise<Branch> {
    await this.close();
    const course = await new Route({ ...this.options, changes }).survey(this.pace);
    this.branches.push({ number: this.branches.length, changes, course });
    return this.switchTo(this.branches.length - 1);
  }

  private checkStep(step: number): void {
    const { steps } = this.course;
    if (Number.isInteger(step) && step >= 1 && step <= steps) return;
    throw new DebugError('no-such', `there is no step ${step}: the run has steps 1 to ${steps}`);
  }

  /** What `work` returns when it is called after this step; `said` gets what is told of the step. */
  private async at<Result>(
    step: number,
    work: (passage: Passage) => Result,
    said?: Said[],
  ): Promise<Result> {
    const hear = ({ step: at, kind, node, text }: RunEvent): void => {
      if (at === step) said?.push({ kind, node, text });
    };
    const quietUntil = said === undefined ? Infinity : step - LISTENED;
    let result: { readonly of: Result } | undefined;
    const visit = (passage: Passage): void => {
      const { kernel } = passage.world;
      if (kernel.steps === quietUntil) kernel.listener = hear;
      if (kernel.steps !== step) return;
      kernel.listener = undefined;
      this.checkSame(passage);
      result = { of: work(passage) };
    };
    const travel = (): boolean => {
      const isThere = this.passage?.step === step && said === undefined;
      if (this.passage !== undefined && this.passage.step >= step && !isThere) this.leave();
      this.passage ??= this.route.begin(quietUntil <= 0 ? hear : undefined);
      const { passage } = this;
      if (isThere) {
        visit(passage);
        return true;
      }
      passage.visit = visit;
      if (passage.step >= quietUntil) passage.world.kernel.listener = hear;
      return passage.towards(step, SHARE_STEPS);
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

  private leave(): true {
    this.passage?.close();
    this.passage = undefined;
    return true;
  }

  /** The run made again is the run that was surveyed. */
  private checkSame({ run, world }: Passage): void {
    const { course } = this;
    const { chunks } = course;
    const same = run.chunks.every((lane, at) => lane === chunks[at]);
    if (!same || !course.isAt(world.kernel)) throw diverged();
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

/** Why a change cannot be made to this world; tries it. */
function refusal(world: World, change: Change): string | undefined {
  if (world.end !== undefined) return 'the run is over: go back first';
  if (change.is === 'fault') return undefined;
  const { node, code } = change;
  const { is, text } = evaluateOn(world, node, code);
  if (is === 'thrown') return `that throws ${text}`;
  return world.node(node)?.alive
    ? undefined
    : `${node} has ended: what is changed there is not seen`;
}

function diverged(): DebugError {
  const what = 'made again, the run became another: something in it does not come from the seed';
  return new DebugError('diverged', `${what} (groundhog replay --twice says more)`);
}
