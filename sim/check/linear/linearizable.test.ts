import { describe, expect, test } from 'vitest';
import type { Plain } from '../../env/net.ts';
import type { Operation } from '../history.ts';
import { HistoryRecorder } from '../history-recorder.ts';
import { kv } from './kv.ts';
import { linearizable } from './linearizable.ts';
import type { Model } from './model.ts';
import { queue, stack } from './queue.ts';
import { casRegister, register } from './register.ts';
import { set } from './set.ts';

/** `op('a', 'read', null, 1, [2, 4])`; without an end the outcome is unknown. */
function op(
  process: string,
  name: string,
  input: Plain,
  output: Plain | undefined,
  [called, returned = Number.POSITIVE_INFINITY]: readonly [number, number?],
): Operation {
  const outcome = returned === Number.POSITIVE_INFINITY ? 'unknown' : 'ok';
  return { process, name, input, outcome, output, called, returned };
}

const write = (process: string, value: Plain, at: readonly [number, number?]) =>
  op(process, 'write', value, undefined, at);
const read = (process: string, value: Plain, at: readonly [number, number?]) =>
  op(process, 'read', null, value, at);

test.each([
  [
    'a return before the call',
    [write('a', 1, [5, 3])],
    'impossible history: write by a returns before it is called',
  ],
  [
    'two open calls',
    [write('a', 1, [0, 5]), write('a', 2, [3, 8])],
    'impossible history: a calls write while its previous call is open',
  ],
])('an impossible history is refused: %s', (_, history, message) => {
  expect(() => linearizable(history, register())).toThrowError(
    expect.objectContaining({ code: 'impossible', message }),
  );
});

describe('what nobody can have put there', () => {
  // Forty concurrent calls in front, which a search would try in every order.
  const crowd = (name: string, value: (i: number) => Plain) =>
    Array.from({ length: 40 }, (_, i) => op(`p${i}`, name, value(i), undefined, [i, 100 + i]));
  const reasonOf = (history: readonly Operation[], model: Model<never>) => {
    const { verdict, reason, steps } = linearizable(history, model);
    expect(steps).toBeLessThanOrEqual(history.length);
    return `${verdict}: ${reason}`;
  };

  test.each([
    [
      'a read',
      [...crowd('cas', (i) => [i, i + 1]), op('a', 'read', null, 77, [200, 201])],
      casRegister(),
      'invalid: read() → 77 by a [200, 201] cannot be: 77 was put there by nobody',
    ],
    [
      'a compare-and-set, too early',
      [
        ...crowd('write', () => 5),
        op('a', 'cas', [8, 9], true, [200, 201]),
        op('a', 'write', 8, null, [202, 203]),
      ],
      casRegister(),
      'invalid: cas([8,9]) → true by a [200, 201] cannot be: 8 was put there by nobody until then',
    ],
    [
      'a pop',
      [
        ...crowd('push', (i) => i % 3),
        op('a', 'push', 7, null, [200, 201]),
        op('a', 'pop', null, 7, [202, 203]),
        op('a', 'pop', null, 7, [204, 205]),
      ],
      stack(),
      'invalid: pop() → 7 by a [204, 205] cannot be: 7 was taken more often than put there',
    ],
    [
      'a get',
      [
        ...crowd('put', () => ({ key: 'x', value: 1 })),
        op('a', 'get', { key: 'x' }, 2, [200, 201]),
      ],
      kv(),
      'invalid: "x": get({"key":"x"}) → 2 by a [200, 201] cannot be: 2 was put there by nobody',
    ],
  ])('is refuted without a search: %s', (_, history, model, expected) => {
    expect(reasonOf(history, model as Model<never>)).toBe(expected);
  });
});

test('memory is given up on by its size too, for sets of operations can be long', () => {
  // Operations that return far apart make long sets; a hundred configurations fit in 800 words.
  const writes = Array.from({ length: 2000 }, (_, i) =>
    op(`p${i}`, 'write', i % 7, undefined, [0, 10 + ((i * 37) % 2000)]),
  );
  const history = [
    ...writes,
    op('a', 'write', 8, undefined, [3000, 3001]),
    op('a', 'read', null, 1, [3002, 3003]),
  ];
  const { verdict, reason } = linearizable(history, register(), { configurationsMax: 100 });
  expect(verdict).toBe('unknown');
  expect(Number(/with (\d+) configurations/.exec(reason)?.[1])).toBeLessThan(100);
});

