// The oracle of the differential tests: tries every order, with nothing clever in it.

import type { History, Operation } from '../history.ts';
import type { Model } from '../linear/model.ts';
import { samePlain } from '../plain.ts';

/** Whether some order of all `ok` and some `unknown` operations is legal. Exponential. */
export function linearizableByBruteForce<State>(history: History, model: Model<State>): boolean {
  const operations = history.filter(({ outcome }) => outcome !== 'fail');
  return extend(operations, model, initialStates(model));
}

/** The state of each object, by its printed name; a model without objects has one. */
type States<State> = Readonly<Record<string, State>> & { readonly initial: State };

function initialStates<State>(model: Model<State>): States<State> {
  return { initial: model.initial } as States<State>;
}

function extend<State>(
  left: readonly Operation[],
  model: Model<State>,
  states: States<State>,
): boolean {
  if (left.every(({ outcome }) => outcome === 'unknown')) return true;
  return left.some((next) => {
    const others = left.filter((other) => other !== next);
    if (others.some((other) => isBefore(other, next))) return false;
    const object =
      model.object === undefined ? 'only' : `object ${JSON.stringify(model.object(next))}`;
    const step = model.step(states[object] ?? states.initial, next, () => undefined);
    if ('refused' in step) return false;
    const answered =
      next.outcome === 'ok' && next.output !== undefined && step.output !== undefined;
    if (answered && !samePlain(next.output!, step.output!)) return false;
    return extend(others, model, { ...states, [object]: step.state });
  });
}

function isBefore(a: Operation, b: Operation): boolean {
  return a.outcome === 'ok' && a.returned < b.called;
}
