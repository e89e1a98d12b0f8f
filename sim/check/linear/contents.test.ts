import { describe, expect, test } from 'vitest';
import type { Plain } from '../../env/net.ts';
import { Random } from '../oracle/random.ts';
import type { Model } from './model.ts';
import { queue, stack } from './queue.ts';

const MODELS: readonly (readonly [
  name: string,
  model: Model<never>,
  put: string,
  take: string,
  taken: (values: readonly Plain[]) => readonly [Plain, readonly Plain[]],
])[] = [
  [
    'queue',
    queue() as Model as Model<never>,
    'enqueue',
    'dequeue',
    ([first = null, ...rest]) => [first, rest],
  ],
  [
    'stack',
    stack() as Model as Model<never>,
    'push',
    'pop',
    (values) => [values.at(-1) ?? null, values.slice(0, -1)],
  ],
];

describe.each(MODELS)('the contents of a %s', (_, model, put, take, taken) => {
  // 2,000 steps from any state that was met before, so that states share what they hold.
  test('are those of a list, and the same ones whatever way led to them', () => {
    const random = new Random(1);
    const { represent } = model.abstraction!([]);
    const met: { state: never; values: readonly Plain[] }[] = [
      { state: represent(model.initial), values: [] },
    ];
    const numbers = new Map<string, unknown>();
    for (let i = 0; i < 2000; i++) {
      const { state, values } = random.pick(met.slice(-50));
      const isPut = random.oneIn(2);
      const input = isPut ? random.pick<Plain>([1, 2, 'a', { b: 1 }, [0.5]]) : null;
      const call = { process: 'a', name: isPut ? put : take, input, output: undefined };
      const step = model.step(state, call, () => undefined);
      if ('refused' in step) throw new Error(step.refused);
      const [output, rest] = isPut ? [undefined, [...values, input]] : taken(values);
      expect(step.output).toEqual(output);
      const next = represent(step.state);
      const told = model.describe!(next);
      expect(told).toBe(model.describe!(step.state));
      expect(JSON.parse(told)).toEqual(rest);
      const number = model.identity!(next);
      expect(numbers.get(told) ?? number).toBe(number);
      numbers.set(told, number);
      met.push({ state: next, values: rest });
    }
    expect(new Set(numbers.values()).size).toBe(numbers.size);
    expect(numbers.size).toBeGreaterThan(500);
  });
});