test('a compare-and-set answers true or false', () => {
  const cas = (output: Plain) => [op('a', 'cas', [null, 1], output, [0, 1])];
  expect(() => linearizable(cas([null, 1]), casRegister())).toThrowError(
    'cas answers true or false, not [null,1]',
  );
  expect(linearizable(cas(true), casRegister()).verdict).toBe('valid');
});

describe('a register', () => {
  test('may be read before a concurrent write returns', () => {
    const history = [write('a', 1, [0, 10]), read('b', 0, [2, 4]), read('b', 1, [5, 7])];
    expect(linearizable(history, register({ initial: 0 })).verdict).toBe('valid');
  });

  test('does not go back to the old value once the new one was read', () => {
    const history = [write('a', 1, [0, 10]), read('b', 1, [2, 4]), read('b', 0, [5, 7])];
    expect(linearizable(history, register({ initial: 0 })).verdict).toBe('invalid');
  });

  test('an unknown write may take effect at any time, but not be taken back', () => {
    const pending = [write('a', 1, [0]), read('b', 0, [1, 2]), read('b', 1, [5, 6])];
    expect(linearizable(pending, register({ initial: 0 })).verdict).toBe('valid');
    const undone = [...pending, read('b', 0, [7, 8])];
    expect(linearizable(undone, register({ initial: 0 })).verdict).toBe('invalid');
  });

  test('an unknown write that returned a time-out may still take effect after it', () => {
    const late: Operation = { ...write('a', 1, [0]), returned: 2 };
    const history = [late, read('b', 0, [3, 4]), read('b', 1, [5, 6])];
    expect(linearizable(history, register({ initial: 0 })).verdict).toBe('valid');
  });

  test('operations that touch in one instant overlap', () => {
    const history = [write('a', 1, [0, 5]), read('b', 0, [5, 6])];
    expect(linearizable(history, register({ initial: 0 })).verdict).toBe('valid');
    const apart = [write('a', 1, [0, 5]), read('b', 0, [6, 7])];
    expect(linearizable(apart, register({ initial: 0 })).verdict).toBe('invalid');
  });

  test('a failed operation did not happen', () => {
    const failed: Operation = { ...write('a', 1, [0, 1]), outcome: 'fail' };
    expect(linearizable([failed, read('b', 1, [2, 3])], register()).verdict).toBe('invalid');
    expect(linearizable([failed, read('b', null, [2, 3])], register()).verdict).toBe('valid');
  });
});

test('a failure names the first operation that fits nowhere and says why', () => {
  const history = [
    write('a', 1, [0, 1]),
    write('b', 1, [2, 3]),
    write('a', 4, [4, 9]),
    read('b', 1, [5, 6]),
    read('c', 0, [7, 8]),
  ];
  const { reason, failure } = linearizable(history, register({ initial: 0 }));
  expect(reason).toBe(
    'read() → 0 by c [7, 8] cannot be placed: in the state 4: it would have returned 4',
  );
  expect(failure).toEqual({
    part: '',
    blamed: 4,
    orders: [
      { order: [0, 1, 3, 2], state: '4', refusal: 'it would have returned 4' },
      { order: [0, 1, 3], state: '1', refusal: 'it would have returned 1' },
    ],
  });
});

test('a history recorded by hand can be judged', () => {
  const recorder = new HistoryRecorder();
  const client = recorder.process('client');
  client.invoke('write', 3).ok();
  client.invoke('read').ok(3);
  client.invoke('write', 4).unknown('timed out');
  expect(linearizable(recorder.operations, register()).verdict).toBe('valid');
});

test('an operation that the model does not have is bad input', () => {
  expect(() => linearizable([op('a', 'push', 1, null, [0, 1])], register())).toThrowError(
    'the model register has no operation "push", only read, write, cas',
  );
  expect(() => linearizable([op('a', 'cas', 1, true, [0, 1])], casRegister())).toThrowError(
    'cas takes [expected, new], not 1',
  );
});

describe('operations whose return nobody saw, though they have happened', () => {
  const done = (process: string, name: string, input: Plain, output: Plain, called: number) => ({
    ...op(process, name, input, output, [called, called]),
    returned: Number.POSITIVE_INFINITY,
  });

  test('a value that is never dequeued is overtaken by one whose dequeue does not return', () => {
    const history = [
      op('a', 'enqueue', 2, null, [0, 0.5]),
      op('b', 'enqueue', 3, null, [1, 2]),
      done('c', 'dequeue', null, 3, 3),
    ];
    expect(linearizable(history, queue()).reason).toBe(
      'dequeue() → 3 by c [3, ∞] overtook enqueue(2) by a [0, 0.5], which was never taken',
    );
  });

  test('a queue that holds a value for ever is never found empty', () => {
    const history = [op('a', 'enqueue', 2, null, [0, 1]), done('c', 'dequeue', null, null, 2)];
    expect(linearizable(history, queue()).verdict).toBe('invalid');
  });

  test('an element that is never removed is never missed', () => {
    const history = [op('a', 'add', 2, null, [0, 1]), done('b', 'contains', 2, false, 2)];
    expect(linearizable(history, set()).verdict).toBe('invalid');
  });
});

