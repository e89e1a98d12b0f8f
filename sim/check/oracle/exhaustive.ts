// The oracle of the differential tests: tries every order, with nothing clever in it.

import type { History, Operation } from '../history.ts';
import type { Model } from '../linear/model.ts';
import { samePlain } from '../plain.ts';

/** Whether some order of all `ok` and some `unknown` operations is legal. Exponential. */
export function linearizableByBruteForce<State>(history: History, model: Model<State>): boolean {
  const operations = history.filter(({ outcome }) => outcome !== 'fail');
  return extend(operations, model, initialStates(model), returnedBefore);
}

/** Whether some such order keeps the order of each session; time does not count. */
export function sequentialByBruteForce<State>(history: History, model: Model<State>): boolean {
  const operations = history.filter(({ outcome }) => outcome !== 'fail');
  const before = (a: Operation, b: Operation) =>
    a.outcome === 'ok' && a.process === b.process && operations.indexOf(a) < operations.indexOf(b);
  return extend(operations, model, initialStates(model), before);
}

type Before = (a: Operation, b: Operation) => boolean;

/** The state of each object, by its printed name; a model without objects has one. */
type States<State> = Readonly<Record<string, State>> & { readonly initial: State };

function initialStates<State>(model: Model<State>): States<State> {
  return { initial: model.initial } as States<State>;
}

function extend<State>(
  left: readonly Operation[],
  model: Model<State>,
  states: States<State>,
  before: Before,
): boolean {
  if (left.every(({ outcome }) => outcome === 'unknown')) return true;
  return left.some((next) => {
    const others = left.filter((other) => other !== next);
    if (others.some((other) => before(other, next))) return false;
    const object =
      model.object === undefined ? 'only' : `object ${JSON.stringify(model.object(next))}`;
    const step = model.step(states[object] ?? states.initial, next, () => undefined);
    if ('refused' in step) return false;
    const answered =
      next.outcome === 'ok' && next.output !== undefined && step.output !== undefined;
    if (answered && !samePlain(next.output!, step.output!)) return false;
    return extend(others, model, { ...states, [object]: step.state }, before);
  });
}

function returnedBefore(a: Operation, b: Operation): boolean {
  return a.outcome === 'ok' && a.returned < b.called;
}
