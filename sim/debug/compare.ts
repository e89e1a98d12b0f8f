/**
 * This run beside that of another seed. A step's identity does not contain the seed, so the same step
 * of both runs is known as the same, whenever it runs.
 */
import type { RunResult } from '../trace/run.ts';
import type { Course } from './course.ts';
import { type Journey, type Place, placeIn } from './journey.ts';
import { tidingsOf, type Walk } from './tidings.ts';

export interface Difference {
  readonly here: Side;
  readonly there: Side;
  /** Steps that both runs take, at whatever moment. */
  readonly shared: number;
  /** Up to this step they take the same steps in the same order. */
  readonly sameUpTo: number;
}

export interface Side {
  readonly result: RunResult;
  readonly steps: number;
  /** Steps that the other run does not take. */
  readonly own: number;
  /** Its first step that is another than the other's. */
  readonly parts: Place | undefined;
  /** Its first step that the other never takes. */
  readonly firstOwn: Place | undefined;
}

/** @throws DebugError */
export async function compareWith(journey: Journey, seed: string): Promise<Difference> {
  const { course: here, pace } = journey;
  const other = await journey.elsewhere(seed);
  const there = await other.survey(pace);
  const ids = { here: identitiesOf(here), there: identitiesOf(there) };
  let sameUpTo = 0;
  const steps = Math.min(here.steps, there.steps);
  while (sameUpTo < steps && here.identity(sameUpTo + 1) === there.identity(sameUpTo + 1)) {
    sameUpTo++;
  }
  const ownHere = ownSteps(here, ids.there);
  const ownThere = ownSteps(there, ids.here);
  const side = async (course: Course, walk: Walk, own: Own): Promise<Side> => {
    const parts = sameUpTo < course.steps ? sameUpTo + 1 : undefined;
    const wanted = [parts, own.first].filter((step) => step !== undefined);
    const said = await tidingsOf(walk, wanted);
    const place = (step: number | undefined): Place | undefined =>
      step === undefined ? undefined : placeIn(course, step, said.get(step) ?? []);
    const { result, steps } = course;
    return { result, steps, own: own.count, parts: place(parts), firstOwn: place(own.first) };
  };
  return {
    here: await side(here, (visit, hear) => journey.scout(visit, hear), ownHere),
    there: await side(there, (visit, hear) => other.walk(visit, pace, hear), ownThere),
    shared: here.steps - ownHere.count,
    sameUpTo,
  };
}

interface Own {
  readonly count: number;
  readonly first: number | undefined;
}

function identitiesOf(course: Course): ReadonlySet<number> {
  const identities = new Set<number>();
  for (let step = 1; step <= course.steps; step++) identities.add(course.identity(step));
  return identities;
}

function ownSteps(course: Course, others: ReadonlySet<number>): Own {
  let count = 0;
  let first: number | undefined;
  for (let step = 1; step <= course.steps; step++) {
    if (others.has(course.identity(step))) continue;
    count++;
    first ??= step;
  }
  return { count, first };
}
