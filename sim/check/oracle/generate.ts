// Random histories: clients that call a real object at random moments, and then, perhaps, a lie.

import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import type { Call, Model } from '../linear/model.ts';
import { keyOf } from '../plain.ts';
import type { Random } from './random.ts';

export interface Shape {
  readonly clients: number;
  readonly operations: number;
  /** One operation in so many stays unknown; 0 for none. */
  readonly unknownOneIn: number;
}

/** The next call of a client; `ordinal` differs for every call of the history. */
export type NextCall = (random: Random, ordinal: number) => { name: string; input: Plain };

/**
 * A linearizable history of `model`: each operation takes effect at a random moment between call
 * and return, an unknown one perhaps never. Times are event numbers.
 */
export function generate<State>(
  model: Model<State>,
  next: NextCall,
  shape: Shape,
  random: Random,
): History {
  const operations: { -readonly [K in keyof Operation]: Operation[K] }[] = [];
  const states = new Map<unknown, State>();
  interface Open {
    readonly operation: (typeof operations)[number];
    applied: boolean;
  }
  const open: (Open | undefined)[] = new Array(shape.clients).fill(undefined);
  const incarnation = new Int32Array(shape.clients);
  let now = 0;

  const apply = (operation: Call): Plain | undefined => {
    const object = model.object === undefined ? undefined : keyOf(model.object(operation));
    const before = states.get(object) ?? model.initial;
    const step = model.step(before, { ...operation, output: undefined }, () => undefined);
    if ('refused' in step) return undefined;
    states.set(object, step.state);
    return step.output ?? null;
  };

  for (let left = shape.operations; left > 0 || open.some((entry) => entry !== undefined); ) {
    const client = random.below(shape.clients);
    const entry = open[client];
    if (entry === undefined) {
      if (left === 0) continue;
      const call = next(random, shape.operations - left);
      left--;
      const operation: (typeof operations)[number] = {
        process: `client-${client}${incarnation[client]! > 0 ? `.${incarnation[client]}` : ''}`,
        ...call,
        outcome: 'unknown',
        output: undefined,
        called: now++,
        returned: Number.POSITIVE_INFINITY,
      };
      operations.push(operation);
      open[client] = { operation, applied: false };
      continue;
    }
    const { operation } = entry;
    if (!entry.applied) {
      if (shape.unknownOneIn > 0 && random.oneIn(shape.unknownOneIn)) {
        if (random.oneIn(2)) apply(operation);
        incarnation[client]!++;
        open[client] = undefined;
        continue;
      }
      const output = apply(operation);
      if (output === undefined) {
        operation.outcome = 'fail';
        operation.returned = now++;
        open[client] = undefined;
        continue;
      }
      operation.output = output;
      entry.applied = true;
      continue;
    }
    operation.outcome = 'ok';
    operation.returned = now++;
    open[client] = undefined;
  }
  return operations;
}

/** The history with one answer exchanged for another answer of the same kind, if there is one. */
export function withOneLie(history: History, random: Random): History {
  const answered = history.flatMap(({ outcome, output }, i) =>
    outcome === 'ok' && output !== undefined ? [i] : [],
  );
  if (answered.length === 0) return history;
  const liar = random.pick(answered);
  const alike = answered.filter((i) => history[i]!.name === history[liar]!.name);
  const output = history[random.pick(alike)]!.output;
  return history.map((operation, i) => (i === liar ? { ...operation, output } : operation));
}
