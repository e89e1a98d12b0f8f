import { describe, expect, test } from 'vitest';
import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { sequential } from '../session/sequential.ts';
import { linearizable } from './linearizable.ts';
import type { Model } from './model.ts';

/** One operation after the other. */
function history(...operations: readonly (readonly [string, Plain, Plain])[]): History {
  return operations.map(([name, input, output], i): Operation => {
    return { process: 'a', name, input, outcome: 'ok', output, called: 2 * i, returned: 2 * i + 1 };
  });
}

/** A set of small numbers, kept in whatever they like. */
function ownSet<State>(
  initial: State,
  add: (state: State, element: number) => State,
  has: (state: State, element: number) => boolean,
): Model<State> {
  return {
    name: 'own-set',
    initial,
    step: (state, { name, input }) =>
      name === 'add'
        ? { state: add(state, input as number) }
        : { state, output: has(state, input as number) },
  };
}

const right = history(['add', 1, null], ['add', 2, null], ['has', 1, true], ['has', 3, false]);
const wrong = history(['add', 1, null], ['has', 2, true]);

class Secret {
  readonly #bits: number;
  constructor(bits: number) {
    this.#bits = bits;
  }
  with(bit: number): Secret {
    return new Secret(this.#bits | (1 << bit));
  }
  has(bit: number): boolean {
    return ((this.#bits >> bit) & 1) === 1;
  }
  get bits(): number {
    return this.#bits;
  }
}

const secrets = ownSet(
  new Secret(0),
  (state, element) => state.with(element),
  (state, element) => state.has(element),
);

const MODELS: readonly (readonly [string, Model<never>])[] = [
  [
    'a Set',
    ownSet(
      new Set<number>(),
      (state, element) => new Set(state).add(element),
      (state, element) => state.has(element),
    ) as Model as Model<never>,
  ],
  [
    'a Map in a record',
    ownSet(
      { of: new Map<number, { there: boolean }>() },
      ({ of }, element) => ({ of: new Map(of).set(element, { there: true }) }),
      ({ of }, element) => of.get(element)?.there === true,
    ) as Model as Model<never>,
  ],
  [
    'a bigint',
    ownSet(
      0n,
      (state, element) => state | (1n << BigInt(element)),
      (state, element) => ((state >> BigInt(element)) & 1n) === 1n,
    ) as Model as Model<never>,
  ],
  [
    'a list with holes and NaN',
    ownSet<readonly (number | undefined)[]>(
      [],
      (state, element) => [...state, Number.NaN, undefined, element],
      (state, element) => state.includes(element),
    ) as Model as Model<never>,
  ],
  [
    'an object of a class, with its own identity',
    { ...secrets, identity: ({ bits }: Secret) => bits } as Model as Model<never>,
  ],
];

describe.each(MODELS)('a state that is %s', (_, model) => {
  test.each([linearizable, sequential])('is told from others by %o', (check) => {
    expect(check(right, model).verdict).toBe('valid');
    expect(check(wrong, model).verdict).toBe('invalid');
  });
});

test.each([linearizable, sequential])('%o refuses states that it cannot look into', (check) => {
  expect(() => check(right, secrets)).toThrowError(
    expect.objectContaining({
      code: 'bad-model',
      message:
        'the model own-set needs identity(state): its state is an instance of Secret, or holds one, and these cannot be told apart from outside',
    }),
  );
});
