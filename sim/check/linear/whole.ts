import { grouped } from '../grouped.ts';
import { type Key, keyOf } from '../plain.ts';
import type { Abstraction, Call, Model } from './model.ts';
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
  const { name, operations, readOnly, perProcess, fault, abstraction } = model;
  const list = (words: (model: Model, state: unknown) => Key | symbol) => (states: States<State>) =>
    [...states]
      .map(([key, state]) => `${String(key)}: ${String(words(model, state))}`)
      .sort()
      .join(', ');
  /** Long states are told apart by short numbers. */
  const numbers = new Map<Key | symbol, number>();
  const numberOf = (of: Model, state: unknown) => {
    const key = identify(of, state);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return String(number);
  };
  return {
    name,
    initial: new Map(),
    ...(operations && { operations }),
    ...(readOnly && { readOnly }),
    ...(perProcess && { perProcess }),
    ...(fault && { fault }),
    ...(abstraction && { abstraction: (calls) => abstractEach(object, abstraction, calls) }),
    identity: list(numberOf),
    describe: list(describe),
    step(states, call, spend) {
      const key = keyOf(object(call));
      const step = model.step(states.get(key) ?? model.initial, call, spend);
      return 'refused' in step ? step : { ...step, state: new Map(states).set(key, step.state) };
    },
  };
}

/** Each object by what is asked of it alone. */
function abstractEach<State>(
  object: NonNullable<Model['object']>,
  abstraction: NonNullable<Model<State>['abstraction']>,
  calls: readonly Call[],
): Abstraction<States<State>> {
  const callsOf = grouped(calls, (call) => keyOf(object(call)));
  const of = new Map([...callsOf].map(([key, some]) => [key, abstraction(some)]));
  return {
    represent: (states) =>
      new Map([...states].map(([key, state]) => [key, of.get(key)!.represent(state)])),
  };
}
