import { type Key, keyOf } from '../plain.ts';
import type { Model } from './model.ts';
import { describe, identify } from './state.ts';

/** The state of each object that was touched. */
type States<State> = ReadonlyMap<Key, State>;

/**
 * All the objects of a model as one. Decides the same histories, with far more work: it is there
 * to compare with checkers that do not partition, and to show that partitioning is sound.
 */
export function whole<State>(model: Model<State>): Model<States<State>> {
  const { object, objects, shortcut, ...alone } = model;
  if (object === undefined)
    return (objects === undefined ? model : alone) as Model as Model<States<State>>;
  const { name, operations, readOnly, perProcess, fault } = model;
  const list = (words: (model: Model, state: unknown) => Key | symbol) => (states: States<State>) =>
    [...states]
      .map(([key, state]) => `${String(key)}: ${String(words(model, state))}`)
      .sort()
      .join(', ');
  return {
    name,
    initial: new Map(),
    ...(operations && { operations }),
    ...(readOnly && { readOnly }),
    ...(perProcess && { perProcess }),
    ...(fault && { fault }),
    identity: list(identify),
    describe: list(describe),
    step(states, call, spend) {
      const key = keyOf(object(call));
      const step = model.step(states.get(key) ?? model.initial, call, spend);
      return 'refused' in step ? step : { ...step, state: new Map(states).set(key, step.state) };
    },
  };
}
