/** The causal chain of a step: who made it, who made that one, and so on to the start of the run. */
import { type Journey, type Place, placeIn } from './journey.ts';
import { tidingsOf } from './tidings.ts';

export interface Chain {
  /** From the step asked about back; the first step of the run where all of them are shown. */
  readonly links: readonly Place[];
  /** Links before those. */
  readonly more: number;
}

/** The chain of a step that the run has. @throws DebugError */
export async function why(journey: Journey, step: number, linksMax: number): Promise<Chain> {
  const { course } = journey;
  const steps: number[] = [];
  let more = 0;
  for (let at = step; at >= 1; at = course.cause(at)) {
    if (steps.length < linksMax) steps.push(at);
    else more++;
  }
  const said = await tidingsOf((visit, onEvent) => journey.scout(visit, onEvent), steps);
  return { links: steps.map((at) => placeIn(course, at, said.get(at) ?? [])), more };
}
