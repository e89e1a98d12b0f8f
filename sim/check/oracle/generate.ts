// Random histories: clients that call a real object at random moments, and then, perhaps, a lie.

import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { legalStep } from '../linear/machine.ts';
import type { Call, Model } from '../linear/model.ts';
import { keyOf } from '../plain.ts';
import type { Random } from './random.ts';

export interface Shape {
  readonly clients: number;
  readonly operations: number;
  /** One operation in so many stays unknown; 0 for none. */
  readonly unknownOneIn: number;
}

export interface Client {
  /** The next call; `ordinal` differs for every call of the history. */
  next(random: Random, ordinal: number): { readonly name: string; readonly input: Plain };
  /**
   * The answers to try when the model leaves the answer open; the first legal one is given.
   * Omitted: null. `effects` differs for every operation and ascends in the order of effect.
   */
  answers?(call: Call, effects: number): readonly (Plain | undefined)[];
}

type Draft = { -readonly [K in keyof Operation]: Operation[K] };

/**
 * A linearizable history of `model`: each operation takes effect at a random moment between call
 * and return, an unknown one perhaps never, and fails where the model refuses it. Times are event
 * numbers.
 */
export function generate<State>(
  model: Model<State>,
  client: Client,
  shape: Shape,
  random: Random,
): History {
  const operations: Draft[] = [];
  const object = new LiveObject(model, client);
  const open: (Draft | undefined)[] = new Array(shape.clients).fill(undefined);
  const applied = new Set<Draft>();
  let now = 0;
  let busy = 0;
  const end = (at: number, outcome: Operation['outcome']) => {
    open[at]!.outcome = outcome;
    if (outcome !== 'unknown') open[at]!.returned = now++;
    open[at] = undefined;
    busy--;
  };

  while (operations.length < shape.operations || busy > 0) {
    const at = random.below(shape.clients);
    const operation = open[at];
    if (operation === undefined) {
      if (operations.length === shape.operations) continue;
      const draft: Draft = {
        process: `client-${at}`,
        ...client.next(random, operations.length),
        outcome: 'unknown',
        output: undefined,
        called: now++,
        returned: Number.POSITIVE_INFINITY,
      };
      operations.push(draft);
      open[at] = draft;
      busy++;
    } else if (applied.has(operation)) {
      end(at, 'ok');
    } else if (shape.unknownOneIn > 0 && random.oneIn(shape.unknownOneIn)) {
      if (random.oneIn(2)) object.apply(operation);
      end(at, 'unknown');
    } else {
      const output = object.apply(operation);
      if (output === undefined) end(at, 'fail');
      else {
        operation.output = output;
        applied.add(operation);
      }
    }
  }
  return operations;
}

/** A model that is run instead of checked. */
class LiveObject<State> {
  readonly #model: Model<State>;
  readonly #client: Client;
  readonly #states = new Map<unknown, State>();
  #effects = 0;

  constructor(model: Model<State>, client: Client) {
    this.#model = model;
    this.#client = client;
  }

  /** The answer; `undefined` when the call is refused. */
  apply(call: Call): Plain | undefined {
    const object = this.#model.object === undefined ? 0 : keyOf(this.#model.object(call));
    const before = this.#states.has(object) ? this.#states.get(object)! : this.#model.initial;
    const answers = this.#client.answers?.(call, this.#effects) ?? [undefined];
    for (const output of answers) {
      const step = legalStep(
        { ...call, output },
        this.#model.step(before, { ...call, output }, free),
      );
      if (step === undefined) continue;
      this.#states.set(object, step.state);
      this.#effects++;
      return step.output ?? output ?? null;
    }
    return undefined;
  }
}

function free(): void {}

/**
 * The same history as other recorders would tell it: by a coarse clock, so that calls and returns
 * fall together, and with returns of operations whose answer is known missing. Whoever was not seen
 * to return goes on under another name.
 */
export function toldByOtherClocks(history: History, random: Random): History {
  const tick = random.pick([1, 1, 2, 3, 5]);
  const lostOneIn = random.pick([0, 0, 3]);
  const names = new Map<string, string>();
  return history.map((operation) => {
    const { process, called, returned, outcome } = operation;
    const name = names.get(process) ?? process;
    const isLost = outcome === 'ok' && lostOneIn > 0 && random.oneIn(lostOneIn);
    if (isLost) names.set(process, `${name}'`);
    return {
      ...operation,
      process: name,
      called: Math.floor(called / tick),
      returned: isLost ? Infinity : Math.floor(returned / tick),
    };
  });
}

/**
 * The history with up to `lies` things in it changed: an answer exchanged for that of another
 * operation of the same name, a failure told as success, or a call told later than it was. It may
 * be linearizable all the same.
 */
export function withLies(
  history: History,
  model: Model<never>,
  lies: number,
  random: Random,
): History {
  let told = history;
  for (let i = 0; i < lies; i++) {
    const next = withOneLie(told, random);
    if (next.every((operation) => model.fault?.(operation) === undefined)) told = next;
  }
  return told;
}

function withOneLie(history: History, random: Random): History {
  const lie = random.pick(['answer', 'success', 'call'] as const);
  const liars = history.flatMap(({ outcome }, i) =>
    outcome === (lie === 'success' ? 'fail' : 'ok') ? [i] : [],
  );
  if (liars.length === 0) return history;
  const liar = random.pick(liars);
  const truth = history[liar]!;
  const others = history.filter(({ name, outcome }) => name === truth.name && outcome === 'ok');
  const changed: Partial<Operation> =
    lie === 'call'
      ? { called: truth.returned - 0.5 }
      : { outcome: 'ok', output: others.length === 0 ? null : random.pick(others).output };
  return history
    .map((operation, i) => (i === liar ? { ...operation, ...changed } : operation))
    .sort((a, b) => a.called - b.called);
}