test('operations that return together are all blamed in the same order', () => {
  const cas = (process: string, to: number, returned: number) =>
    op(process, 'cas', [null, to], true, [0, returned]);
  const { failure } = linearizable([cas('a', 5, 6), cas('b', 1, 4), cas('c', 2, 4)], casRegister());
  expect(failure?.blamed).toBe(2);
  expect(failure?.orders.map(({ refusal }) => refusal)).toEqual(['it holds 1, not null']);
});

describe('an order given by the system', () => {
  const history = [write('a', 1, [0, 3]), write('b', 2, [1, 4]), read('c', 1, [5, 6])];

  test('proves the history', () => {
    const { verdict, decidedBy } = linearizable(history, register(), { order: [1, 0, 2] });
    expect([verdict, decidedBy]).toEqual(['valid', { order: 1 }]);
  });

  test('does not accuse the history if it is wrong itself', () => {
    const { verdict, wrongOrder } = linearizable(history, register(), { order: [0, 1, 2] });
    expect(verdict).toBe('valid');
    expect(wrongOrder).toBe('read() → 1 by c [5, 6] is not legal there: it would have returned 2');
  });

  test('has to keep to time, and to hold every operation once', () => {
    const wrong = (order: number[]) => linearizable(history, register(), { order }).wrongOrder;
    expect(wrong([1, 2, 0])).toBe(
      'write(1) by a [0, 3] returned before read() → 1 by c [5, 6] was called, which it puts first',
    );
    expect(wrong([1, 0])).toBe('read() → 1 by c [5, 6] is missing from it');
    expect(wrong([1, 0, 0, 2])).toBe('write(1) by a [0, 3] is in it twice');
    expect(wrong([1, 0, 2, 3])).toBe('the history has no operation 3');
  });
});

test('the limit on steps holds inside a slow step', () => {
  const slow: Model<number> = {
    name: 'slow',
    initial: 0,
    step: (state, _, spend) => {
      for (let i = 0; i < 1e12; i++) spend(1);
      return { state };
    },
  };
  const { verdict, reason } = linearizable([write('a', 1, [0, 1])], slow, { stepsMax: 100_000 });
  expect([verdict, reason]).toEqual(['unknown', 'undecided after 100000 steps']);
});

test('a limit on steps gives the same unknown every time', () => {
  // Fourteen different concurrent writes, and then two values that cannot both be the last.
  const history = [
    ...Array.from({ length: 14 }, (_, i) => write(`w${i}`, i, [0, 10])),
    write('x', 'x', [0, 1]),
    write('y', 'x', [0, 1]),
    read('r', 0, [11, 12]),
    read('r', 1, [13, 14]),
  ];
  const first = linearizable(history, register(), { stepsMax: 1000 });
  expect(first.verdict).toBe('unknown');
  expect(first.reason).toBe('undecided after 1000 steps');
  expect(linearizable(history, register(), { stepsMax: 1000 })).toEqual(first);
  const small = linearizable(history, register(), { configurationsMax: 100 });
  expect(small.reason).toBe('undecided with 100 configurations, 1 MB with their states');
  expect(linearizable(history, register()).verdict).toBe('invalid');
});

test('the memory of long states is limited too, the same every time', () => {
  // A list of 3,000, each state of which is printed whole.
  const list: Model<readonly Plain[]> = {
    name: 'list',
    initial: [],
    step: (values, { input }) => ({ state: [...values, input] }),
  };
  const history = Array.from({ length: 3000 }, (_, i) =>
    op(`p${i % 3}`, 'push', i % 50, null, [10 * i, 10 * i + 5]),
  );
  const small = linearizable(history, list, { configurationsMax: 1000 });
  expect(small.verdict).toBe('unknown');
  expect(small.reason).toMatch(/^undecided with \d+ configurations, 5 MB with their states$/);
  expect(linearizable(history, list, { configurationsMax: 1000 })).toEqual(small);
  expect(linearizable(history, list).verdict).toBe('valid');
});
